"""Questions that no business's articles answer: what "none of these" sounds like."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from knowledge_base.text import Script, normalise, script_of

_FILES = ("background_en.txt", "background_zh.txt")


@lru_cache(maxsize=1)
def everyday_questions() -> tuple[str, ...]:
    """Off-topic messages written for this project, English and Chinese."""
    folder = files("knowledge_base").joinpath("samples")
    return tuple(
        line for name in _FILES for line in folder.joinpath(name).read_text("utf-8").splitlines() if line
    )


def in_script(texts: Sequence[str], script: Script) -> list[str]:
    """Those of the texts that a shelf of the script would be asked."""
    return [text for text in texts if script_of(normalise(text)) == script]
