"""What English words are worth and what they are about, told by other knowledge bases' texts.

Few phrasings say little of either: that "whether" is common and "iban" is rare, or that "lost" and "misplaced" are
one subject. The table is made by `python -m benchmarks.shared_words` from CLINC150 (Larson et al. 2019, CC BY 3.0)
and MultiDoGO's finance dialogues (Peskov et al. 2019, CDLA-Permissive-1.0). A text is described by the subjects it
sounds like, as in explicit semantic analysis (Gabrilovich and Markovitch 2007).
"""

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import MEANINGS, SUBJECTS, Block, Reading
from knowledge_base.semantic import WordVectors, word_vectors

FloatArray = NDArray[np.float32]

FILE: Final = "shared_words.npz"
MEANING: Final = 0.7
"""What word vectors have of the squared length of a text's sound; subjects have the rest. Chosen as MEANINGS' share."""
_NOTHING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class SharedWords:
    """`counts`: in how many of `texts` each stem is; `places`: the row of `subjects` (stems × subjects) it has.

    `name` is that of the bytes it was read from. With `vectors`, a text sounds like what its words mean, too.
    """

    name: str
    texts: int
    counts: Mapping[str, int]
    places: Mapping[str, int]
    subjects: FloatArray
    vectors: WordVectors | None = None

    @property
    def block(self) -> Block:
        """The kind of feature that a text's sound is."""
        return SUBJECTS if self.vectors is None else MEANINGS

    @property
    def width(self) -> int:
        """How many features a sound has."""
        return int(self.subjects.shape[1]) + (self.vectors.width if self.vectors else 0)

    def idf(self, stemmed: str) -> float:
        """How telling the stem is anywhere; the smoothed form that scikit-learn has."""
        return math.log((1 + self.texts) / (1 + self.counts.get(stemmed, 0))) + 1

    def sound_of(self, reading: Reading) -> FloatArray:
        """What the text sounds like, subjects and then meanings: of length 1, or zero when nothing of it is known."""
        sound = self._subject_of(reading.stems)
        if self.vectors is None:
            return sound
        meaning = self.vectors.meaning_of(reading.tokens)
        both: FloatArray = np.concatenate(
            [sound * np.float32(math.sqrt(1 - MEANING)), meaning * np.float32(math.sqrt(MEANING))]
        )
        length = math.sqrt(float(both @ both))  # less than 1 where there is only one of them
        if length > _NOTHING:
            both /= np.float32(length)
        return both

    def of_words(self, reading: Reading) -> FloatArray:
        """What each word adds to the sound, words × width, before subjects that it speaks against are dropped."""
        found = np.zeros((len(reading.tokens), self.width), np.float32)
        for word, stemmed in enumerate(reading.stems):
            if stemmed in self.places:
                found[word, : self.subjects.shape[1]] = self.subjects[self.places[stemmed]]
        if self.vectors is not None:
            found[:, self.subjects.shape[1] :] = self.vectors.of_words(reading.tokens)
        return found

    def _subject_of(self, stems: Sequence[str]) -> FloatArray:
        """How much the text sounds like each subject: of length 1, or zero when nothing of it is known."""
        rows = [place for place in map(self.places.get, stems) if place is not None]
        sound: FloatArray = self.subjects.take(rows, axis=0).sum(axis=0)
        np.maximum(sound, 0, out=sound)
        length = math.sqrt(float(sound @ sound))
        if length < _NOTHING:
            return np.zeros_like(sound)
        sound /= np.float32(length)
        return sound

    def sounds_of(self, readings: Sequence[Reading]) -> FloatArray:
        """`sound_of` of each, texts × width."""
        empty = np.zeros((0, self.width), np.float32)
        return np.vstack([empty, *(self.sound_of(reading) for reading in readings)])


def load_words(data: bytes) -> SharedWords:
    """The table that `dump_words` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        header: dict[str, Any] = json.loads(arrays["header"].tobytes())
        stems, known = header["stems"], header["known"]
        subjects = arrays["subjects"].astype(np.float32) * arrays["scales"][:, None]
        counts = dict(zip(stems, arrays["counts"].tolist(), strict=True))
    return SharedWords(
        hashlib.blake2b(data, digest_size=16).hexdigest(),
        header["texts"],
        counts,
        {stem: place for place, stem in enumerate(known)},
        subjects,
    )


def dump_words(words: SharedWords) -> bytes:
    """The table as bytes: subjects in steps of a 127th of each stem's strongest."""
    scales = np.maximum(np.abs(words.subjects).max(axis=1), _NOTHING) / 127
    header = {
        "texts": words.texts,
        "stems": list(words.counts),
        "known": sorted(words.places, key=words.places.__getitem__),
    }
    out = io.BytesIO()
    np.savez_compressed(
        out,
        allow_pickle=False,
        header=np.frombuffer(json.dumps(header, ensure_ascii=False).encode(), np.uint8),
        counts=np.array(list(words.counts.values()), np.int32),
        subjects=np.round(words.subjects / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
    )
    return out.getvalue()


@lru_cache(maxsize=1)
def shared_words() -> SharedWords:
    """The project's own table."""
    return load_words(files("knowledge_base").joinpath(FILE).read_bytes())


@lru_cache(maxsize=1)
def words_with_meanings() -> SharedWords:
    """The project's own table with word vectors. Raises SemanticMissing."""
    return replace(shared_words(), vectors=word_vectors())


def words_for(language: str, *, semantic: bool = False) -> SharedWords | None:
    """The table for a language's stems; None where there is none. `semantic` raises SemanticMissing."""
    if language.split("-")[0].lower() != "en":
        return None
    return words_with_meanings() if semantic else shared_words()
