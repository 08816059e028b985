"""How German says that a thing is not wanted, or was not done (denials.py)."""

import re
from types import MappingProxyType
from typing import Final

from knowledge_base.denials import Denials, rows

_VERBS: Final = r"(?:kündig|stornier|lösch|widerruf|schliess|beend|deaktivier|sperr|entfern|abbrech|auflös)"
_ACT: Final = rf"(?P<act>(?:{_VERBS}|abbestell|abmeld|zurückgeb|zurückschick|zurücksend)en)\b"
_BETWEEN: Final = r"(?:(?!und\b|oder\b|sondern\b|aber\b|noch\b)\w+\s+)"
_DONE: Final = MappingProxyType(
    {
        "gekündigt": "kündigen", "storniert": "stornieren", "gelöscht": "löschen", "widerrufen": "widerrufen",
        "geschlossen": "schliessen", "beendet": "beenden", "deaktiviert": "deaktivieren", "gesperrt": "sperren",
        "entfernt": "entfernen", "abgebrochen": "abbrechen", "aufgelöst": "auflösen", "abbestellt": "abbestellen",
        "abgemeldet": "abmelden", "zurückgegeben": "zurückgeben", "zurückgeschickt": "zurückschicken",
    }
)  # fmt: skip
_DID: Final = rf"(?P<act>{'|'.join(_DONE)})\b"
_NEVER: Final = r"(?:nicht|nie|niemals|keinesfalls|auf\s+keinen\s+fall)\s+"
DE: Final = Denials(
    may_deny=re.compile(r"\b(?:nicht|nie|niemals|keine\w*|keinesfalls|ohne)\b"),
    asks=re.compile(r"\b(?:wenn|falls|ob|warum|wieso|weshalb|wie|wann|wo|was)\b"),
    supposes=re.compile(r"\b(?:wenn|falls|ob)\b"),
    not_yet=re.compile(r"\b(?:noch\s+(?:nicht|nie)|rechtzeitig)\b"),
    wishes=rows(
        rf"\b(?:möchte|will|wollte|wünsche|wollen|möchten|wollten)\s+{_BETWEEN}{{0,5}}?{_NEVER}{_BETWEEN}{{0,3}}?"
        + _ACT,
        rf"\b(?:möchte|will|wollte|wollen)\s+{_BETWEEN}{{0,5}}?nicht\s+dass\s+.{{0,60}}{_DID}",
        rf"\b(?:bitte|doch|also)\s+{_BETWEEN}{{0,4}}?{_NEVER}{_ACT}",  # bitte nicht löschen
        rf"^(?:bitte\s+)?(?P<act>{_VERBS}(?:en?|t))\s+(?:sie|bitte|mein\w*|die|den|das|es|ihn)\s+{_BETWEEN}{{0,4}}?nicht\b",
        rf"\bbitte\s+(?P<act>{_VERBS}(?:en?|t))\s+(?:sie|mein\w*|die|den|das|es|ihn)\s+{_BETWEEN}{{0,4}}?nicht\b",
    ),
    undone=rows(
        rf"\b(?:ich\s+(?:habe?|hatte)|(?:habe?|hatte)\s+ich)\s+{_BETWEEN}{{0,5}}?{_NEVER}{_DID}",
        rf"\bich\s+{_BETWEEN}{{0,5}}?{_NEVER}{_DID}\s+(?:habe?|hatte)\b",
        r"\b(?:ich\s+habe?|habe?\s+ich)\s+(?:nie|nicht|keine)\s+(?:(?:um\s+)?eine\s+)?(?P<act>kündigung|stornierung|löschung)"
        r"\s+(?:verlangt|beantragt|gewünscht|gewollt|gebeten|veranlasst)\b",
        rf"\bnicht\s+von\s+mir\s+{_DID}",
        rf"\bnicht\s+ich\b.{{0,60}}{_DID}",
        rf"\bohne\s+mein\w*\s+(?:zustimmung|einverständnis|wissen|erlaubnis|auftrag)\s+{_BETWEEN}{{0,3}}?{_DID}",
    ),
    verbs=_DONE,
    undoes=re.compile(rf"\b(?P<act>{_VERBS}(?:en?|t)\b|{'|'.join(_DONE)})"),
)
