"""Sentences with numbers in them: "1 minute", "2 minutes". Pure."""

from collections.abc import Mapping
from typing import Any


class Counted(str):
    """A number in a sentence, followed by its word: `{n:minute|minutes}` names it for one and for any other number."""

    def __format__(self, spec: str) -> str:
        one, bar, others = spec.partition("|")
        return f"{self!s} {one if self == '1' else others}" if bar else super().__format__(spec)


def filled(sentence: str, params: Mapping[str, Any]) -> str:
    """The sentence with its parameters in their places."""
    if "|" in sentence:
        params = {name: Counted(value) for name, value in params.items()}
    return sentence.format(**params)
