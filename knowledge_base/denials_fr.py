"""How French says that a thing is not wanted, or was not done (denials.py)."""

import re
from types import MappingProxyType
from typing import Final

from knowledge_base.denials import Denials, rows

_UNDO: Final = (
    r"(?P<act>(?:annul|résili|resili|supprim|clôtur|clotur|ferm|bloqu|désactiv|désabonn|désinscri|"
    r"efface|renvoy)\w*)"
)
FR: Final = Denials(
    may_deny=re.compile(r"\b(?:pas|plus|jamais|rien|sans)\b"),
    asks=re.compile(r"\b(?:si|pourquoi|comment|quand|où|quoi)\b"),
    supposes=re.compile(r"\bsi\b"),
    not_yet=re.compile(r"\b(?:encore|à\s+temps)\b"),
    wishes=rows(
        r"\b(?:veux|voulais|voulons|souhaite|souhaitais|souhaitons|désire|compte|voudrais|aimerais)\s+"
        rf"(?:surtout\s+)?(?:pas|plus|jamais)\s+(?:(?:me|le|la|les|vous)\s+|m'|l')?{_UNDO}",
        # N'annulez pas; not: vous n'annulez pas
        rf"(?<!\bvous\s)(?<!\bil\s)(?<!\belle\s)\bn(?:e\s+|')(?:(?:me|le|la|les)\s+|m'|l')?{_UNDO}\s+"
        r"(?:surtout\s+|donc\s+)?(?:pas|plus|jamais|rien)\b",
        rf"\b(?:ne\s+(?:surtout\s+)?|ne\s+faut\s+(?:surtout\s+)?)(?:pas|plus|jamais)\s+(?:(?:me|le|la|les)\s+|m'|l')?{_UNDO}",
    ),
    undone=rows(
        r"\bj(?:e\s+n)?'(?:ai|avais)\s+(?:pas|jamais)\s+"
        rf"(?:(?:demandé|voulu|souhaité)\s+(?:(?:à|de|la|une?|ma)\s+|l')*(?:me\s+|vous\s+)?)?{_UNDO}",
        rf"\bpas\s+moi\s+qui\s+(?:l'ai|ai|ait|a)\s+{_UNDO}",
        rf"\b{_UNDO}.{{0,60}}\bsans\s+(?:mon|me|m')\s*(?:accord|consentement|autorisation|demander|avertir|prévenir)",
    ),
    verbs=MappingProxyType({"résiliez": "résilier", "resiliez": "resilier"}),
    undoes=re.compile(rf"\b{_UNDO}"),
)
