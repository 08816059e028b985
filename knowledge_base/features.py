"""TF-IDF vectors in blocks (words, word pairs, characters), learned with scikit-learn and served without it.

A vectoriser's single `transform` costs more in validation than the look-ups themselves
(../shared/MATCHING.md, "Speed"), so a question is turned into ids and weights by dictionary here.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.text import Script, normalise, stem, tokenise

FloatArray = NDArray[np.float32]
IdArray = NDArray[np.int64]

# Per-word ids are remembered up to this many words; customers' typos would grow it for ever.
_WORD_CACHE_SIZE = 50_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as tokens and their stems, both in order and of equal length."""

    tokens: list[str]
    stems: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """A kind of feature and its share of a vector's squared length."""

    name: str
    features: Callable[[Reading], list[str]]
    share: float


def read(text: str, language: str) -> Reading:
    """The text's tokens with their stems in `language`."""
    tokens = tokenise(normalise(text))
    return Reading(tokens, [stem(token, language) for token in tokens])


def unigrams(reading: Reading) -> list[str]:
    """Each stem; in Chinese, each character."""
    return list(reading.stems)


def bigrams(reading: Reading) -> list[str]:
    """Each pair of neighbouring stems; in Chinese, of characters."""
    return [f"{left} {right}" for left, right in pairwise(reading.stems)]


def anchored_bigrams(reading: Reading) -> list[str]:
    """Each pair of neighbouring stems, the text's beginning and end counting as stems."""
    return (
        [f"{left} {right}" for left, right in pairwise(["^", *reading.stems, "$"])] if reading.stems else []
    )


def character_grams(word: str) -> list[str]:
    """The 2- to 5-grams of one word with a space at either end, as scikit-learn's `char_wb` cuts them."""
    padded = f" {word} "
    return [
        padded[start : start + size]
        for size in range(2, min(5, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    ]


def characters(reading: Reading) -> list[str]:
    """Character grams of every token; they forgive typos and foreign inflection."""
    return [gram for token in reading.tokens for gram in character_grams(token)]


# Shares were chosen by cross-validation on BANKING77's and CLINC150's articles.csv (alphabetic) and
# on the Chinese set's articles.csv; see ../shared/MATCHING.md for what each block is worth.
BLOCKS: dict[Script, tuple[Block, ...]] = {
    "alphabetic": (
        Block("words", unigrams, 0.35),
        Block("pairs", anchored_bigrams, 0.25),
        Block("characters", characters, 0.4),
    ),
    "cjk": (Block("words", unigrams, 0.75), Block("pairs", bigrams, 0.25)),
}


@dataclass(frozen=True, slots=True)
class FittedBlock:
    """A block's vocabulary and idf; ids start at `offset` in the joint space."""

    block: Block
    vocabulary: dict[str, int]
    idf: FloatArray
    offset: int


@dataclass(frozen=True, slots=True)
class Vector:
    """The non-zero features of one text: distinct ids in the joint space, and their weights."""

    ids: IdArray
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """What turns texts of one script into vectors."""

    script: Script
    language: str
    blocks: tuple[FittedBlock, ...]
    text_count: int
    _idf: FloatArray = field(init=False, repr=False, compare=False)
    _grams: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        joined = np.concatenate([np.empty(0, np.float32), *(fitted.idf for fitted in self.blocks)])
        object.__setattr__(self, "_idf", joined)

    @property
    def size(self) -> int:
        """How many features the joint space has."""
        return len(self._idf)

    def vector(self, reading: Reading) -> Vector:
        """The text's vector, equal to scikit-learn's row for it; empty when nothing is known."""
        ids: list[int] = []
        starts, shares = [], []
        for fitted in self.blocks:
            found = self._ids(fitted, reading)
            if found:
                starts.append(len(ids))
                shares.append(fitted.block.share)
                ids += found
        if not ids:
            return Vector(np.empty(0, np.int64), np.empty(0, np.float32))
        repeated: dict[int, int] = {}
        if len(set(ids)) < len(ids):
            repeated = Counter(ids)
            starts, ids = _distinct(ids, starts)
        positions = np.array(ids, np.int64)
        weights = self._idf[positions]
        if repeated:
            weights *= 1 + np.log(np.fromiter(map(repeated.__getitem__, ids), np.float32, len(ids)))
        lengths = np.add.reduceat(weights * weights, starts)
        ends = [*starts[1:], len(ids)]
        sizes = [end - start for start, end in zip(starts, ends, strict=True)]
        weights *= np.sqrt(np.array(shares, np.float32) / lengths).repeat(sizes)
        return Vector(positions, weights)

    def _ids(self, fitted: FittedBlock, reading: Reading) -> list[int]:
        """Ids of the block's features of the text, as often as they occur."""
        if fitted.block.features is characters:
            return [index for token in reading.tokens for index in self._gram_ids(token, fitted)]
        get, offset = fitted.vocabulary.get, fitted.offset
        return [index + offset for index in map(get, fitted.block.features(reading)) if index is not None]

    def _gram_ids(self, token: str, fitted: FittedBlock) -> tuple[int, ...]:
        known = self._grams.get(token)
        if known is None:
            get, offset = fitted.vocabulary.get, fitted.offset
            known = tuple(i + offset for i in map(get, character_grams(token)) if i is not None)
            if len(self._grams) >= _WORD_CACHE_SIZE:
                self._grams.clear()
            self._grams[token] = known
        return known

    def word_idf(self, stemmed: str, texts: int = 1) -> tuple[float, bool]:
        """How telling the word is, and whether at least `texts` phrasings have it; an unseen one tells most."""
        unseen = math.log(1 + self.text_count) + 1
        fitted = self.blocks[0]
        index = fitted.vocabulary.get(stemmed)
        if index is None:
            return unseen, False
        idf = float(fitted.idf[index])
        # idf = log((1 + n) / (1 + df)) + 1, solved for df (scikit-learn's smoothed form).
        return idf, idf <= unseen - math.log(1 + texts) + 1e-4


def _distinct(ids: list[int], starts: list[int]) -> tuple[list[int], list[int]]:
    """Where each block now starts, and the ids once each; ids of different blocks never meet."""
    ends = [*starts[1:], len(ids)]
    kept: list[int] = []
    new_starts = []
    for start, end in zip(starts, ends, strict=True):
        new_starts.append(len(kept))
        kept += dict.fromkeys(ids[start:end])
    return new_starts, kept


def fit_space(texts: Sequence[str], script: Script, language: str) -> tuple[FeatureSpace, Any]:
    """The space the texts span, and their vectors as rows of a CSR matrix (float32)."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    readings = [read(text, language) for text in texts]
    fitted, columns, offset = [], [], 0
    for block in BLOCKS[script]:
        vectoriser = TfidfVectorizer(analyzer=block.features, sublinear_tf=True, dtype=np.float32)
        try:
            rows = vectoriser.fit_transform(readings)
        except ValueError:  # scikit-learn's "empty vocabulary": no text has a feature of this kind
            continue
        vocabulary = {term: int(index) for term, index in vectoriser.vocabulary_.items()}
        fitted.append(FittedBlock(block, vocabulary, vectoriser.idf_.astype(np.float32), offset))
        columns.append(rows * np.float32(math.sqrt(block.share)))
        offset += len(vocabulary)
    space = FeatureSpace(script, language, tuple(fitted), len(texts))
    return space, csr_matrix(hstack(columns)) if columns else csr_matrix((len(texts), 0), dtype=np.float32)


def rows_of(space: FeatureSpace, readings: Iterable[Reading]) -> Any:
    """The readings' vectors as rows of a CSR matrix, for work in batches."""
    from scipy.sparse import csr_matrix

    vectors = [space.vector(reading) for reading in readings]
    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    empty = np.empty(0)
    ids = np.concatenate([empty.astype(np.int64), *(vector.ids for vector in vectors)])
    weights = np.concatenate([empty.astype(np.float32), *(vector.weights for vector in vectors)])
    return csr_matrix((weights, ids, ends), shape=(len(vectors), space.size))
