"""A feature space learned from texts with scikit-learn, and texts as the rows of a matrix."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from knowledge_base.blocks import Block, Reading, blocks_for, read
from knowledge_base.features import FeatureSpace, FittedBlock, FloatArray
from knowledge_base.shared_words import SharedWords
from knowledge_base.text import Script, stemmer_name

# Of more texts than this, features that only one of them has (names, numbers, slips) are left out: they are most of
# the features, and tell least.
_MANY_TEXTS: Final = 50_000


def fit_space(
    texts: Sequence[str],
    script: Script,
    language: str,
    shared: SharedWords | None = None,
    languages: Sequence[str] = (),
) -> tuple[FeatureSpace, Any]:
    """The space the texts span, and their vectors as rows of a CSR matrix (float32).

    `languages`: each text's, where not all are in `language`.
    """
    from scipy.sparse import csr_matrix, hstack

    each = languages or [language] * len(texts)
    readings = [read(text, own) for text, own in zip(texts, each, strict=True)]
    fitted, columns, offset = [], [], 0
    sounds = shared.block if shared is not None else None
    for block in blocks_for(script, sounds):
        found = _sounds(readings, shared) if block is sounds else _counted(readings, block, shared)
        if found is None:
            continue
        vocabulary, idf, rows = found
        fitted.append(FittedBlock(block, vocabulary, idf, offset))
        columns.append(rows * np.float32(math.sqrt(block.share)))
        offset += len(vocabulary)
    space = FeatureSpace(script, language, tuple(fitted), len(texts), shared, _others(language, each))
    return space, csr_matrix(hstack(columns)) if columns else csr_matrix((len(texts), 0), dtype=np.float32)


def _others(language: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Of the languages that are stemmed otherwise than `language` one for each stemmer, the most usual first."""
    found = {stemmer_name(language): language}
    for other, _ in Counter(languages).most_common():
        found.setdefault(stemmer_name(other), other)
    return tuple(found.values())[1:]


def _counted(
    readings: Sequence[Reading], block: Block, shared: SharedWords | None
) -> tuple[dict[str, int], FloatArray, Any] | None:
    """The block's vocabulary, idf and rows of length 1; None when no text has a feature of this kind."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    vectoriser = TfidfVectorizer(
        analyzer=block.features,
        sublinear_tf=True,
        norm=None,
        min_df=1 if len(readings) <= _MANY_TEXTS else 2,
        dtype=np.float32,
    )
    try:
        rows = vectoriser.fit_transform(readings)
    except ValueError:  # scikit-learn's "empty vocabulary"
        return None
    vocabulary = {term: int(index) for term, index in vectoriser.vocabulary_.items()}
    idf = vectoriser.idf_.astype(np.float32)
    if shared is not None and block.name == "words":
        blended = idf.copy()
        for term, index in vocabulary.items():
            blended[index] = math.sqrt(idf[index] * shared.idf(term))
        rows.data *= (blended / idf)[rows.indices]
        idf = blended
    return vocabulary, idf, normalize(rows)


def _sounds(
    readings: Sequence[Reading], shared: SharedWords | None
) -> tuple[dict[str, int], FloatArray, Any] | None:
    from scipy.sparse import csr_matrix

    if shared is None:
        return None
    count = shared.width
    rows = csr_matrix(shared.sounds_of(readings))
    return {f"subject {number}": number for number in range(count)}, np.ones(count, np.float32), rows


def rows_of(space: FeatureSpace, readings: Iterable[Reading]) -> Any:
    """The readings' vectors as rows of a CSR matrix, for work in batches."""
    from scipy.sparse import csr_matrix

    found = space.vectors(list(readings))
    return csr_matrix((found.weights, found.ids, found.ends), shape=(len(found.ends) - 1, space.size))
