"""An article of the knowledge base: one answer, and the ways customers ask for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge_base.blanks import faults_in

MAX_KEY_CHARS = 120
MAX_QUESTION_CHARS = 300
MAX_PHRASING_CHARS = 1_000
# Telegram refuses a message over 4,096 characters, and an answer must fit into one.
MAX_ANSWER_CHARS = 4_096
MAX_ATTACHMENTS = 5
"""Files with one answer: each is a message of its own, and a platform takes one a second."""

TAKEN_OUT = "[…]"
"""Stands in a draft where something private was taken out; it is for whoever reads the draft, not for customers."""

# Commas and semicolons part the tags of a CSV cell.
_TAG = re.compile(r"[^\s,;](?:[^,;\n\r\t]{0,48}[^\s,;])?")
_CATEGORY = re.compile(r"[^\s,;](?:[^,;\x00-\x1f\x7f]{0,62}[^\s,;\x00-\x1f\x7f])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_KEY_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0]")
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_COUNTED = frozenset(
    {"article", "answer", "doc", "entry", "faq", "intent", "item", "question", "row", "topic"}
)
"""What numbered keys begin with: `faq_12` names no subject."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """One answer with its title and phrasings; `key` and `language` together name it."""

    key: str
    question: str
    phrasings: tuple[str, ...]
    answer: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    enabled: bool = True
    category: str = ""
    """Where it stands among the others, one name or several parted by slashes; matching never looks at it."""
    attachments: tuple[str, ...] = ()
    """What names the files that go along with the answer; what the names mean is the store's, or the folder's."""


def is_live(article: Article, at: datetime) -> bool:
    """Whether customers may see it at that moment; `valid_until` itself is already too late."""
    if not article.enabled:
        return False
    started = article.valid_from is None or article.valid_from <= at
    return started and (article.valid_until is None or at < article.valid_until)


def title_from_key(key: str) -> str:
    """The words of a slug: `card_arrival` and `card-arrival` read "card arrival"."""
    return re.sub(r"[\s_\-./]+", " ", key).strip()


def tells_subject(key: str) -> bool:
    """Whether its words tell a reader what the article is about; `q1`, `17`, `faq_12` and `a41f` do not."""
    words = title_from_key(key).casefold().split()
    return any(_WORD.match(word) and word.isalpha() and word not in _COUNTED for word in words)


def implied_title(key: str, phrasings: Sequence[str]) -> str:
    """The title of an article that came without one: of a key without a subject, the first thing customers ask.

    It is what a customer reads on a button of "did you mean".
    """
    if phrasings and not tells_subject(key):
        return phrasings[0][:MAX_QUESTION_CHARS]
    return title_from_key(key) or key


def faults(article: Article) -> list[str]:
    """What stops the article from being stored, each as a sentence that says what to do; empty when sound."""
    found = _key_faults(article.key)
    found += _text_faults("question (title)", article.question, MAX_QUESTION_CHARS)
    found += _text_faults("answer", article.answer, MAX_ANSWER_CHARS)
    found += faults_in(article.answer)
    found += _taken_out_faults(article)
    for phrasing in article.phrasings:
        found += _text_faults("phrasing", phrasing, MAX_PHRASING_CHARS)
    for tag in article.tags:
        if not _TAG.fullmatch(tag):
            found.append(
                f"The tag {tag!r} is empty, over 50 characters, or holds a comma or semicolon: change it."
            )
    if article.category and not _CATEGORY.fullmatch(article.category):
        found.append(
            f"The category {article.category[:60]!r} is over 64 characters or holds a control character, comma or "
            "semicolon: write one short name, such as Orders or Orders/Delivery."
        )
    if not _LANGUAGE.fullmatch(article.language):
        found.append(f"The language {article.language!r} is no language code: write en, zh, de and the like.")
    for moment in (article.valid_from, article.valid_until):
        if moment is not None and moment.tzinfo is None:
            found.append("A validity date has no time zone: add one, such as +00:00.")
    found += _attachment_faults(article.attachments)
    return found or _order_faults(article)


def shows_gaps(article: Article) -> bool:
    """Whether customers would read where something private was taken out."""
    return TAKEN_OUT in article.question or TAKEN_OUT in article.answer


def _taken_out_faults(article: Article) -> list[str]:
    return [
        f"The {name} still has {TAKEN_OUT!r} where something private was taken out: write it anew for all customers."
        for name, text in (("question (title)", article.question), ("answer", article.answer))
        if TAKEN_OUT in text
    ]


def _attachment_faults(names: tuple[str, ...]) -> list[str]:
    found = [f"The file {name[:60]!r} is there twice: name it once." for name in _repeated(names)]
    if len(names) > MAX_ATTACHMENTS:
        found.append(f"It has {len(names)} files: keep {MAX_ATTACHMENTS} at most.")
    return found


def _repeated(names: tuple[str, ...]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _key_faults(key: str) -> list[str]:
    if not key:
        return ["The key is empty: give the article a short name such as card-arrival."]
    if len(key) > MAX_KEY_CHARS:
        return [f"The key has {len(key)} characters: shorten it to {MAX_KEY_CHARS} at most."]
    if _KEY_FORBIDDEN.search(key):
        return [f"The key {key!r} holds a space or a control character: use letters, digits, - and _."]
    return []


def _text_faults(name: str, text: str, limit: int) -> list[str]:
    found = []
    if not text.strip():
        found.append(f"The {name} is empty: write it.")
    if len(text) > limit:
        found.append(f"The {name} has {len(text)} characters: shorten it to {limit} at most.")
    if _CONTROL.search(text):
        found.append(f"The {name} {text[:40]!r} holds a control character: remove it.")
    return found


def _order_faults(article: Article) -> list[str]:
    start, end = article.valid_from, article.valid_until
    if start is not None and end is not None and end <= start:
        return ["It is valid until before it is valid from: swap or correct the two dates."]
    return []
