"""From what a customer typed to words: normalised, tokenised, stemmed.

Imports nothing heavy: of NLTK only the stemmers are loaded, by the first word that is stemmed.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Any, Final, Literal, cast

MAX_CHARS = 4_096

Script = Literal["alphabetic", "cjk"]

# Han with its extensions, kana and Hangul: written without spaces (or, for Hangul, so agglutinated
# that characters say more than words do).
_CJK_RANGES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_CJK = re.compile(f"[{_CJK_RANGES}]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W_]+")
_WORD_OR_CJK = re.compile(f"[{_CJK_RANGES}]|[^\\W_{_CJK_RANGES}]+")
# Soft hyphens, zero-width and direction marks are invisible to the customer, so they must not split words.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_APOSTROPHE = re.compile("['’ʼ`´]")

# Stems are remembered for this many words of a language, but not of endless ones: customers may write anything.
_REMEMBERED_WORDS = 100_000
_REMEMBERED_CHARS = 40

# A Chinese word is about two characters long and a Latin one about five.
_LETTERS_PER_CJK = 2.5

_SNOWBALL = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish",
}  # fmt: skip


def normalise(text: str) -> str:
    """One spelling per text: compatibility forms and case folded, invisible marks dropped, at most MAX_CHARS.

    Cut before NFKC as well as after, because one character (U+FDFA) can become eighteen.
    """
    text = text[:MAX_CHARS]
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", folded))[:MAX_CHARS]


def script_of(normalised: str) -> Script:
    """Which way of reading suits the text: by words, or by characters (Chinese, Japanese, Korean)."""
    if normalised.isascii():
        return "alphabetic"
    cjk = len(_CJK.findall(normalised))
    letters = len(_LETTER.findall(normalised)) - cjk
    return "cjk" if cjk * _LETTERS_PER_CJK > letters else "alphabetic"


def tokenise(normalised: str) -> list[str]:
    """Words and numbers in order; each Chinese, Japanese or Korean character is a token of its own."""
    if normalised.isascii():
        return _WORD.findall(normalised.replace("'", "").replace("`", ""))
    return _WORD_OR_CJK.findall(_APOSTROPHE.sub("", normalised))


def language_of(text: str) -> str:
    """`zh` for texts written mostly in CJK characters, else `en`: a default for rows that don't say."""
    return "zh" if script_of(normalise(text)) == "cjk" else "en"


def stemmer_name(language: str) -> str:
    """Equal for languages whose words are stemmed alike; empty where they are left as they are."""
    return _SNOWBALL.get(language.split("-")[0].lower(), "")


def stem(word: str, language: str) -> str:
    """The Snowball stem of a normalised word; the word itself where Snowball knows no such language."""
    return stems([word], language)[0]


def stems(words: Sequence[str], language: str) -> list[str]:
    """`stem` of each word."""
    known = _stems_of(language)
    found = list(map(known.get, words))
    if None not in found:
        return cast("list[str]", found)
    new = {word for word, one in zip(words, found, strict=True) if one is None}
    learned = {word: _learn(word, language, known) for word in new}
    return [learned[word] if one is None else one for word, one in zip(words, found, strict=True)]


@lru_cache(maxsize=32)
def _stems_of(_language: str) -> dict[str, str]:
    """The stems of words met before."""
    return {}


def _learn(word: str, language: str, known: dict[str, str]) -> str:
    stemmer = _stemmer(language)
    found = str(stemmer.stem(word)) if stemmer else word
    if len(word) <= _REMEMBERED_CHARS:
        if len(known) >= _REMEMBERED_WORDS:
            known.clear()
        known[word] = found
    return found


@lru_cache(maxsize=32)
def _stemmer(language: str) -> Any:
    name = stemmer_name(language)
    return _snowball()(name) if name else None


@lru_cache(maxsize=1)
def _snowball() -> Any:
    """NLTK's SnowballStemmer, without the rest of NLTK where that is not loaded."""
    with _IMPORTING:
        if "nltk" not in sys.modules:
            try:
                with _only_stemmers():
                    from nltk.stem.snowball import SnowballStemmer as alone
                return alone
            except (ImportError, AttributeError):
                pass  # a version that is laid out otherwise: then as a whole
        from nltk.stem.snowball import SnowballStemmer

        return SnowballStemmer


_IMPORTING: Final = Lock()
_PACKAGES: Final = ("nltk", "nltk.stem", "nltk.corpus")


@contextmanager
def _only_stemmers() -> Iterator[None]:
    """Let `nltk.stem.snowball` be imported from its file alone.

    NLTK's own `__init__` imports all of it, and scikit-learn and pandas for it: 1.3 s, against 0.02 for the stemmers.
    """
    spec = find_spec("nltk")
    if spec is None:
        raise ImportError("nltk")
    bare = {name: ModuleType(name) for name in _PACKAGES}
    folders = list(spec.submodule_search_locations or ())
    bare["nltk"].__path__ = folders
    bare["nltk.stem"].__path__ = [f"{folder}/stem" for folder in folders]
    bare["nltk.corpus"].stopwords = None  # type: ignore[attr-defined]  # asked for by one option only
    sys.modules.update(bare)
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "nltk"]:
            del sys.modules[name]  # so that who imports NLTK later gets all of it
