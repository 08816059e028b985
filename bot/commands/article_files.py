"""Files of articles as commands take them: read whole, or refused with what to mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.clock import system_clock
from bot.commands.shell import (
    BAD_INPUT,
    FileProblem,
    fail,
    read_file,
    refuse_file,
    store_settings,
    with_store,
)
from crm_store import article_import
from crm_store.article_import import Offer, Offered, offered_by
from crm_store.engine import Store
from crm_store.file_types import HEAD
from crm_store.files import files_of
from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.attached import renamed
from knowledge_base.drafts import Parsed, Problem, complained

ZIP = ".zip"
FORMATS = (*exchange.FORMATS, ZIP)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of articles, opened once: what it holds, and the files that come with it."""

    path: Path
    parsed: Parsed
    offer: Offer


def opened(path: Path, answer: str | None, as_json: bool) -> Source:
    """The file; ends the command when any row is bad."""
    source = _opened(path, answer)
    if source.parsed.problems:
        refuse_file(path, problems_of(source.parsed.problems), as_json)
    return source


def _opened(path: Path, answer: str | None) -> Source:
    if _is_folder(path):
        found = sorted(each for each in path.rglob("*.md") if each.is_file())
        files = {each.relative_to(path).as_posix(): read_file(each) for each in found}
        parsed = exchange_markdown.parse_folder(files, default_answer=answer)
        return Source(path, parsed, _offered_in(path))
    if path.suffix.lower() == ZIP:
        return _unpacked(path, answer)
    try:
        parsed = exchange.parse(read_file(path), path.suffix, default_answer=answer)
    except exchange.UnknownFormat as error:
        fail(str(error), BAD_INPUT)
    return Source(path, parsed, _offered_in(path.parent))


def _unpacked(path: Path, answer: str | None) -> Source:
    """An archive; unpacked once, since that may take long."""
    try:
        files = exchange_markdown.unzipped(read_file(path))
    except exchange_markdown.NotAFolder as error:
        return Source(path, Parsed((), (Problem(1, str(error)),)), offered_by({}))
    return Source(path, exchange_markdown.parse_folder(files, default_answer=answer), offered_by(files))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and path.suffix not in FORMATS


def _offered_in(folder: Path) -> Offer:
    """The files of the folder, read when they are asked for."""
    root = folder.resolve()

    def offer(name: str) -> Offered | None:
        file = (root / name).resolve()  # a link leads out of it as well as a path does
        if not file.is_relative_to(root) or not file.is_file():
            return None
        with file.open("rb") as opened:
            head = opened.read(HEAD)
        return Offered(file.name, file.stat().st_size, head, file.read_bytes)

    return offer


def with_files_checked(source: Source, as_json: bool) -> Parsed:
    """What it holds; ends the command where a file that an article names cannot go along."""
    parsed, names = source.parsed, {one.name for one in source.parsed.named}
    if not names:
        return parsed

    async def work(store: Store) -> dict[str, str]:
        async with store.read() as session:
            return await article_import.look(session, files_of(store_settings()), names, source.offer)

    checked = complained(parsed, with_store(work))
    if checked.problems:
        refuse_file(source.path, problems_of(checked.problems), as_json)
    return checked


def handed_in(source: Source, articles: tuple[Article, ...]) -> tuple[Article, ...]:
    """The articles with the ids of their files, which are in the folder of files now."""
    names = {name for article in articles for name in article.attachments}
    if not names:
        return articles
    files, offer = files_of(store_settings()), source.offer
    ids = with_store(lambda store: article_import.hand_in(store, files, names, offer, now=system_clock()))
    return tuple(renamed(article, ids) for article in articles)


def problems_of(problems: Iterable[Problem]) -> list[FileProblem]:
    """Each by its line, as commands tell them."""
    return [(problem.line, problem.text) for problem in problems]


def articles_of(path: Path, as_json: bool) -> tuple[Article, ...]:
    """The articles of a file that is only learned from, so that answers may be missing."""
    return opened(path, "{article}", as_json).parsed.articles
