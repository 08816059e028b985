"""Articles as a folder of Markdown files, one for each article and language, and as a ZIP of such a folder.

    orders/track-order.en.md        category, key and language, unless the file says otherwise
    ---
    question: Where is my order?
    phrasings: [where is my parcel, track my package]
    tags: [delivery]
    ---
    You find the tracking link in the dispatch mail.

What stands between the dashes is YAML with the fields of an article; below is the answer. A file may begin with the
answer at once: its first heading is then the question. `attachments` are paths from the page's folder, such as
track-order.en/label.pdf.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from knowledge_base.articles import Article
from knowledge_base.attached import from_page, from_root, laid_out, safe
from knowledge_base.drafts import Draft, Parsed, Problem, finish
from knowledge_base.exchange import decode
from knowledge_base.exchange_records import FIELDS, draft_of, faults_of, written

SUFFIX: Final = ".md"
MOST_FILES: Final = 10_000
MOST_BYTES: Final = 50_000_000
"""Of all files together, unpacked: a small ZIP may hold very much."""
_FRONT: Final = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_IN_FRONT: Final = tuple(name for name in FIELDS if name != "answer")
_HEADING: Final = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n+|\Z)")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NO_CATEGORY: Final = ("", ".")
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class NotAFolder(ValueError):
    """The bytes are no ZIP, or one that is not to be unpacked."""


class TooMuch(ValueError):
    """Files that make no ZIP which could be unpacked again; the text says how else they go."""


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files of a ZIP by their paths; raises NotAFolder."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            inside = [entry for entry in packed.infolist() if not entry.is_dir()]
            _check(inside)
            # No more is unpacked of an entry than it says to hold, whatever it holds.
            return {entry.filename: packed.read(entry) for entry in inside}
    except _UNREADABLE as error:
        raise NotAFolder(f"This is no ZIP that can be read ({error}): pack the folder again.") from None


def is_too_much(count: int, size: int) -> bool:
    """Whether so many files of so many bytes are more than is unpacked."""
    return count > MOST_FILES or size > MOST_BYTES


def _check(inside: Sequence[zipfile.ZipInfo]) -> None:
    """Raises NotAFolder for what is not to be unpacked."""
    if is_too_much(len(inside), sum(entry.file_size for entry in inside)):
        raise NotAFolder("The ZIP holds too much: at most 10,000 files and 50 MB in all.")
    seen: set[str] = set()
    for entry in inside:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in path.parts[0]:
            raise NotAFolder(
                f"The ZIP has a path that leads out of it, {entry.filename[:60]!r}: pack it again."
            )
        if entry.filename in seen:
            raise NotAFolder(f"The ZIP holds {entry.filename[:60]!r} twice: pack the folder again.")
        seen.add(entry.filename)


def parse_zip(data: bytes, *, default_answer: str | None = None) -> Parsed:
    """The articles of a ZIP of such a folder; one that cannot be unpacked is a problem."""
    try:
        files = unzipped(data)
    except NotAFolder as error:
        return Parsed((), (Problem(1, str(error)),))
    return parse_folder(files, default_answer=default_answer)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of the files; the same files give the same bytes. Raises TooMuch for what `unzipped` would refuse."""
    size = sum(len(content) for content in files.values())
    if is_too_much(len(files), size):
        raise TooMuch(
            f"{len(files)} files of {size / 1e6:.1f} MB are too much for a ZIP that can be imported again "
            "(at most 10,000 files and 50 MB in all): export into a folder, with 'frontdesk kb export NAME'."
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            packed.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), files[path])
    return out.getvalue()


def parse_folder(files: Mapping[str, bytes], *, default_answer: str | None = None) -> Parsed:
    """The articles of the Markdown files among these; a problem names its file, and the line in it."""
    drafts: dict[tuple[str, str], tuple[Draft, str]] = {}
    problems: list[Problem] = []
    pages = sorted(path for path in files if _is_page(path))
    for path in pages:
        draft, wrong = _page(path, files[path])
        problems += [Problem(problem.line, f"{path}: {problem.text}") for problem in wrong]
        if draft is None:
            continue
        _, earlier = drafts.setdefault((draft.key, draft.language), (draft, path))
        if earlier != path:
            problems.append(
                Problem(
                    draft.line, f"{path}: article {draft.key!r} is in {earlier} already: keep one of the two."
                )
            )
    if not pages:
        problems.append(Problem(1, "There is no .md file: put each article in one, such as returns.en.md."))
    return finish([draft for draft, _ in drafts.values()], problems, default_answer)


@dataclass(frozen=True, slots=True)
class Folder:
    """Pages by their paths, and the file (by its id) that belongs at each path beside them."""

    pages: dict[str, bytes]
    files: dict[str, str]


def render_folder(articles: Iterable[Article]) -> dict[str, bytes]:
    """A page for each article by its path; `parse_folder` gives them back equal."""
    return lay_out(articles, {}).pages


def lay_out(articles: Iterable[Article], names: Mapping[str, str]) -> Folder:
    """The same with the articles' files beside their pages; `names` are the files' own, by their ids."""
    paths = _paths(articles)
    pages = {(article.key, article.language): path for path, article in paths.items()}
    laid = laid_out(paths.values(), names, lambda each: pages[each.key, each.language].removesuffix(SUFFIX))
    written = zip(paths, laid.articles, strict=True)
    return Folder({path: _written(article, path).encode() for path, article in written}, laid.files)


def _paths(articles: Iterable[Article]) -> dict[str, Article]:
    pages: dict[str, Article] = {}
    for article in articles:
        folder = _folder_of(article.category)
        name = safe(article.key)
        path = f"{folder}{name}.{article.language}{SUFFIX}"
        number = 1
        while path in pages:  # keys that differ only in signs a file name cannot hold
            number += 1
            path = f"{folder}{name}-{number}.{article.language}{SUFFIX}"
        pages[path] = article
    return pages


def _is_page(path: str) -> bool:
    place = PurePosixPath(path)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in place.parts)
    return place.suffix.lower() == SUFFIX and place.stem.lower() != "readme" and not hidden


def _folder_of(category: str) -> str:
    parts = [re.sub(r"[^\w -]", "-", part).strip() for part in category.split("/")]
    kept = [part for part in parts if part]
    return "/".join(kept) + "/" if kept else ""


def _written(article: Article, page: str) -> str:
    front = written(article, _IN_FRONT)
    front["attachments"] = [from_page(page, name) for name in article.attachments]
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{head}---\n{article.answer}\n"


def _page(path: str, data: bytes) -> tuple[Draft | None, list[Problem]]:
    text, problem = decode(data)
    if problem is not None:
        return None, [problem]
    record, body, wrong = _record(text)
    if wrong:
        return None, wrong
    record = _implied(path) | record
    if "question" not in record and (heading := _HEADING.match(body)):
        record["question"] = heading[1]
        body = body[heading.end() :]
    record["answer"] = body.removesuffix("\n")
    if faults := faults_of(record):
        return None, [Problem(1, fault) for fault in faults]
    named = {name: from_root(path, name) for name in record.get("attachments", ())}
    if out := [name for name, inside in named.items() if inside is None]:
        return None, [
            Problem(2, f"The file {name[:60]!r} leads out of the folder: put it inside.") for name in out
        ]
    draft = draft_of(1, record)
    return replace(draft, attachments=tuple(map(str, named.values())), page=path), []


def _record(text: str) -> tuple[dict[str, Any], str, list[Problem]]:
    """What stands between the dashes, and the text below."""
    front = _FRONT.match(text)
    if front is None:
        return {}, text, []
    try:
        record = yaml.safe_load(front[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        what = getattr(error, "problem", None) or str(error)
        return (
            {},
            "",
            [Problem(line, f"This is no YAML ({what}): check indentation, and quote texts with a colon.")],
        )
    if record is None:
        record = {}
    if not isinstance(record, dict):
        return {}, "", [Problem(2, "Between the dashes stand no fields: write lines such as 'question: …'.")]
    if "answer" in record:
        return (
            {},
            "",
            [Problem(2, "The answer stands among the fields: write it below the second line of dashes.")],
        )
    unknown = [str(name) for name in record if name not in FIELDS]
    wrong = [
        Problem(2, f"The field {name!r} is unknown: remove it or rename it to one of {', '.join(_IN_FRONT)}.")
        for name in unknown
    ]
    return {str(name): value for name, value in record.items()}, text[front.end() :], wrong


def _implied(path: str) -> dict[str, Any]:
    """Key, language and category as the path tells them."""
    place = PurePosixPath(path)
    stem, _, language = place.stem.rpartition(".")
    named = (stem, language) if stem and _LANGUAGE.fullmatch(language) else (place.stem, "")
    category = str(place.parent)
    implied = {
        "key": named[0],
        "language": named[1],
        "category": "" if category in _NO_CATEGORY else category,
    }
    return {name: value for name, value in implied.items() if value}
