"""Articles as files: CSV, JSON Lines and YAML, read with every bad row named, and written back the same.

CSV has a row per phrasing:
`text,article[,answer,language,tags,question,category,valid_from,valid_until,enabled,attachments]`, where `article` is
the key, and tags and attachments are parted by semicolons. JSON Lines and YAML have an object per article with the
fields of `Article`.
"""

from collections.abc import Callable, Iterable
from typing import Final

from knowledge_base import exchange_csv, exchange_records
from knowledge_base.articles import Article
from knowledge_base.drafts import Draft, Parsed, Problem, finish

Reader = Callable[[str], tuple[list[Draft], list[Problem]]]
Writer = Callable[[Iterable[Article]], str]

FORMATS: Final[dict[str, tuple[Reader, Writer]]] = {
    ".csv": (exchange_csv.read, exchange_csv.write),
    ".jsonl": (exchange_records.read_json_lines, exchange_records.write_json_lines),
    ".yaml": (exchange_records.read_yaml, exchange_records.write_yaml),
    ".yml": (exchange_records.read_yaml, exchange_records.write_yaml),
}

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_ARCHIVE: Final = b"PK\x03\x04"


class UnknownFormat(ValueError):
    """The file's suffix is none of FORMATS."""


def parse(data: bytes, suffix: str, *, default_answer: str | None = None) -> Parsed:
    """What the file holds; `suffix` (such as ".csv") names the format.

    `default_answer` is a template for articles without an answer; `{article}` in it becomes the key.
    Raises UnknownFormat.
    """
    reader, _ = _format(suffix)
    text, problem = decode(data)
    if problem is not None:
        return Parsed((), (problem,))
    if not text.strip():
        return Parsed((), (Problem(1, "The file is empty: give it at least one article."),))
    drafts, problems = reader(text)
    parsed = finish(drafts, problems, default_answer)
    if not parsed.articles and not parsed.problems:
        return Parsed((), (Problem(1, "The file holds no article: give it at least one."),))
    return parsed


def render(articles: Iterable[Article], suffix: str) -> bytes:
    """The articles as a file in UTF-8; `parse` gives them back equal. Raises UnknownFormat."""
    _, writer = _format(suffix)
    return writer(articles).encode()


def decode(data: bytes) -> tuple[str, Problem | None]:
    """The text of a file in UTF-8, or in UTF-16 that says so; or where and why it is neither.

    Other encodings are not guessed: a wrong guess would be read by customers.
    """
    if data.startswith(_ARCHIVE):
        told = "The file is a spreadsheet or ZIP, not text: save it as CSV (UTF-8) and try again."
        return "", Problem(1, told)
    codec = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        return "", _undecoded(error)
    zero = text.find("\x00")
    if zero >= 0:
        line = text.count("\n", 0, zero) + 1
        return "", Problem(line, "There is a NUL byte here, so this is no UTF-8 text: save it as UTF-8.")
    return text, None


def _undecoded(error: UnicodeDecodeError) -> Problem:
    if error.encoding.startswith("utf-16"):
        return Problem(1, "The file begins as UTF-16 but is damaged: save it again, as UTF-8.")
    line = error.object.count(b"\n", 0, error.start) + 1
    return Problem(
        line,
        f"Byte 0x{error.object[error.start]:02x} is not UTF-8: the file has another encoding; save it as UTF-8 "
        '(in a spreadsheet: "CSV UTF-8") and try again.',
    )


def _format(suffix: str) -> tuple[Reader, Writer]:
    try:
        return FORMATS[suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise UnknownFormat(f"No format is called {suffix!r}: name the file with one of {known}.") from None
