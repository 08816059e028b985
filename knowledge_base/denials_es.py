"""How Spanish says that a thing is not wanted, or was not done (denials.py)."""

import re
from types import MappingProxyType
from typing import Final

from knowledge_base.denials import Denials, rows

_VERBS: Final = r"(?:cancel|anul|borr|elimin|cerr|cierr|desactiv|bloque|rescind)"
_BAJA: Final = r"(?:me\s+|nos\s+)?(?:dar(?:me|nos)?|d[eé]n?|di|dado|doy)\s+de\s+(?P<act>baja)"
ES: Final = Denials(
    may_deny=re.compile(r"\b(?:no|nunca|jamás|nadie|sin|tampoco)\b"),
    asks=re.compile(r"\b(?:si|qué|cómo|cuándo|dónde)\b"),
    supposes=re.compile(r"\bsi\b"),
    not_yet=re.compile(r"\b(?:todavía|aún|a\s+tiempo)\b"),
    wishes=tuple(
        re.compile(
            r"\b(?:no|nunca|jamás|tampoco)\s+(?:quiero|quería|quise|queremos|deseo|deseaba|pretendo|pienso|voy\s+a|pedí)\s+"
            rf"(?:más\s+)?(?:que\s+)?(?:(?:me|se|lo|la|mi)\s+)?{act}"
        )
        for act in (rf"(?P<act>{_VERBS}\w*)", _BAJA)
    )
    + rows(
        rf"\bno\s+(?:(?:me|lo|la|se|nos)\s+)?(?P<act>{_VERBS}(?:en?|es|éis))\b",  # no cancelen
        r"\bno\s+(?:me|nos)\s+(?:den|des?|dé)\s+de\s+(?P<act>baja)",
    ),
    undone=rows(
        rf"\b(?:no|nunca)\s+(?:(?:lo|la)\s+)?(?P<act>{_VERBS}é)(?!\w)",  # the -é is the first person's
        rf"\b(?:no|nunca)\s+(?:(?:lo|la)\s+)?he\s+(?P<act>{_VERBS}ado)\b",
        r"\b(?:no|nunca)\s+(?:me\s+di|me\s+he\s+dado)\s+de\s+(?P<act>baja)",
        rf"\bno\s+(?:fui|he\s+sido)\s+yo\s+(?:quien|el\s+que|la\s+que)\s+(?:ha\s+)?(?P<act>{_VERBS}\w*)",
        rf"\b(?P<act>{_VERBS}\w*)\b.{{0,60}}\bsin\s+mi\s+(?:permiso|consentimiento|autorización|conocimiento)",
    ),
    verbs=MappingProxyType({"cierre": "cerrar", "cierres": "cerrar", "cierren": "cerrar"}),
    undoes=re.compile(rf"\b(?P<act>{_VERBS}\w*|baja)\b"),
)
