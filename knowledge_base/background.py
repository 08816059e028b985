"""Questions that no business's articles answer: what "none of these" sounds like."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from knowledge_base.text import Script, normalise, script_of

_FILES: Final[Mapping[str, str]] = MappingProxyType({"en": "background_en.txt", "zh": "background_zh.txt"})


@lru_cache(maxsize=1)
def everyday_questions() -> tuple[str, ...]:
    """Off-topic messages written for this project, English and Chinese."""
    folder = files("knowledge_base").joinpath("samples")
    return tuple(
        line
        for name in _FILES.values()
        for line in folder.joinpath(name).read_text("utf-8").splitlines()
        if line
    )


def in_script(texts: Sequence[str], script: Script) -> list[str]:
    """Those of the texts that a shelf of the script would be asked."""
    return [text for text in texts if script_of(normalise(text)) == script]


def is_told_of(language: str) -> bool:
    """Whether these are in the language. In another one everything in them is unheard of, and proves nothing."""
    return language.split("-")[0].lower() in _FILES
