"""Files of articles as the API and the desk take and give them."""

import base64
import binascii
from collections.abc import Iterable
from typing import Final, Literal

from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.drafts import Parsed, Problem

Format = Literal["csv", "jsonl", "yaml", "md.zip"]
ZIP: Final = "md.zip"
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "yaml": "application/yaml",
    ZIP: "application/zip",
}
_SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zip": ZIP,
}


def format_of(name: str) -> Format | None:
    """The format that a file's name tells, if any."""
    return next((kind for suffix, kind in _SUFFIXES.items() if name.lower().endswith(suffix)), None)


def parse(data: bytes, kind: Format, answer: str | None) -> Parsed:
    """What the file holds; `answer` is the template for articles without one."""
    if kind == ZIP:
        return exchange_markdown.parse_zip(data, default_answer=answer)
    return exchange.parse(data, f".{kind}", default_answer=answer)


def parse_sent(data: str, kind: Format, answer: str | None) -> Parsed:
    """The same of a file as a JSON text holds it: a ZIP in Base64."""
    if kind != ZIP:
        return parse(data.encode(), kind, answer)
    try:
        return parse(base64.b64decode(data, validate=True), kind, answer)
    except binascii.Error:
        return Parsed((), (Problem(1, "This is no Base64: send the bytes of the ZIP so encoded."),))


def as_sent(data: bytes, kind: Format) -> str:
    """A file that can be read as `parse_sent` takes it."""
    return base64.b64encode(data).decode() if kind == ZIP else data.decode("utf-8-sig")


def render(articles: Iterable[Article], kind: Format) -> bytes:
    """The articles as a file that `parse` gives back equal."""
    if kind == ZIP:
        return exchange_markdown.zipped(exchange_markdown.render_folder(articles))
    return exchange.render(articles, f".{kind}")
