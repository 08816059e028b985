"""Wishes that are none: "I do not want to cancel my order", "don't close my account", "别取消订单".

To a comparison of words they are all but the wish itself, which the article would tell how to get. Only a negated
wish counts ("my card does not work" and "why can't I cancel?" are questions like others), only for an article that has
the word of what is not wanted, and not where a phrasing of the article says that it is not wanted, too. In other
languages nothing is looked for.

Of BANKING77's 1,844 questions and CLINC150's 3,200, taught by their articles.csv, 2 and 7 hold such a wish and none is
listed for it that would be answered; of the 1,500 of the Chinese set 1 of each, with the right article first.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from knowledge_base.text import normalise, stems, tokenise

LOOKED_AT: Final = 1_000
"""So many characters are read: who writes more has said by then what they want, and a row of wishes costs time."""
_SOFT: Final = r"(?:(?:really|actually|ever|even|just|also|definitely|still|yet|you\s+dare)\s+)*"
_NOT: Final = r"(?:do\s+not|don'?t|did\s+not|didn'?t|never|no\s+longer|would\s+not|wouldn'?t|won'?t)\s+"
_ME: Final = r"(?:^|\b(?:i|we|and|but|so|please)\s+)" + _SOFT
_AIM: Final = (
    r"(?:want|wanted|wish|wished|intend|intended|plan|planned|mean|meant|ask|asked|request|requested|agree|agreed|"
    r"like|need|decide|decided|try|tell|told)\s+"
)
_THING: Final = (
    r"(?:(?:my|the|this|that|our|your|any)\s+(?:\w+\s+){1,2}?|(?:it|this|that|you|u|anyone|them)\s+)"
)
_ACT: Final = rf"{_SOFT}(?P<act>[a-z]+)"
_BEGIN: Final = (
    r"(?:^|\b(?:please|pls|plz|kindly|and|but|so|hey|hi|hello|ok|okay|no|also|just|sure\s+(?:that\s+)?(?:you|to)|"
    r"rather\s+you|better)\s+)"
)
_WISHES_EN: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_ME}{_NOT}{_SOFT}{_AIM}(?:{_THING})?to\s+{_ACT}",  # I do not want (you) to cancel
        rf"{_ME}{_NOT}{_SOFT}(?:want|ask\s+for|need)\s+{_THING}(?:to\s+)?(?:be\s+)?(?P<act>[a-z]+(?:ed|en))\b",
        rf"{_BEGIN}(?:do\s+not|don'?t|not\s+to)\s+{_ACT}",  # don't cancel
        r"\b(?:asked|told|tell|decided|prefer|like|want|rather|sure|said)\s+(?:\w+\s+){0,2}?not\s+(?:to\s+(?:be\s+)?)?"
        r"(?P<act>[a-z]+)",
        r"\b(?:(?:can|could|would|will)\s+you\s+(?:please|kindly)|you\s+(?:should|must))\s+not\s+(?P<act>[a-z]+)",
        rf"^(?:there\s+is\s+|there'?s\s+)?no\s+need\s+(?:for\s+you\s+)?to\s+{_ACT}",
        r"n[o']?t\s+(?:think|believe)\s+(?:that\s+)?(?:i|we)\s+(?:want|wanted|need|asked)\s+(?:you\s+)?to\s+(?P<act>[a-z]+)",
        r"\b(?:i\s*'?m|i\s+am|we\s*'?re|we\s+are)\s+"
        + _SOFT
        + rf"not\s+(?:going|looking|trying|planning|asking|willing|wanting|intending)\s+(?:{_THING})?to\s+{_ACT}",
    )
)
"""What each forbids is its group `act`; matched in a clause, apostrophes made alike."""
_NO_ACTS: Final = frozenset(
    (
        # What happens to people, and what they are told not to be; and words that are no verbs.
        "be", "have", "get", "receive", "see", "hear", "know", "wait", "lose", "miss", "keep", "understand", "need",
        "recognise", "recognize", "remember", "find", "think", "like", "want", "work", "feel", "believe", "seem",
        "worry", "mind", "own", "trust", "accept", "care", "forget", "mean", "agree", "wish", "had", "has", "got", "a",
        "an", "the", "you", "they", "we", "i", "it", "my", "your", "all", "any", "some", "these", "those", "this",
        "that", "to", "not",
    )
)  # fmt: skip
_IF_EN: Final = re.compile(r"\b(?:if|whether|in\s+case|when|unless|why|what|how|where|which)\b")
_CLAUSES: Final = re.compile(r"[.!?;:,()\n。！？；：，、]+")
_APOSTROPHE: Final = re.compile("[’ʼ`´]")
_MAY_DENY_EN: Final = re.compile(r"n['’ʼ`´]?t\b|\b(?:not|never|no\s+(?:longer|need))\b")

_MAY_DENY_ZH: Final = re.compile("[不没别勿无]")
_FILLER_ZH: Final = (
    r"(?:再|给我|帮我|替我|让|你们?|您|系统|自动|被|随便|擅自|轻易|真的?|现在|就|也|马上|立刻|先|去|来|要)*"
)
_ACT_ZH: Final = rf"{_FILLER_ZH}(?P<by>[把将])?(?P<act>[\u3400-\u4dbf\u4e00-\u9fff]{{1,10}})"
_WISHES_ZH: Final = re.compile(
    r"(?:(?<![要想])不(?:想|愿意?|希望|打算|准备|准|许)|(?<![要需])不要|没有?(?:想过?|要|打算|要求|让)|先不(?![要想])|(?<!是)不是(?:要|想)|勿|"
    r"(?<![特分区级识性个辨类告鉴差离有道派作])别(?![人的处家墅国名针样说提急担客扭]))"
    rf"{_ACT_ZH}"
)
_NO_NEED_ZH: Final = re.compile(rf"(?:(?<![需用])不(?:用|需要|必)|无需|用不着){_ACT_ZH}")
"""Who asks ("不用注册可以买吗") asks whether it goes without."""
_ASKS_ZH: Final = re.compile(r"[?？吗呢]|可以|能|行不行|怎么|如何")
_NO_ACTS_ZH: Final = re.compile(r"[了的紧钱脸求这那它到象像等收知用付有说是]|要|想|担心|忘|错过|丢|失去|看")
_IF_ZH: Final = re.compile(r"如果|要是|假如|万一|若|为什么|为何|怎么")
_AFTER_VERB_ZH: Final = re.compile(r"[我你您这那它了掉]")
_WITHOUT_EN: Final = re.compile(r"\b(?:without|stop)\s+([a-z]+)(?:\s+([a-z]+))?")


def forbidden(text: str) -> frozenset[str]:
    """What the text says is not wanted: English words, or Chinese ones of one or two signs."""
    plain = normalise(text[:LOOKED_AT])
    if not (_MAY_DENY_EN.search(plain) or _MAY_DENY_ZH.search(plain)):
        return frozenset()
    plain = plain.replace("wanna", "want to")
    found: set[str] = set()
    for clause in map(str.strip, _CLAUSES.split(_APOSTROPHE.sub("'", plain))):
        if _MAY_DENY_EN.search(clause):
            found.update(_forbidden_en(clause))
        wishes = [*_WISHES_ZH.finditer(clause)]
        if not _ASKS_ZH.search(plain):
            wishes += _NO_NEED_ZH.finditer(clause)
        for wish in wishes:
            if not _IF_ZH.search(clause[: wish.start()]):
                found.update(_acts_zh(wish["act"], is_object_first=bool(wish["by"])))
    return frozenset(found)


def _forbidden_en(clause: str) -> Iterable[str]:
    for pattern in _WISHES_EN:
        for wish in pattern.finditer(clause):
            if wish["act"] not in _NO_ACTS and not _IF_EN.search(clause[: wish.start("act")]):
                yield wish["act"]


def _acts_zh(words: str, *, is_object_first: bool) -> set[str]:
    """The verb that follows; of "把…" any pair of signs, as the verb stands behind what is done with."""
    if is_object_first:
        return {words[n : n + 2] for n in range(len(words) - 1)}
    if _NO_ACTS_ZH.match(words):
        return set()
    return {words[0]} if len(words) == 1 or _AFTER_VERB_ZH.match(words[1]) else {words[:2]}


def is_unwanted(text: str, phrasings: Sequence[str], language: str) -> bool:
    """Whether the text does not want what the article of these phrasings is about, and none of them says so."""
    acts = forbidden(text)
    if not acts:
        return False
    stemmed = frozenset(stems(sorted(acts), language))
    plain = [normalise(phrasing) for phrasing in phrasings]
    if not any(_names(phrasing, acts, stemmed, language) for phrasing in plain):
        return False
    return not any(_forbids(phrasing, stemmed, language) for phrasing in plain)


def _names(phrasing: str, acts: frozenset[str], stemmed: frozenset[str], language: str) -> bool:
    """Whether a word of the phrasing is one of these acts."""
    return not stemmed.isdisjoint(stems(tokenise(phrasing), language)) or any(
        not act.isascii() and act in phrasing for act in acts
    )


def _forbids(phrasing: str, stemmed: frozenset[str], language: str) -> bool:
    """Whether the phrasing says of one of the acts that it is not wanted, or is not done."""
    denied = {*forbidden(phrasing), *chain(*_WITHOUT_EN.findall(phrasing))}
    is_without = any(not act.isascii() and f"不{act}" in phrasing for act in stemmed)
    return is_without or not stemmed.isdisjoint(stems(sorted(denied), language))
