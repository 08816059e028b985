"""How English says that a thing is not wanted, or was not done (denials.py)."""

import re
from types import MappingProxyType
from typing import Final

from knowledge_base.denials import Denials, rows

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
_SOFT: Final = (
    r"(?:(?:really|actually|ever|even|just|also|definitely|certainly|still|yet|you\s+dare|"
    r"under\s+any\s+circumstances)\s+)*"
)
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
_UNDOING: Final = (
    "cancel|clos|delet|deactivat|terminat|remov|eras|unsubscrib|return|reset|revok|revers|abort|chang"
)
_UNDO: Final = rf"(?P<act>(?:{_UNDOING})\w*)"
_HARM: Final = rf"(?P<act>(?:{_UNDOING}|block|fr[eo]ez|froze|lock|suspend|disabl|charg|shar|sell|call)\w*)"
_HAVE_NOT: Final = (
    r"(?:did\s+not|didn'?t|have\s+not|haven'?t|'ve\s+not|had\s+not|hadn'?t|"
    r"(?:'ve\s+|have\s+|had\s+)?never)\s+"
)
_AM: Final = r"(?:i\s*'?m|i\s+am|i\s+was|we\s*'?re|we\s+are|we\s+were)\s+"
_AM_NOT: Final = rf"(?:{_AM}{_SOFT}not|(?:i|we)\s+(?:wasn'?t|weren'?t|aren'?t|ain'?t))\s+{_SOFT}"
# Words that may stand between "not" and what is not wanted; with others between them they may be two sentences
# ("I do not want the lamp cancel my order").
_ON: Final = (
    r"(?:(?:ever|even|really|please|want(?:ed)?|wish(?:ed)?|like|intend(?:ed)?|plan(?:ned)?|agreed?|ask(?:ed)?|"
    r"request(?:ed)?|authori[sz]ed?|approved?|order(?:ed)?|consent(?:ed)?|press(?:ed)?|click(?:ed)?|tap(?:ped)?|hit|"
    r"for|to|of|on|be|been|have|"
    r"(?:the|my|our|your|any|an?|this|that)(?=\s+\w+(?:ion|ure)\b))\s+){0,5}"
)
_CONSENT: Final = (
    r"without\s+(?:(?:(?:ever|me|us|my|our)\s+)*(?:asking|telling|informing|contacting)\b|"
    r"(?:(?:my|our|any|asking\s+for)\s+)*(?:permission|consent|approval|agreement|knowledge|authori[sz]ation|request)\b)"
)
EN: Final = Denials(
    may_deny=re.compile(
        r"n'?t\b|\b(?:not|never|no|nobody|without|against|refused?|declined?|ignore|disregard|stop|undo|"
        r"revert)\b"
    ),
    asks=re.compile(r"\b(?:if|whether|in\s+case|when|unless|why|what|how|where|which)\b"),
    supposes=re.compile(r"\b(?:if|whether|in\s+case|unless)\b"),
    not_yet=re.compile(r"\b(?:yet|still|so\s+far|in\s+time|within|until|before|enough)\b"),
    wishes=rows(
        rf"{_ME}{_NOT}{_SOFT}{_AIM}(?:{_THING})?to\s+{_ACT}",  # I do not want (you) to cancel
        rf"{_ME}{_NOT}{_SOFT}(?:want(?:ed)?|ask(?:ed)?\s+for|need(?:ed)?)\s+{_THING}(?:to\s+)?(?:be\s+)?"
        r"(?P<act>[a-z]+(?:ed|en))\b",
        rf"{_BEGIN}(?:do\s+not|don'?t|not\s+to)\s+{_ACT}",  # don't cancel
        r"\b(?:asked|told|tell|decided|prefer|like|want|rather|sure|said)\s+(?:\w+\s+){0,2}?not\s+(?:to\s+(?:be\s+)?)?"
        r"(?P<act>[a-z]+)",
        r"\b(?:(?:can|could|would|will)\s+you\s+(?:please|kindly)|you\s+(?:should|must))\s+not\s+(?P<act>[a-z]+)",
        rf"^(?:there\s+is\s+|there'?s\s+)?no\s+need\s+(?:for\s+you\s+)?to\s+{_ACT}",
        r"n[o']?t\s+(?:think|believe)\s+(?:that\s+)?(?:i|we)\s+(?:want|wanted|need|asked)\s+(?:you\s+)?to\s+(?P<act>[a-z]+)",
        rf"\b{_AM_NOT}(?:going|looking|trying|planning|asking|willing|wanting|intending)\s+(?:{_THING})?to\s+{_ACT}",
        rf"(?:\b{_AM_NOT}|^not\s+){_UNDO}(?<=ing)\b",  # I am not cancelling
        r"\b(?:no|any)\s+(?:intention|wish|desire|plans?|interest|reason|right|permission)\s+(?:of|to|in|for)\s+"
        r"(?P<act>[a-z]+)",
        rf"\b(?:prefer|rather|better)\s+(?:that\s+|if\s+)?(?:you|it|they)\s+(?:do\s+not|don'?t|did\s+not|didn'?t)\s+{_HARM}",
        rf"\b(?:i|we)\s+(?:refused?|declined?)\s+to\s+{_UNDO}",
        rf"^(?:please\s+)?no\s+{_UNDO}(?<=ion)(?:\s+please)?$",
        rf"\b(?:do\s+not|don'?t)\s+(?:process|proceed\s+with|go\s+ahead\s+with)\s+(?:the|my|this|any)\s+{_UNDO}",
        rf"\b(?:to\s+not|not\s+to)\s+(?:be|have\s+(?:my|our|the)\s+(?:\w+\s+){{1,2}}?)\s*{_UNDO}",
        # Could you not delete it; not: could you not just delete it for me?
        rf"\b(?:can|could|would|will)\s+you\s+not\s+(?:please\s+)?{_HARM}\b(?!.*\b(?:for\s+(?:me|us)|instead|already|too)\b)",
        rf"\b(?:should|must|may)(?:\s+not|n'?t)\s+(?:be|get|have\s+been)\s+{_UNDO}",
        rf"\b(?:make|be|making)\s+sure\s+.{{0,60}}?\b(?:(?:is|are|does|do|will|gets?)\s+not|isn'?t|aren'?t|doesn'?t|don'?t|won'?t|"
        rf"never)\s+(?:be\s+|get\s+)?{_HARM}",
        rf"\bhope\s+.{{0,60}}?\b(?:not|never|won'?t|don'?t|doesn'?t|isn'?t)\s+(?:be\s+|get\s+)?{_HARM}",
    ),
    undone=rows(
        rf"(?:^|\b(?:i|we)\s*){_SOFT}{_HAVE_NOT}{_SOFT}(?:(?:ask|asked|request|requested|appl(?:y|ied))\s+(?:for\s+)?"
        rf"(?:(?:my|the|this|that|our|your|any|an?|to)\s+)?(?:\w+\s+)?)?{_UNDO}",
        rf"\b(?:(?:wasn'?t|isn'?t|was\s+not|is\s+not|not)\s+(?:me|us|i)\s+(?:who|that)|not\s+the\s+(?:one|person)\s+(?:who|that))"
        rf"\s+(?:has\s+|have\s+)?{_UNDO}",
        rf"\b(?:nobody|no\s*one)\s+{_SOFT}(?:asked|told|allowed|authori[sz]ed)\s+(?:you|anyone|anybody|them)\s+to\s+{_ACT}",
        rf"(?:^|\b(?:i|we|please|pls|kindly|and|but|so)\s*){_SOFT}(?:(?:will|would|shall|must|'ll|'d)\s+(?:not|never)\s+|"
        rf"{_NOT}|{_HAVE_NOT}){_ON}{_UNDO}",
        rf"\b(?:under\s+no\s+circumstances?\s+(?:should\s+you\s+)?|against\s+(?:(?:the|my)\s+)?(?=\w+(?:ing|ion)\b)){_UNDO}",
        rf"\b(?:not|n't)\s+(?:want|wish|like)\s+(?:to\s+)?have\s+(?:my|our|the)\s+(?:\w+\s+){{1,2}}?(?=\w+ed\b){_UNDO}",
        rf"\b(?:ignore|disregard|stop|undo|revert)\s+(?:the|my|that|this)\s+(?=\w+ion\b){_UNDO}",
        rf"\b{_UNDO}\b.{{0,60}}\b{_CONSENT}",
        rf"\b{_UNDO}\b.{{0,60}}\bnot\s+(?:by\s+(?:me|us)|(?:my|our)\s+(?:doing|request|decision|wish|choice))\b",
    ),
    verbs=MappingProxyType({"closure": "close", "froze": "freeze", "frozen": "freeze"}),
    no_acts=_NO_ACTS,
    undoes=re.compile(rf"\b{_UNDO}"),
    echoes=re.compile(
        r"\b(?:(?:i|we)\s+(?:certainly\s+|definitely\s+)?(?:did\s+not|didn'?t|have\s+not|haven'?t|never\s+did)"
        r"(?:\s+(?:do|touch)\s+(?:it|that|this|anything))?|(?:was\s+not|wasn'?t)\s+(?:me|us)|"
        r"(?:i|we)\s+(?:did\s+not|didn'?t)\s+want\s+to|"
        r"(?:i|we)\s+(?:did\s+not|didn'?t|never)\s+(?:ask|asked|tell|told|want|wanted)\s+you\s+to|"
        r"(?:i|we)\s+(?:did\s+not|didn'?t|never)\s+(?:ask(?:ed)?\s+for|request(?:ed)?|authori[sz]ed?|approved?)\s+"
        r"(?:it|that|this))$"
    ),
    happened=re.compile(
        r"^(?!.*\b(?:like|want|need|please|how|can|could|get\s+my)\b).*?"
        rf"(?:\b(?:clicked|pressed|tapped|hit)\s+(?:on\s+)?(?:the\s+)?|(?<!not\s)(?<!n't\s)\b(?=\w+ed\b)){_UNDO}"
    ),
)
