"""Static word vectors: words of like meaning lie near each other, also words that no phrasing and no table has.

An optional extra (`pip install "frontdesk[semantic]"`). The vectors are those the package wordllama carries: the token
embeddings of a large language model, made smaller (Miller 2024). Its files are read as they are; nothing of it is
imported, which would take a second, and nothing is ever downloaded.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_PACKAGE: Final = "wordllama"
_VECTORS: Final = Path("weights", "l2_supercat_256.safetensors")
_PIECES: Final = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_NOTHING: Final = 1e-6
_REMEMBERED: Final = 50_000
_REMEMBERED_CHARS: Final = 40


class SemanticMissing(Exception):
    """The extra is not installed, or of a version that has other files."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Word vectors are wanted, but {what}: pip install 'frontdesk[semantic]', or do without them."
        )


@dataclass(frozen=True, slots=True)
class WordVectors:
    """`of_pieces`: a row for each piece of a word that `tokenizer` cuts; `name` is that of the files they are from."""

    name: str
    of_pieces: NDArray[np.float16]
    tokenizer: Any
    _words: dict[str, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def width(self) -> int:
        """How many numbers a word has."""
        return int(self.of_pieces.shape[1])

    def of_words(self, tokens: Sequence[str]) -> FloatArray:
        """Each word's vector, the sum of its pieces': words × width."""
        found = [self._of_word(token) for token in tokens]
        return np.array(found, np.float32).reshape(len(found), self.width)

    def meaning_of(self, tokens: Sequence[str]) -> FloatArray:
        """The direction of the words' sum: of length 1, or zero for none."""
        whole: FloatArray = np.add.reduce(self.of_words(tokens), axis=0)
        length = math.sqrt(float(whole @ whole))
        return whole / np.float32(length) if length > _NOTHING else np.zeros_like(whole)

    def _of_word(self, token: str) -> FloatArray:
        known = self._words.get(token)
        if known is None:
            pieces = self.tokenizer.encode(token, add_special_tokens=False).ids
            known = self.of_pieces[pieces].astype(np.float32).sum(axis=0)
            if len(token) <= _REMEMBERED_CHARS:
                if len(self._words) >= _REMEMBERED:
                    self._words.clear()
                self._words[token] = known
        return known


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The package's vectors. Raises SemanticMissing."""
    folder = _folder()
    try:
        from safetensors.numpy import load
        from tokenizers import Tokenizer
    except ImportError as error:
        raise SemanticMissing(f"{error.name} is not installed") from None
    try:
        data, pieces = (folder / _VECTORS).read_bytes(), (folder / _PIECES).read_bytes()
    except OSError:
        raise SemanticMissing(f"this version of {_PACKAGE} has other files") from None
    [of_pieces] = load(data).values()
    tokenizer = Tokenizer.from_buffer(pieces)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return WordVectors(hashlib.blake2b(data + pieces, digest_size=16).hexdigest(), of_pieces, tokenizer)


def _folder() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise SemanticMissing(f"{_PACKAGE} is not installed")
    return Path(found.origin).parent
