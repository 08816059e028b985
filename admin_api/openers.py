"""What agents and customers say without telling anything: greetings, farewells, "one moment"; small words. Pure.

Of English and Chinese; in other languages nothing counts as such.
"""

import re
from typing import Final

_ENGLISH: Final = (
    r"(?:hi|hello|hey|dear|welcome|there|again|all|sir|madam|customer|here|and|so|now|too|today)",
    r"(?:hi|hello|hey|dear) \w+",  # a name
    r"good (?:morning|afternoon|evening|day)",
    r"(?:im|i am|this is|my name is)(?: \w+){0,2}?(?: here| speaking)?",
    r"\w+ (?:here|speaking)",
    r"how (?:can|may) i (?:help|assist)(?: you)?",
    r"what can i do(?: for you)?",
    r"(?:thanks|thank you)(?: so| very)?(?: much)?"
    r"(?: for (?:waiting|(?:your )?(?:patience|message|time)|writing|contacting us|reaching out|getting in touch))?",
    r"(?:youre|you are) (?:very )?welcome",
    r"(?:gladly|my pleasure|no problem|of course|sure|ok|okay|great|perfect|alright|yes|no|fine)",
    r"sorry(?: for the (?:wait|delay)| about that| to hear that)?",
    r"(?:have a|enjoy your) (?:nice |great |good |lovely )?(?:day|evening|weekend|one|rest of (?:the|your) day)",
    r"(?:bye|goodbye|see you|take care|(?:best|kind|warm) regards|regards|yours|cheers)",
    r"(?:is there )?anything else(?: i can (?:do|help)(?: for you| you with)?)?",
    r"(?:let me|i will|ill|im|i am) (?:check|checking|look|looking|see|have a look|take a look)"
    r"(?: (?:at|into))?(?: (?:that|this|it))?(?: for you)?",
    r"(?:just )?(?:one|a) (?:moment|minute|second|sec)(?: please)?",
    r"please (?:wait|hold on|hold)(?: a (?:moment|minute))?",
    r"(?:glad|happy) (?:i could|to) help",
)
_CHINESE: Final = (
    r"(?:您|你)好|亲|嗨|哈喽|早上好|上午好|下午好|晚上好|请问|好的?|嗯+|是的|可以|没问题",
    r"我是\w{1,4}|(?:我是)?\w{0,4}客服\w{0,4}",
    r"(?:有)?什么(?:我)?(?:可以|能)?(?:帮|为|帮到)(?:助)?(?:您|你)(?:的|服务)?(?:吗|呢)?",
    r"(?:感谢|谢谢)(?:您|你)?(?:的)?(?:耐心)?(?:等待|等候|来信|咨询|联系|理解|支持)?",
    r"不客气|不用谢|(?:请)?(?:您)?稍等(?:一下|片刻)?|(?:让您)?久等了|(?:非常|很)?抱歉|不好意思|对不起",
    r"我(?:来|先|马上|这就)?(?:帮|为)?(?:您|你)?(?:看|查|核实)(?:一)?下",
    r"祝(?:您|你)(?:生活|周末)?(?:愉快|顺利)|再见|拜拜|很高兴(?:为您服务|能?帮到(?:您|你))",
    r"还有(?:其他|别的|什么)*(?:问题|需要)(?:吗|呢)?",
)
_IS_ENGLISH: Final = re.compile(rf"(?:(?:{'|'.join(_ENGLISH)})(?: |$))+")
_IS_CHINESE: Final = re.compile(f"(?:{'|'.join(_CHINESE)})+")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_APOSTROPHE: Final = re.compile("['’]")
_ENDS: Final = re.compile(r"[.!?;。！？；\n]+")
_NO_WORD: Final = re.compile(r"\[…\]|[\W_]+")

_SMALL: Final = """
a about again agent all already also am an and any anybody anything are as ask at be been but by bye can cant
could dear did do does dont done for from get got good had has have hello help here hey hi how human i if im
in into is it its ive just know like madam may me might more morning much must my need no not now of off ok
okay on one or our out over person please question really right say shall should sir so some somebody someone
something sorry speak still talk tell than thank thanks that the their them then there these they thing this
those to too up us very want was we were what when where which who why will with word words would yes you your
我 你 您 他 她 它 们 的 了 是 在 有 和 就 也 都 不 没 很 吗 呢 吧 啊 呀 嗯 好 请 问 谢 这
那 个 一 下 怎 么 什 办 样 想 要 能 可 以 会 说 到 给 把 被 对 还 再 人 工
"""
SMALL: Final = frozenset(_SMALL.split())
"""Words that say next to nothing about what a question is about."""


def is_opener(text: str) -> bool:
    """Whether the text only greets, thanks, takes leave or asks for patience; what was taken out of it is a name."""
    said = [part for part in (_plain(part) for part in _ENDS.split(text)) if part]
    return all(_says_nothing(part) for part in said)


def _says_nothing(part: str) -> bool:
    if _HAN.search(part):
        return bool(_IS_CHINESE.fullmatch(part.replace(" ", "")))
    return bool(_IS_ENGLISH.fullmatch(part))


def _plain(part: str) -> str:
    return _NO_WORD.sub(" ", _APOSTROPHE.sub("", part.casefold())).strip()
