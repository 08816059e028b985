"""What names a thing of the customer's, and says nothing of what is asked: numbers of orders, web and mail addresses.

No phrasing has them, so each would count as a word that the knowledge base does not know, and speak against every
article. Those that phrasings do have ("error 4012") are words like others.
"""

import re
from collections.abc import Container
from typing import Final

from knowledge_base.blocks import Reading, read_normalised
from knowledge_base.text import stems, tokenise

_ADDRESS: Final = re.compile(
    r"(?:https?://|\bwww\.)[!-~]+|(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII
)

_CODE: Final = re.compile(r"(?<![\w/_-])[a-z0-9]+(?:[-_/][a-z0-9]+)+(?![\w/_-])", re.ASCII)


def read_question(normalised: str, language: str, known: Container[str]) -> Reading:
    """What a customer wrote, without identifiers that no phrasing has. `known`: the stems of the phrasings' words."""

    def is_word(found: re.Match[str]) -> str:
        return found[0] if all(stem in known for stem in stems(tokenise(found[0]), language)) else " "

    def is_other(found: re.Match[str]) -> str:
        return is_word(found) if _is_code(found[0]) else found[0]

    if _may_have_addresses(normalised):
        normalised = _ADDRESS.sub(is_word, normalised).strip() or normalised
    if "-" in normalised or "/" in normalised or "_" in normalised:
        normalised = _CODE.sub(is_other, normalised).strip() or normalised
    return _without_numbers(read_normalised(normalised, language), known)


def without_addresses(normalised: str) -> str:
    """The text without web and mail addresses; as it is where it has nothing else."""
    if not _may_have_addresses(normalised):
        return normalised
    return _ADDRESS.sub(" ", normalised).strip() or normalised


def _may_have_addresses(normalised: str) -> bool:
    # Sooner than the pattern, and most texts have none of these.
    return "@" in normalised or "://" in normalised or "www." in normalised


def _without_numbers(reading: Reading, known: Container[str]) -> Reading:
    """The reading without numbers that no phrasing has; the same one where nothing else was said."""
    tokens, found = reading.tokens, reading.stems
    if all(map(str.isalpha, tokens)):
        return reading
    kept = [place for place, token in enumerate(tokens) if found[place] in known or not _is_number(token)]
    if not kept or len(kept) == len(tokens):
        return reading
    return Reading([tokens[place] for place in kept], [found[place] for place in kept])


def _is_code(found: str) -> bool:
    """Letters and at least three digits, which are half of it or more: `a-100`, `fd-20391557`, but not `wd-40`.

    Read as words, its letters would be one of their own.
    """
    digits, letters = sum(map(str.isdecimal, found)), sum(map(str.isalpha, found))
    return digits >= 3 and digits >= letters > 0


def _is_number(token: str) -> bool:
    """Digits are at least half of it: `482913` and `a4829`, but not `3rd`, `mp3` or `covid19`."""
    return not token.isalpha() and 2 * sum(map(str.isdecimal, token)) >= len(token)
