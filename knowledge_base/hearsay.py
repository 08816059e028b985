"""What of a log may be known by its words: a feature that no article teaches must have been used by several people.

Names, numbers and slips are one person's own: a model that kept them would say of somebody what they wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.evidence import without_unseen
from knowledge_base.features import FeatureSpace

LEAST_PEOPLE: Final = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """A space without what too few used; the rows in it; ids of the features of the log that enough people used."""

    space: FeatureSpace
    rows: Any
    common: NDArray[np.int64]

    @property
    def words(self) -> frozenset[str]:
        """The words among the common features, as they are compared."""
        common = set(self.common.tolist())
        return frozenset(
            term
            for fitted in self.space.blocks
            if fitted.block.name == "words"
            for term, index in fitted.vocabulary.items()
            if fitted.offset + index in common
        )


def heard(space: FeatureSpace, rows: Any, taught: int, askers: Sequence[Sequence[int]]) -> Heard:
    """The space of rows of which the first `taught` are articles', the others what these people asked."""
    common = people_with(rows[taught:], askers) >= LEAST_PEOPLE
    kept = common.copy()
    kept[rows[:taught].indices] = True
    for fitted in space.blocks:
        if fitted.block.name == "subjects":  # they are the same whoever asks
            kept[fitted.offset : fitted.offset + len(fitted.vocabulary)] = True
    left = without_unseen(space, rows, np.flatnonzero(kept))[:, np.flatnonzero(kept)]
    return Heard(_of(space, kept), left.tocsr(), np.flatnonzero(common[kept]))


def people_with(rows: Any, askers: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """For each feature how many different people have it in any row they asked."""
    from scipy.sparse import csr_matrix

    asked = np.repeat(np.arange(len(askers)), [len(own) for own in askers])
    people, numbers = np.unique([asker for own in askers for asker in own], return_inverse=True)
    ones = np.ones(len(numbers), np.float32)
    of_whom = csr_matrix((ones, (numbers, asked)), shape=(len(people), len(askers)))
    has = rows.copy()
    has.data = np.ones_like(has.data)
    return np.bincount((of_whom @ has).tocsr().indices, minlength=rows.shape[1]).astype(np.int64)


def _of(space: FeatureSpace, kept: NDArray[np.bool_]) -> FeatureSpace:
    """The space with the kept features alone, in the same order."""
    blocks, offset = [], 0
    for fitted in space.blocks:
        own = kept[fitted.offset : fitted.offset + len(fitted.vocabulary)]
        numbers = np.cumsum(own) - 1
        terms = {term: int(numbers[index]) for term, index in fitted.vocabulary.items() if own[index]}
        blocks.append(replace(fitted, vocabulary=terms, idf=fitted.idf[own], offset=offset))
        offset += len(terms)
    return FeatureSpace(space.script, space.language, tuple(blocks), space.text_count, space.shared)
