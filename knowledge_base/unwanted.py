"""Wishes that are none: "I do not want to cancel my order", "I did not cancel it", "别取消订单", "不是我取消的".

To a comparison of words they are all but the wish itself, which the article would tell how to get. Only what is not
wanted, or was not done, counts ("my card does not work" and "why can't I cancel?" are questions like others), only for
an article that has the word for it, and not where a phrasing of the article says that it is not wanted, too. The
languages are tables: denials.py tells what they hold.

Of BANKING77's 1,844 questions and CLINC150's 3,200, taught by their articles.csv, 2 and 7 hold such words and none is
listed for it that would be answered; of the 1,500 of the Chinese set 2 do and 1 is, with the right article first. Of 63
denials written by hand after the rules (tests/data/unwanted: fresh, last) these saw 38, and took none of 43 messages
that only look like it for one; most of what they missed was mended then.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

from knowledge_base import denials_de, denials_en, denials_es, denials_fr, denials_zh
from knowledge_base.denials import Denials
from knowledge_base.text import normalise, stems, tokenise

LOOKED_AT: Final = 1_000
"""So many characters are read: who writes more has said by then what they want, and a row of wishes costs time."""
DENIALS: Final[Mapping[str, Denials]] = MappingProxyType(
    {"en": denials_en.EN, "de": denials_de.DE, "fr": denials_fr.FR, "es": denials_es.ES}
)
"""By language; in others nothing is looked for but Chinese."""
_CLAUSES: Final = re.compile(r"[.!?;:,()\n。！？；：，、]+")
_APOSTROPHE: Final = re.compile("[’ʼ`´]")
_WITHOUT_EN: Final = re.compile(r"\b(?:without|stop)\s+([a-z]+)(?:\s+([a-z]+))?")


def forbidden(text: str, language: str = "en") -> frozenset[str]:
    """What the text says is not wanted: words of the language, or Chinese ones of one or two signs."""
    plain, own = _plain(text), _denials(language)
    if plain.isascii() and not (own and own.may_deny.search(plain)):
        return frozenset()
    clauses = _clauses(plain)
    found = set(denials_zh.acts(clauses, is_question=denials_zh.asks(plain)))
    return frozenset(found.union(own.acts(clauses)) if own else found)


def _plain(text: str) -> str:
    return _APOSTROPHE.sub("'", normalise(text[:LOOKED_AT])).replace("wanna", "want to")


def _clauses(plain: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(plain)]


def _denials(language: str) -> Denials | None:
    return DENIALS.get(language.split("-")[0].lower())


def is_unwanted(text: str, phrasings: Sequence[str], language: str) -> bool:
    """Whether the text does not want what the article of these phrasings is about, and none of them says so."""
    acts = forbidden(text, language)
    if not acts:
        return False
    plain = [normalise(phrasing) for phrasing in phrasings]
    named = _naming(plain, acts, language)
    if not named or _naming(plain, _wished(text, acts, language), language) > named:
        return False
    stemmed = frozenset(stems(sorted(acts), language))
    return not any(_forbids(phrasing, stemmed, language) for phrasing in plain)


def _wished(text: str, denied: frozenset[str], language: str) -> frozenset[str]:
    """What else the text would undo ("don't ship it, cancel my order")."""
    clauses, own = _clauses(_plain(text)), _denials(language)
    undoing = denials_zh.undoing(clauses) | (own.undoing(clauses) if own else frozenset())
    away = frozenset(stems(sorted(denied), language))
    signs = "".join(act for act in denied if not act.isascii())
    return frozenset(act for act in undoing if stems([act], language)[0] not in away and act not in signs)


def _naming(phrasings: Sequence[str], acts: frozenset[str], language: str) -> int:
    """How many of the phrasings have a word that is one of these acts."""
    stemmed = frozenset(stems(sorted(acts), language))
    signs = [act for act in acts if not act.isascii()]
    return sum(
        not stemmed.isdisjoint(stems(tokenise(phrasing), language)) or any(act in phrasing for act in signs)
        for phrasing in phrasings
    )


def _forbids(phrasing: str, stemmed: frozenset[str], language: str) -> bool:
    """Whether the phrasing says of one of the acts that it is not wanted, or is not done."""
    denied = {*forbidden(phrasing, language), *chain(*_WITHOUT_EN.findall(phrasing))}
    is_without = any(not act.isascii() and f"不{act}" in phrasing for act in stemmed)
    return is_without or not stemmed.isdisjoint(stems(sorted(denied), language))
