"""What names a thing of the customer's, and says nothing of what is asked: numbers of orders, web and mail addresses.

No phrasing has them, so each would count as a word that the knowledge base does not know, and speak against every
article. Those that phrasings do have ("error 4012") are words like others.
"""

import re
from collections.abc import Callable
from typing import Final

from knowledge_base.blocks import Reading
from knowledge_base.text import tokenise

_ADDRESS: Final = re.compile(r"(?:https?://|\bwww\.)[!-~]+|[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)

IsKnown = Callable[[str], bool]


def without_addresses(normalised: str, is_known: IsKnown = lambda _: False) -> str:
    """The text without web and mail addresses; with those whose every token some phrasing has."""
    if "@" not in normalised and "://" not in normalised and "www." not in normalised:
        return normalised
    left = _ADDRESS.sub(lambda found: found[0] if all(map(is_known, tokenise(found[0]))) else " ", normalised)
    return normalised if left.isspace() else left


def without_numbers(reading: Reading, is_known: IsKnown) -> Reading:
    """The reading without numbers that no phrasing has; the same one where nothing else was said."""
    tokens = reading.tokens
    if all(map(str.isalpha, tokens)):
        return reading
    kept = [place for place, token in enumerate(tokens) if not _is_number(token) or is_known(token)]
    if not kept or len(kept) == len(tokens):
        return reading
    return Reading([tokens[place] for place in kept], [reading.stems[place] for place in kept])


def _is_number(token: str) -> bool:
    """Digits are at least half of it: `482913` and `a4829`, but not `3rd`, `mp3` or `covid19`."""
    return 2 * sum(map(str.isdecimal, token)) >= len(token)
