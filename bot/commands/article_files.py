"""Files of articles as commands take them: read whole, or refused with what to mend."""

from collections.abc import Iterable
from pathlib import Path

from bot.commands.shell import (
    BAD_INPUT,
    FileProblem,
    fail,
    read_file,
    refuse_file,
)
from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.drafts import Parsed, Problem


def _parse(path: Path, answer: str | None) -> Parsed:
    if path.is_dir() and path.suffix not in exchange.FORMATS:
        found = sorted(each for each in path.rglob("*.md") if each.is_file())
        files = {each.relative_to(path).as_posix(): read_file(each) for each in found}
        return exchange_markdown.parse_folder(files, default_answer=answer)
    try:
        return exchange.parse(read_file(path), path.suffix, default_answer=answer)
    except exchange.UnknownFormat as error:
        fail(str(error), BAD_INPUT)


def problems_of(problems: Iterable[Problem]) -> list[FileProblem]:
    """Each by its line, as commands tell them."""
    return [(problem.line, problem.text) for problem in problems]


def parsed_file(path: Path, answer: str | None, as_json: bool) -> Parsed:
    """What the file holds; ends the command when any row is bad."""
    parsed = _parse(path, answer)
    if parsed.problems:
        refuse_file(path, problems_of(parsed.problems), as_json)
    return parsed


def articles_of(path: Path, as_json: bool) -> tuple[Article, ...]:
    """The articles of a file that is only learned from, so that answers may be missing."""
    return parsed_file(path, "{article}", as_json).articles
