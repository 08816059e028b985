"""Whether somebody asks for a person, in one of the many ways of saying nothing but that. Pure.

Only a message, or a sentence, that says nothing else is meant: "talk to somebody about my refund" is about the refund,
and the knowledge base looks at it.
"""

import re
from typing import Final

LONGEST: Final = 100
"""A longer sentence says more than that."""

_PLEASE_EN = (
    r"(?:(?:ok(?:ay)?|well|hi|hello|hey|please|pls|just|now|no|sorry|actually)\s+)*"
    r"(?:(?:can|could|may)\s+(?:i|you|we)\s+(?:please\s+|just\s+)?|"
    r"(?:i|we)(?:'d|\s+would)?\s+(?:really\s+|just\s+)?(?:want|need|like|prefer|wish)\s+(?:to\s+)?|"
    r"(?:i'd|i would)\s+rather\s+|let\s+me\s+|is\s+there\s+|how\s+(?:can|do)\s+i\s+)?"
)
_TALK_EN = (
    r"(?:(?:talk|speak|chat)\s+(?:to|with)|"
    r"(?:connect|transfer|pass|put)\s+me\s+(?:through\s+)?(?:to|with)|reach|contact)\s+"
)
_FETCH_EN = r"(?:(?:get|give|fetch|find)\s+(?:me\s+)?|ask\s+(?:for\s+)?|see\s+)"
_WHOSE_EN = r"(?:(?:a|an|the|your|some|any)\s+)?(?:(?:real|live|actual|human|another|different)\s+)*"
_PERSON_EN = (
    r"(?:human(?:\s+being)?|person|agent|operator|representative|rep|advis[eo]r|"
    r"(?:customer|human)\s+(?:service|support|care)(?:\s+(?:agent|team|person|representative))?|"
    r"(?:support|service)\s+(?:agent|person|team|representative))"
)
_ANYBODY_EN = (
    r"(?:someone|somebody|anyone|anybody|people|colleague|employee|staff|support|customer\s+service)"
)
_END_EN = (
    r"(?:\s+(?:(?:i|we)\s+can\s+(?:talk|speak)\s+(?:to|with)|(?:who|that)\s+can\s+help(?:\s+me)?|to\s+help(?:\s+me)?|"
    r"available|there|here|please|pls|now|right\s+now|instead|directly|thanks|thank\s+you|about\s+(?:this|it|that)))*"
)
_FETCH_ZH = (
    r"(?:请|麻烦|帮我|给我|我要|我想|我需要|能不能|可不可以|"
    r"可以|能|快|直接|你们?|那就?|还是|要|想|需要|[，,、\s])*"
)
_WHO_ZH = (
    r"(?:转接?|找|接通?|联系|和|跟|与|叫|换|有没有|有)?(?:一下|个|一个|一位|你们的?|真正的|其他)?"
    r"(?:人工(?:客服|服务|坐席)?|真人(?:客服)?|活人|客服(?:人员)?|工作人员)"
)
_END_ZH = r"(?:在吗|吗|吧|呢|啊|说话|说|聊聊?|谈谈?|沟通(?:一下)?|帮我|处理|服务|谢谢|[，,、\s])*"
_EN = re.compile(
    rf"{_PLEASE_EN}(?:(?:{_TALK_EN}|{_FETCH_EN})?{_WHOSE_EN}{_PERSON_EN}|{_TALK_EN}{_WHOSE_EN}{_ANYBODY_EN}){_END_EN}"
)
_ZH = re.compile(_FETCH_ZH + _WHO_ZH + _END_ZH)


_BETWEEN = re.compile(r"[.!?…]+\s|[。！？；;]+\s?")


def asks_for_person(words: str) -> bool:
    """Whether these words, in small letters and without signs at their ends, ask for a person and nothing else.

    Or one of several sentences does, in more than a word: whatever the others tell, the person will read it.
    """
    if len(words) <= LONGEST and _asks(words):
        return True
    sentences = _BETWEEN.split(words)
    return len(sentences) > 1 and any(
        len(each) <= LONGEST and (" " in each or not each.isascii()) and _asks(each) for each in sentences
    )


def _asks(words: str) -> bool:
    return _EN.fullmatch(words) is not None or _ZH.fullmatch(words) is not None
