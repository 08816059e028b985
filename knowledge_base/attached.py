"""Files that articles name, in a folder of files: where each is put, and which a page means. Pure.

A file stands beside the page of its article, in a folder of the page's name: `orders/label.en.md` has its files in
`orders/label.en/`. Articles name them by their paths, or by the ids that the store gave them.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from knowledge_base.articles import Article

ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Laid:
    """Articles that name their files by paths, and the file (by its id) that belongs at each path."""

    articles: list[Article] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def laid_out(
    articles: Iterable[Article], names: Mapping[str, str], folder_of: Callable[[Article], str]
) -> Laid:
    """Each article's files in its folder, under their own names; `names` are by id. Ids without a name stay ids."""
    laid = Laid()
    for article in articles:
        at: dict[str, str] = {}
        for key in article.attachments:
            if key in names:
                at[key] = _free(folder_of(article), names[key], laid.files)
                laid.files[at[key]] = key
        laid.articles.append(renamed(article, at))
    return laid


def _free(folder: str, name: str, taken: Mapping[str, str]) -> str:
    """A path for the file: in a folder of its own where another has its name, be it in capitals."""
    there = {path.casefold() for path in taken}
    number, path = 1, f"{folder}/{name}"
    while path.casefold() in there:
        number += 1
        path = f"{folder}/{number}/{name}"
    return path


def renamed(article: Article, names: Mapping[str, str]) -> Article:
    """The article with other names for its files; what has none stays."""
    if not article.attachments:
        return article
    return replace(article, attachments=tuple(names.get(each, each) for each in article.attachments))


def safe(key: str) -> str:
    """The key as a file may be called."""
    return re.sub(r"^\.|[^\w.-]", "-", key)


def from_root(page: str, name: str) -> str | None:
    """The path from the root that a page means by a path from its own folder; None where it leads out."""
    if ID.fullmatch(name):
        return name
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), name))
    leads_out = posixpath.isabs(name) or "\\" in name or path == ".." or path.startswith("../")
    return None if leads_out else path


def from_page(page: str, path: str) -> str:
    """What the page calls the file at this path from the root."""
    return path if ID.fullmatch(path) else posixpath.relpath(path, posixpath.dirname(page) or ".")
