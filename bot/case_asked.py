"""Which cases a customer's words name or ask about: "REF-1?", "has my refund been approved?". Pure.

Whether there is such a case, and whose it is, is known elsewhere.
"""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import Final

from bot import events as e
from bot.case_words import worded
from bot.questions import asks
from bot.texts import in_a_row, render
from crm_store.case_states import PREFIX, CaseKind, CaseTold, OwnCases

MOST_CHARS: Final = 2000
"""Nothing is looked for behind these."""
SHOWN: Final = 3
_NUMBER: Final = re.compile(
    rf"(?<![A-Za-z0-9_-])({'|'.join(PREFIX.values())})[-_‐‑–—−#]?(\d{{1,9}})(?![A-Za-z0-9_]|[-.,]\d)",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_BARE: Final = re.compile(r"[\W_]*")
BY_REFUND: Final = frozenset({CaseKind.REFUND, CaseKind.RETURN})
"""Kinds of cases by which customers get money back."""
_SUBJECTS: Final = (
    (
        BY_REFUND,
        re.compile(
            r"\b(?:refund(?:s|ed)?|reimburse(?:d|ment)?|money\s+back|my\s+money)\b|"
            r"退款|退钱|返款|退的钱|钱[^，。,.!?！？]{0,8}退|退[^，。,.!?！？]{0,4}钱"
        ),
    ),
    (
        frozenset({CaseKind.RETURN}),
        re.compile(
            r"\b(?:my|our|this|that)\s+returns?\b|\b(?:i|we)(?:'ve|\s+have)?\s+(?:returned|sent\s+back)\b|"
            r"\bsent\s+(?:it|them)\s+back\b|退货|退换|寄回"
        ),
    ),
    (
        frozenset({CaseKind.REPAIR}),
        re.compile(
            r"\b(?:repair(?:s|ed|ing)?|fixed|warranty\s+(?:claim|case))\b|维修|返修|修理|送修|修好|修完|修得"
        ),
    ),
)
_PROGRESS: Final = re.compile(
    r"\b(?:status|how\s+far|progress|news|updates?|approved|accepted|rejected|declined|granted|processed|paid|done|ready|"
    r"finished|issued|received|receive|arrived|gone\s+through|come\s+through|happening|happened\s+to|"
    r"where(?:'s|\s+is|\s+are)|yet|already|still\s+(?:waiting|not)|haven't|hasn't|"
    r"when\s+(?:will|do|does|am|is|are|should)|what\s+about|waiting\s+for)\b|"
    r"进度|进展|状态|到哪|到账|到帐|怎么样|怎样了|如何了|[好完了下到回退]了?[吗没]|好了|什么时候|啥时候|何时|几时|多久|几天|"
    r"通过|批准|批了|同意|审核|审批|处理到|收到|还没|没到|没有到|查一下|查下|查询"
)
_OWN: Final = re.compile(r"\b(?:my|mine|our|i|i'm|i've|we|me|us)\b|[\u3400-\u9fff]")
_GENERAL: Final = re.compile(
    r"\b(?:how\s+(?:do|can|to|would|should)|can\s+(?:i|we)|could\s+(?:i|we)|(?:i|we)(?:'d|\s+would)?\s+(?:want|like|need)|"
    r"may\s+(?:i|we)|do\s+(?:i|we)\s+have|am\s+i\s+able|if\s+(?:i|we)|polic(?:y|ies)|conditions?|usually|normally|"
    r"generally)\b|"
    r"怎么(?:申请|办|退|弄|操作|寄|修|查)|如何(?:申请|办|退|操作|寄|修|查)|可以退|能退|可不可以|能不能|想退|要退|想要|申请退|"
    r"政策|规则|流程|条件|运费|一般|通常|如果|要是|需要什么"
)
"""Of what may be had, not of what is under way."""


@lru_cache(maxsize=1024)  # asked several times for each message
def case_numbers(text: str) -> tuple[str, ...]:
    """The numbers in the words that are built like those of cases, as cases have them."""
    if not _DIGIT.search(text):
        return ()
    found = _NUMBER.finditer(unicodedata.normalize("NFKC", text[:MOST_CHARS]))
    return tuple(dict.fromkeys(f"{one[1].upper()}-{int(one[2])}" for one in found))


def without_case_numbers(text: str) -> str:
    """The words without such numbers, which are of no language."""
    return _NUMBER.sub("", unicodedata.normalize("NFKC", text)) if case_numbers(text) else text


@lru_cache(maxsize=1024)
def kinds_asked(text: str) -> frozenset[CaseKind]:
    """The kinds of cases whose progress the words ask for."""
    words = text[:MOST_CHARS].casefold().replace("’", "'")
    kinds = frozenset(kind for some, subject in _SUBJECTS if subject.search(words) for kind in some)
    if not kinds or not _PROGRESS.search(words) or not _OWN.search(words) or _GENERAL.search(words):
        return frozenset()
    return kinds


def may_ask_of_case(text: str) -> bool:
    """Whether the sender's cases have to be looked up."""
    return bool(case_numbers(text) or kinds_asked(text))


def case_asked(
    text: str, asked: e.Asked | e.AskedSeveral, own: OwnCases, language: str
) -> e.Asked | e.AskedSeveral | e.AskedCase:
    """What the text asks, knowing the sender's cases; an answer stays one, and tells of the case by itself."""
    numbers = case_numbers(text)
    told = what_to_tell(text, own, kinds_asked(text), language)
    if not told or (isinstance(asked, e.Asked) and asked.decision == "answer"):
        return asked
    if isinstance(asked, e.AskedSeveral) and asked.answered:
        return replace(asked, doubtful=tuple(one for one in asked.doubtful if not may_ask_of_case(one.text)))
    is_bare = bool(numbers) and _BARE.fullmatch(without_case_numbers(text)) is not None
    return e.AskedCase(told, is_bare or asks(text))


def what_to_tell(
    text: str, own: OwnCases, kinds: frozenset[CaseKind], language: str, known: CaseTold | None = None
) -> str:
    """The cases of theirs that the words name, else those of these kinds; and which numbers are none of theirs.

    Where the sender has none, nothing is told of whether there is one.
    """
    numbers = [number for number in case_numbers(text) if number not in own.orders]
    meant = [case for case in own.cases if case.number in numbers]
    strange = [number for number in numbers if number not in {case.number for case in meant}]
    if strange:
        kinds = kinds | {
            kind for kind, prefix in PREFIX.items() if any(one.startswith(prefix) for one in strange)
        }
    others = [case for case in own.cases if case.kind in kinds and not case.is_old]
    lines = worded((meant or others)[:SHOWN], language, known)
    if not strange:
        return lines
    first = render(language, "case_not_yours", numbers=", ".join(strange))
    return "\n".join((first, lines)) if lines else in_a_row(first, render(language, "person_can_look"))
