"""TF-IDF vectors in blocks (blocks.py), learned with scikit-learn and served without it.

A vectoriser's single `transform` costs more in validation than the look-ups themselves
(../shared/MATCHING.md, "Speed"), so a question is turned into ids and weights by dictionary here.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import Block, Reading
from knowledge_base.shared_words import SharedWords
from knowledge_base.text import MAX_CHARS, Script

FloatArray = NDArray[np.float32]
IdArray = NDArray[np.int64]

# Per-word ids are remembered up to this many words, none of them longer than words are: customers' typos would
# grow it for ever.
_WORD_CACHE_SIZE = 50_000
_CACHED_CHARS = 40
_ID_BYTES: Final = 8
# What a feature counts that occurs so often; in MAX_CHARS characters none occurs more often than there are.
_SUBLINEAR = np.array([0.0, *(1 + np.log(np.arange(1, MAX_CHARS + 2)))], np.float32)


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
class Vectors:
    """The vectors of several texts one behind the other, ids ascending.

    The space's block b of text n is `[bounds[n * blocks + b]:bounds[n * blocks + b + 1]]`. `covered`: of each text's
    idf mass, the share whose words some phrasing has; 0 without words.
    """

    ids: IdArray
    weights: FloatArray
    bounds: IdArray
    blocks: int
    covered: tuple[float, ...]

    @property
    def ends(self) -> IdArray:
        """Where each text begins, and the last ends."""
        return self.bounds[:: self.blocks]

    def each(self) -> Iterator[Vector]:
        """One text's vector after the other."""
        for low, high in pairwise(self.ends.tolist()):
            yield Vector(self.ids[low:high], self.weights[low:high])


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word brings by itself: its features' ids as int64 bytes, what it tells, and what of that is known."""

    ids: bytes
    idf: float
    known: float


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """Each occurrence of a known feature, text by text; how many are each text's; the weights of those heard."""

    keys: IdArray
    lengths: list[int]
    sounds: FloatArray | None
    covered: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """What turns texts of one script into vectors; with `shared`, its last block is the texts' sound."""

    script: Script
    language: str
    blocks: tuple[FittedBlock, ...]
    text_count: int
    shared: SharedWords | None = None
    others: tuple[str, ...] = ()
    """Languages beside `language` in which some of the texts are stemmed."""
    _idf: FloatArray = field(init=False, repr=False, compare=False)
    _offsets: IdArray = field(init=False, repr=False, compare=False)
    shares: FloatArray = field(init=False, repr=False, compare=False)
    """Each block's share of a vector's squared length."""
    _word_idf: list[float] = field(init=False, repr=False, compare=False)
    _words: dict[str | tuple[str, str], _Word] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        derived = {
            "_idf": np.concatenate([np.empty(0, np.float32), *(fitted.idf for fitted in self.blocks)]),
            "_offsets": np.array([fitted.offset for fitted in self.blocks], np.int64),
            "shares": np.array([fitted.block.share for fitted in self.blocks], np.float32),
            "_word_idf": self.blocks[0].idf.tolist() if self.blocks else [],
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def words(self) -> Mapping[str, int]:
        """The stems that some phrasing has, with their ids."""
        return self.blocks[0].vocabulary if self.blocks else {}

    @property
    def size(self) -> int:
        """How many features the joint space has."""
        return len(self._idf)

    def vector(self, reading: Reading) -> Vector:
        """The text's vector, equal to scikit-learn's row for it; empty when nothing is known."""
        found = self.vectors([reading])
        return Vector(found.ids, found.weights)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        """`vector` of each text, worked out for all of them at once."""
        count, blocks = len(readings), max(len(self.blocks), 1)
        found = self._occurrences(readings)
        if not len(found.keys):
            return Vectors(
                found.keys,
                np.empty(0, np.float32),
                np.zeros(count * blocks + 1, np.int64),
                blocks,
                found.covered,
            )
        # A key is the text's number times the size of the space, plus the feature's id: sorted by text, then id.
        keys, starts = found.keys, self._offsets
        if count > 1:
            numbers = np.arange(count) * self.size
            keys += numbers.repeat(found.lengths)
            starts = (numbers[:, None] + starts).ravel()
        keys.sort()
        is_first = np.empty(len(keys), np.bool_)
        is_first[0] = True
        np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
        firsts = is_first.nonzero()[0]
        counts = np.empty_like(firsts)
        np.subtract(firsts[1:], firsts[:-1], out=counts[:-1])
        counts[-1] = len(keys) - firsts[-1]
        keys = keys[firsts]
        bounds = np.empty(count * blocks + 1, np.int64)
        bounds[:-1] = keys.searchsorted(starts)
        bounds[-1] = len(keys)
        if count > 1:
            ends = bounds[::blocks]
            keys -= numbers.repeat(ends[1:] - ends[:-1])
        return Vectors(keys, self._weights(keys, counts, bounds, found.sounds), bounds, blocks, found.covered)

    def remember(self, readings: Iterable[Reading]) -> None:
        """Look the texts' words up now, not while a customer waits."""
        for reading in readings:
            self._of_words(reading)

    def _weights(
        self, ids: IdArray, counts: IdArray, bounds: IdArray, sounds: FloatArray | None
    ) -> FloatArray:
        """Sublinear TF-IDF; each block's part of a vector has the length that its share says."""
        weights = self._idf.take(ids)
        weights *= _SUBLINEAR.take(counts, mode="clip")
        if sounds is not None:
            weights[ids >= self._offsets[-1]] = sounds
        sizes = bounds[1:] - bounds[:-1]
        filled = sizes.nonzero()[0]
        squares = np.add.reduceat(weights * weights, bounds[filled])
        scales = np.sqrt(self.shares.take(filled % len(self.blocks)) / squares)
        weights *= scales.repeat(sizes[filled])
        return weights

    def _occurrences(self, readings: Sequence[Reading]) -> _Occurrences:
        parts: list[bytes] = []
        lengths: list[int] = []
        sounds: list[FloatArray] = []
        covered: list[float] = []
        others = [fitted for fitted in self.blocks if fitted.block.of_word is None]
        for reading in readings:
            words = self._of_words(reading)
            own = [word.ids for word in words]
            own += [array("q", _found(each, each.block.features(reading))).tobytes() for each in others]
            if self.shared is not None:
                sound = self.shared.sound_of(reading)
                heard = sound.nonzero()[0]
                own.append((heard + self._offsets[-1]).tobytes())
                sounds.append(sound[heard])
            parts += own
            lengths.append(sum(map(len, own)) // _ID_BYTES)
            total = sum([word.idf for word in words])
            covered.append(sum([word.known for word in words]) / total if total else 0.0)
        keys = np.frombuffer(bytearray().join(parts), np.int64)
        return _Occurrences(keys, lengths, np.concatenate(sounds) if sounds else None, tuple(covered))

    def _of_words(self, reading: Reading) -> list[_Word]:
        # In one language a word has one stem, and is found sooner without it.
        keys: Sequence[str | tuple[str, str]] = reading.tokens
        if self.others:
            keys = list(zip(reading.tokens, reading.stems, strict=True))
        found = list(map(self._words.get, keys))
        if None not in found:
            return cast("list[_Word]", found)
        new = {
            key: (token, stemmed)
            for word, key, token, stemmed in zip(found, keys, reading.tokens, reading.stems, strict=True)
            if word is None
        }
        learned = {key: self._of_word(key, *word) for key, word in new.items()}
        return [learned[key] if word is None else word for word, key in zip(found, keys, strict=True)]

    def _of_word(self, key: str | tuple[str, str], token: str, stemmed: str) -> _Word:
        ids: list[int] = []
        for fitted in self.blocks:
            if fitted.block.of_word is not None:
                ids += _found(fitted, fitted.block.of_word(token, stemmed))
        idf, is_known = self.word_idf(stemmed) if self.blocks else (0.0, False)
        word = _Word(array("q", ids).tobytes(), idf, idf if is_known else 0.0)
        if len(token) <= _CACHED_CHARS:
            if len(self._words) >= _WORD_CACHE_SIZE:
                self._words.clear()
            self._words[key] = word
        return word

    def word_idf(self, stemmed: str) -> tuple[float, bool]:
        """How telling the word is, and whether any phrasing has it; an unseen one tells most."""
        index = self.words.get(stemmed)
        return (self._unseen_idf(stemmed), False) if index is None else (self._word_idf[index], True)

    def _unseen_idf(self, stemmed: str) -> float:
        """What a word tells that no phrasing has."""
        return idf_of(0, self.text_count, stemmed, self.shared)


def idf_of(count: int, texts: int, stemmed: str, shared: SharedWords | None) -> float:
    """How telling a word is that so many of the texts have, by scikit-learn's smoothed form.

    With `shared`, the geometric mean of that and of what the word tells elsewhere: few texts say little of it.
    """
    own = math.log((1 + texts) / (1 + count)) + 1
    return own if shared is None else math.sqrt(own * shared.idf(stemmed))


def _found(fitted: FittedBlock, features: Iterable[str]) -> list[int]:
    """Ids of those features that the block knows, in the joint space."""
    offset = fitted.offset
    return [index + offset for index in map(fitted.vocabulary.get, features) if index is not None]
