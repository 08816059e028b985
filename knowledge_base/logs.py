"""A log of what customers asked: texts without labels."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge_base.exchange_csv import separator_of
from knowledge_base.text import normalise, tokenise


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a log; each of `askers` is the same for the same person, and says no more of them."""

    text: str
    askers: tuple[int, ...]


def said_by_anybody(log: Sequence[str | Said]) -> tuple[Said, ...]:
    """A log whose bare texts are each taken for somebody else's than all others."""
    return tuple(each if isinstance(each, Said) else Said(each, (-n,)) for n, each in enumerate(log, 1))


def said_once(log: Iterable[tuple[str, int]], known: Iterable[str] = ()) -> list[Said]:
    """Texts with who asked them, each wording once with all its askers; none that has a known one's words."""
    taught = {_words(text) for text in known}
    found: dict[str, tuple[str, set[int]]] = {}
    for text, asker in log:
        words = _words(text)
        if words and words not in taught:
            found.setdefault(words, (text, set()))[1].add(asker)
    return [Said(text, tuple(sorted(askers))) for text, askers in found.values()]


_OTHER_THAN_TEXT: Final = re.compile(
    r"(?i)\s*(?:<\?xml|<!doctype|<svg|<html|[\[{]\s*[\"{\[])|[^\n]*[\x00-\x08]"
)


def no_log(text: str) -> bool:
    """Whether it is markup, JSON or no text at all, of which every line would count as a question."""
    return _OTHER_THAN_TEXT.match(text) is not None


def read_log(text: str) -> list[str]:
    """The texts of a log: the column `text` of a CSV file that has one, else each line that is not empty.

    Other columns, labels among them, are not looked at.
    """
    first, _, _ = text.partition("\n")
    delimiter = separator_of(text)
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    if "text" not in names:
        return [line.strip() for line in text.splitlines() if line.strip()]
    place = names.index("text")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(rows)
    return [row[place] for row in rows if len(row) > place and row[place].strip()]


def without(log: Sequence[str], known: Iterable[str]) -> list[str]:
    """The log's texts, each once, without those that have the same words as a known one."""
    seen = {_words(text) for text in known}
    kept = []
    for text in log:
        words = _words(text)
        if words and words not in seen:
            seen.add(words)
            kept.append(text)
    return kept


def _words(text: str) -> str:
    return " ".join(tokenise(normalise(text)))
