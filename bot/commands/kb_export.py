"""`frontdesk kb export`: all articles as a file or a folder, with the files that go along with their answers."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.article_files import FORMATS, ZIP
from bot.commands.shell import BAD_INPUT, AsJson, emit, fail, finished, store_settings, with_store, write_file
from crm_store import article_files
from crm_store import articles as stored
from crm_store.engine import Store
from crm_store.files import files_of
from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.attached import laid_out, safe

Whole = tuple[list[Article], dict[str, str]]
"""All articles, and the names of their files by id."""


async def _everything(store: Store) -> Whole:
    async with store.read() as session:
        articles = [Article(**asdict(draft)) for draft in await stored.everything(session)]
        keys = {key for article in articles for key in article.attachments}
        return articles, {key: row.name for key, row in (await article_files.named(session, keys)).items()}


def export(
    file: Annotated[
        Path,
        typer.Argument(
            help="Where to; .csv, .jsonl, .yaml or .zip says the format, a name without any a folder of .md."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Write all articles to FILE, and beside it the files they name; importing it again changes nothing."""
    if file.suffix and file.suffix.lower() not in FORMATS:
        fail(
            f"No format is called {file.suffix!r}: name the file with one of {', '.join(FORMATS)}", BAD_INPUT
        )
    if not file.suffix and file.exists() and (not file.is_dir() or any(file.iterdir())):
        # A leftover would be imported again.
        fail(f"{file} is not an empty folder; name a new one", BAD_INPUT)
    articles, names = with_store(_everything)
    if file.suffix.lower() in exchange.FORMATS:
        _write_file(file, articles, names)
    else:
        _write_folder(file, articles, names)
    place = "file" if file.suffix else "folder"
    told = f"{len(articles)} articles written {'to' if file.suffix else 'into'} {file}."
    counted = {"files": len(names)} if names else {}
    emit({"articles": len(articles), place: file, **counted}, as_json, lambda: [told])


def _write_file(file: Path, articles: list[Article], names: Mapping[str, str]) -> None:
    """One file of all articles, and a folder beside it where they have files."""
    folder = f"{file.stem}.files"
    laid = laid_out(articles, names, lambda each: f"{folder}/{safe(each.key)}.{each.language}")
    _write_all(file.parent, _contents(laid.files))
    write_file(file, exchange.render(laid.articles, file.suffix))


def _write_folder(file: Path, articles: list[Article], names: Mapping[str, str]) -> None:
    """A page for each article, or the ZIP of them."""
    folder = exchange_markdown.lay_out(articles, names)
    whole = {**folder.pages, **_contents(folder.files)}
    if file.suffix.lower() == ZIP:
        try:
            packed = exchange_markdown.zipped(whole)
        except exchange_markdown.TooMuch as error:
            fail(str(error), BAD_INPUT)
        write_file(file, packed)
    else:
        _write_all(file, whole)


def _contents(places: Mapping[str, str]) -> dict[str, bytes]:
    files = files_of(store_settings())

    async def read() -> dict[str, bytes]:
        return {path: await files.read(key) for path, key in places.items()}

    return finished(read()) if places else {}


def _write_all(root: Path, contents: Mapping[str, bytes]) -> None:
    for path, data in contents.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, data)
