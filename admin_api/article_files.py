"""Files of articles as the API and the desk take and give them."""

import base64
from collections.abc import Iterable
from typing import Final, Literal

from crm_store.article_import import Offer, offered_by
from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.drafts import Parsed

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


def sent_bytes(data: str, kind: Format) -> bytes:
    """The bytes of a file as a JSON text holds it: a ZIP in Base64. Raises binascii.Error."""
    return base64.b64decode(data, validate=True) if kind == ZIP else data.encode()


def offer_of(data: bytes, kind: Format) -> Offer:
    """The files that lie beside the articles: those of a ZIP. Raises NotAFolder."""
    return offered_by(exchange_markdown.unzipped(data) if kind == ZIP else {})


def render(articles: Iterable[Article], kind: Format) -> bytes:
    """The articles as a file that `parse` gives back equal; they name their files by id."""
    return exchange.render(articles, f".{kind}")
