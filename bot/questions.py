"""What a message asks, as far as its wording tells: its parts, and whether it leans on the topic before it. Pure."""

import re
from functools import lru_cache
from typing import Final

from bot.small_talk import small_talk

MOST_PARTS = 4
MOST_CHARS = 600
"""A longer message tells a story, and is matched as one."""

_ASKS_EN = (
    r"how|what|when|where|which|who|why|can|could|do|does|did|is|are|am|will|would|should|may|"
    r"(?:have|has)\s+(?:i|you|we|they|he|she|it|my|your|the|there|any|some|anyone|someone)|"
    r"i\s+(?:also\s+)?(?:need|want|would|have|cannot|can't|can not|forgot|lost)|please|my"
)
_SHORTENED = (
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "approx", "ca", "e.g", "i.e", "eg", "ie", "resp", "incl", "excl",
    "z.b", "d.h", "u.a", "bzw", "evtl", "ggf", "inkl", "zzgl", "hr", "fr", "sr", "sra", "sig", "mme", "p.ej", "ej",
)  # fmt: skip
"""A stop after these ends no sentence; after `_OFTEN_LAST` it does where a capital follows; nor does one between
`_BEFORE_NUMBERS` and a number. Single letters are initials, but for what people say."""
_OFTEN_LAST = ("etc", "a.m", "p.m", "inc", "ltd", "co", "corp", "usw", "jr")
_BEFORE_NUMBERS = ("no", "nr", "art", "str", "tel", "ext", "num", "núm", "fig")


def _not_after(words: tuple[str, ...]) -> str:
    """The pattern of a place before which stands none of the words with a stop."""
    return "".join(rf"(?<!\b{re.escape(word)}\.)" for word in words)


_CJK_SIGN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
# Without white space a Latin mark is part of something: an address, a link, 3.5, v2.1. People who write Chinese put
# none, but in a link `?` and `;` stand before a name and `=`.
_ENDS_LATIN = (
    rf"(?<=[.?!;]){_not_after(_SHORTENED)}(?<!\b[a-hj-ln-tv-z]\.)(?<!\sm\.)"
    rf"(?:{_not_after(_OFTEN_LAST)}|(?=\s+(?-i:[A-ZÀ-Þ¿¡])))(?:{_not_after(_BEFORE_NUMBERS)}|(?=\s+[^\s\d]))\s+(?=\S)"
)
_ENDS_ZH = (
    rf"(?<=[。？！；])\s*(?=\S)|(?<={_CJK_SIGN}[?!;])(?=\S)(?!\w+=)|"
    rf"(?<=[?!;])(?={_CJK_SIGN})|(?<={_CJK_SIGN}\.)(?={_CJK_SIGN})"
)
_ENDS = rf"(?<=[.?!;。？！；])(?:{_ENDS_ZH}|{_ENDS_LATIN})|\s*\n+\s*"
_ALSO_EN = rf"[,;:]?\s+(?:and\s+also|and\s+(?=(?:{_ASKS_EN}|there)\b)|also\s|plus\s|as well as\s)[,]?\s*"
_ALSO_ZH = r"[，,、;；]?\s*(?:还有|另外|顺便|此外|而且|并且|以及|同时|还想|也想)[，,]?"
_ASKS_ZH = r"吗|呢|怎么|怎样|如何|多久|多少|什么|哪|能不能|可不可以|是不是|有没有|能否|可否|谁|几"
_QUESTION_ZH = re.compile(_ASKS_ZH)
_HELLO = r"hello|hi|hey|good\s+(?:morning|afternoon|evening|day)|sorry|excuse\s+me|thanks|thank\s+you|ok(?:ay)?|so|well"
_ASKS = re.compile(
    rf"[?？]|^\W*(?:(?:{_HELLO})\b\W*)?(?:and\s+|also\s+)*(?:{_ASKS_EN})\b|{_ASKS_ZH}", re.IGNORECASE
)
_ENDS_ASKING = re.compile(r"\w\s*[?？][?!？！\s]*$")
_COMMA_ZH = re.compile(r"[，,]")
_PARTS = re.compile(rf"{_ENDS}|{_ALSO_EN}|{_ALSO_ZH}", re.IGNORECASE)
_BEGIN_LATIN = ("\n", "and", "also", "plus", "as well as")
"""What stands between parts in Latin letters where no mark does, in small letters; see `_ALSO_EN`."""
_LABEL = re.compile(
    r"^\s*(?:(?:two|three|2|3|a few|some)\s+(?:things|questions)|[两二三几]个问题)\s*[:：]\s*", re.IGNORECASE
)
_CJK = re.compile(_CJK_SIGN)

_GENERAL_EN: Final = (
    r"i|me|we|us|he|she|him|her|his|they|them|their|theirs|it|its|itself|this|that|these|those|there|here|one|ones|"
    r"a|an|the|some|any|all|both|either|other|another|same|else|"
    # What asks, and what joins.
    r"who|whom|whose|which|what|when|where|why|how|whether|and|or|but|so|then|also|too|again|if|because|than|as|not|"
    r"no|yes|"
    r"of|to|for|from|in|on|at|by|with|about|into|up|out|off|over|until|till|before|after|within|during|"
    # What is done with anything.
    r"is|are|was|were|be|been|being|am|isn't|aren't|do|does|did|done|doing|doesn't|don't|didn't|can|could|may|might|"
    r"must|shall|should|will|would|can't|won't|have|has|had|having|get|gets|got|getting|need|needs|take|takes|took|"
    r"taking|cost|costs|costing|work|works|worked|make|makes|made|making|happen|happens|happened|come|comes|came|"
    r"coming|go|goes|went|mean|means|"
    # How much, how long, how far.
    r"much|many|more|most|less|long|longer|far|often|soon|fast|quickly|already|still|yet|now|today|exactly|really|"
    r"actually|approximately|about|usually|normally|just|only|even|please|ok|okay|right|sure|true|possible|ready|"
    r"free|extra|thing|things|stuff|time|times|day|days|week|weeks|hour|hours"
)
"""Who speaks, what is pointed at, asks, joins and is done with anything; "you" asks about the business."""
_GENERAL_ZH: Final = (
    r"那么?|这[个些样边里]?|那[个些样边里]|它们?|我|你看|他们?|她|自己|要不要|需要|需|要|得|能不能|可不可以|可以|能|会不会|会|"
    r"是不是|是|有没有|没有|没|有|不|的话|的|了|吗|呢|吧|啊|么|呀|谁|什么时候|什么|多久|多长时间|多少|多大|几|天|个|小时|工作日|"
    r"怎么样|怎么|怎样|如何|怎|哪[里儿个些]?|为什么|为啥|为何|何时|在|到|做|弄|用|收费|收钱|免费|收|花|钱|费用|贵|一般|大概|大约|通常|"
    r"还|再|都|也|又|就|才|和|或者|现在|今天|时间|来|去|回事|办|行|好|拿|取|另外|以及|请问|请|想问|知道"
)
# Possessive: tried again in other ways, long rows of these words would take for ever.
_SAYS_NOTHING: Final = re.compile(rf"(?:(?:{_GENERAL_EN})(?![\w'])|{_GENERAL_ZH}|[\W\d_])++", re.IGNORECASE)
_GENERAL: Final = re.compile(
    rf"\b(?:{_GENERAL_EN}|you|your|my|our)(?![\w'])|{_GENERAL_ZH}|你们?", re.IGNORECASE
)
_APOSTROPHE: Final = re.compile("[’ʼ`´]")
_LETTER: Final = re.compile(r"[^\W\d_]")

_YOU = r"(?:you(?:\s+guys)?|u|some(?:one|body)|any(?:one|body))"
_HELP = re.compile(
    r"\W*(?:and\s+|so\s+|also\s+|please\s+|sorry\W+)*(?:"
    rf"(?:can|could|will|would)\s+{_YOU}\s+(?:please\s+|kindly\s+)?(?:help|tell|assist|explain|check|look|advise|answer|"
    r"let\s+me\s+know|get\s+back)(?:\s+(?:me|us|this|that|it|into|with|to|for|please|out|know|about|more|asap|soon))*|"
    r"what\s+(?:should|can|do|must|shall|could)\s+(?:i|we)\s+do(?:\s+(?:now|then|about|with|it|this|that|please|next))*|"
    r"(?:what'?s|what\s+is|what)\s+(?:going\s+on|happening|happened|wrong|the\s+(?:problem|matter|issue))|"
    rf"(?:do|does|would)\s+{_YOU}\s+(?:happen\s+to\s+)?know(?:\s+(?:that|this|it|please))*|"
    r"is\s+(?:that|this|it)\s+(?:ok(?:ay)?|possible|right|correct|true|normal|clear)|"
    rf"(?:is|are)\s+{_YOU}\s+there|how\s+come(?:\s+.{{0,10}})?|"
    r"(?:please|kindly)\s+(?:help|advise|answer|reply|respond|explain|check|let\s+me\s+know|tell\s+me)"
    r"(?:\s+(?:me|us|this|it|with|out|asap|soon|quickly|please))*|"
    r"(?:请问|请|麻烦|你们?|您|能不能|能否|能|可以|可不可以|帮我?|帮忙|告诉我?|一下|看看|看|查|解释|说明|回复|我|这|该|要|应该)*"
    r"(?:怎么办|怎么处理|怎么回事|怎么操作|为什么|知道|行|可以|好|帮忙|帮我|告诉我|看看|看一下|查一下|解释一下|回复|对|是)?(?:吗|呢|吧|么)?"
    r")[\s?!.,。？！，~]*",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:ok(?:ay)?\b|well\b|good\b|thanks\b|好的|好|嗯|谢谢)?[\s,，.。]*"
    r"(?:(?:and|but|then|so|what about|how about|what if)\b|那|如果|要是)"
    r"|\b(?:it|its|that|this|those|these|them|they|the same)\b"
    r"|它|这个|那个|这样|那样|呢[？?。]?$",
    re.IGNORECASE,
)
_ELLIPTICAL = re.compile(
    r"^(?:ok(?:ay)?\b|well\b|hm+\b|so\b|thanks\b|好的|好|嗯)?[\s,，.。]*"
    r"(?:(?:and|or|what about|how about)\b|那)|呢[？?。]?$",
    re.IGNORECASE,
)
_ELLIPTICAL_WORDS_EN, _ELLIPTICAL_SIGNS_ZH = 6, 10
_LEANING_WORDS_EN, _LEANING_SIGNS_ZH = 14, 14
_SHORT_WORDS_EN, _SHORT_SIGNS_ZH = 3, 8


@lru_cache(maxsize=4096)
def parts_of(text: str) -> tuple[str, ...]:
    """The questions a message may hold, in order; only the message itself where it cannot be taken apart."""
    if len(text) > MOST_CHARS or not _may_have_parts(text):
        return (text,)
    pieces = [piece.strip(" ,，、") for piece in _PARTS.split(_LABEL.sub("", text)) if piece]
    pieces = [part for piece in pieces for part in _by_commas(piece)]
    parts = tuple(piece for piece in pieces if _has_substance(piece) or is_bare(piece))
    return parts if 2 <= len(parts) <= MOST_PARTS else (text,)


def _may_have_parts(text: str) -> bool:
    """Whether it has any sign or word that parts may end or begin with: most Latin questions have none, and to split
    them costs twenty times as much."""
    if not text.isascii():
        return True
    body = text.strip().lower()
    return any(sign in body for sign in _BEGIN_LATIN) or any(sign in body[:-1] for sign in ".?!;")


def asks(piece: str) -> bool:
    """Whether it has the form of a question or a request."""
    return bool(_ASKS.search(piece))


def asks_for_help(piece: str) -> bool:
    """Whether it asks only to be helped with what stands beside it: "can you tell me?", "what should I do?"."""
    return bool(_HELP.fullmatch(piece))


def _by_commas(piece: str) -> list[str]:
    """A Chinese comma parts two questions where every clause asks."""
    clauses = [clause.strip() for clause in _COMMA_ZH.split(piece)] if _CJK.search(piece) else []
    is_several = len(clauses) > 1 and all(map(_QUESTION_ZH.search, clauses))
    return clauses if is_several else [piece]


def _has_substance(piece: str) -> bool:
    """Enough words to be asked about anything, and not only small talk."""
    signs = len(_CJK.findall(piece))
    return (signs >= 3 or len(re.findall(r"[^\W\d_]+", piece)) >= 3) and small_talk(piece) is None


def says_nothing_alone(part: str) -> bool:
    """Whether it has only words that go with any subject."""
    plain = _APOSTROPHE.sub("'", part)
    return bool(_SAYS_NOTHING.fullmatch(plain)) and bool(_LETTER.search(plain))


def telling_words(text: str) -> str:
    """The text without the words that go with any subject; in languages other than English and Chinese all of it."""
    return _GENERAL.sub(" ", _APOSTROPHE.sub("'", text))


def is_bare(piece: str) -> bool:
    """Whether it asks in a word or two, which name something: "invoice?"."""
    is_marked = bool(_ENDS_ASKING.search(piece)) and not _has_substance(piece)
    return is_marked and not says_nothing_alone(piece) and small_talk(piece) is None


def size_of(text: str) -> tuple[int, int]:
    """How many Chinese signs and how many words it has."""
    return len(_CJK.findall(text)), len(re.findall(r"[^\W_]+", text))


def is_elliptical(text: str) -> bool:
    """Whether it is a question with its subject left out: "and on Sundays?", "what about the deposit", "那周末呢"."""
    plain = text.strip()
    signs, words = size_of(plain)
    is_short = signs <= _ELLIPTICAL_SIGNS_ZH if signs else words <= _ELLIPTICAL_WORDS_EN
    return is_short and bool(_ELLIPTICAL.search(plain))


def points_back(text: str) -> bool:
    """Whether a word of it points back, or begins a question that goes on; not by its shortness alone."""
    return bool(_LEANS.search(text.strip()))


@lru_cache(maxsize=4096)
def leans(text: str) -> bool:
    """Whether the words alone may not say what is meant: short, with a word that points back, or all but bare."""
    plain = text.strip()
    signs, words = size_of(plain)
    if signs:
        return signs <= _SHORT_SIGNS_ZH or (signs <= _LEANING_SIGNS_ZH and bool(_LEANS.search(plain)))
    return words <= _SHORT_WORDS_EN or (words <= _LEANING_WORDS_EN and bool(_LEANS.search(plain)))
