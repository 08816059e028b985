"""A feature space learned from texts with scikit-learn, and texts as the rows of a matrix."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from knowledge_base.features import BLOCKS, FeatureSpace, FittedBlock, Reading, read
from knowledge_base.text import Script


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

    found = space.vectors(list(readings))
    return csr_matrix((found.weights, found.ids, found.ends), shape=(len(found.ends) - 1, space.size))
