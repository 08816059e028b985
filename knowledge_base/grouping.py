"""Questions nobody could answer, grouped by what they are about: each group is an article somebody could write.

No labels: average-linkage clustering of TF-IDF vectors, whose idf also knows the articles' phrasings. The same
questions give the same groups in whatever order they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import BLOCKS, read
from knowledge_base.features import FloatArray
from knowledge_base.text import Script, normalise, script_of

MAX_TEXTS: Final = 2_000
"""Distances are kept for each pair: this many take 16 MB and about a second."""

# Mean cosine distance up to which groups are joined. Chosen on made-up gaps from CLINC150's articles.csv, where
# B-cubed F1 hardly changes from .8 to .9; at .85 nine of ten questions of a group belong together.
_JOIN_UP_TO: Final[dict[Script, float]] = {"alphabetic": 0.85, "cjk": 0.8}


@dataclass(frozen=True, slots=True)
class Group:
    """Positions of texts that ask the same, the most typical first, the others as they came."""

    members: tuple[int, ...]


def group(texts: Sequence[str], background: Sequence[str] = (), language: str = "en") -> list[Group]:
    """Every text in one group, the largest first (of equals the one with the earliest text).

    `background` are texts whose words count as usual ones, such as the articles' phrasings. Raises ValueError for
    more than MAX_TEXTS texts.
    """
    if len(texts) > MAX_TEXTS:
        raise ValueError(f"at most {MAX_TEXTS} questions are grouped at once, not {len(texts)}")
    groups: list[Group] = []
    by_script: dict[Script, list[int]] = {}
    for position, text in enumerate(texts):
        by_script.setdefault(script_of(normalise(text)), []).append(position)
    for script, positions in by_script.items():
        known = [text for text in background if script_of(normalise(text)) == script]
        found = _grouped([texts[at] for at in positions], known, language, script)
        groups += [Group(tuple(positions[at] for at in members)) for members in found]
    return sorted(groups, key=lambda one: (-len(one.members), min(one.members)))


def _grouped(texts: list[str], background: list[str], language: str, script: Script) -> list[tuple[int, ...]]:
    if len(texts) == 1:
        return [(0,)]
    alike = _likeness(texts, background, language, script)
    labels = _clusters(alike, _JOIN_UP_TO[script])
    return [_typical_first(np.flatnonzero(labels == label), alike) for label in np.unique(labels)]


def _likeness(texts: list[str], background: list[str], language: str, script: Script) -> FloatArray:
    """Cosines between the texts, each block of features weighing its share; 0 for a text without words."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    readings = [read(text, language) for text in texts]
    known = [read(text, language) for text in background]
    parts = [csr_matrix((len(texts), 1), dtype=np.float32)]
    for block in BLOCKS[script]:
        if any(block.features(reading) for reading in readings):
            vectoriser = TfidfVectorizer(analyzer=block.features, sublinear_tf=True, dtype=np.float32)
            vectoriser.fit([*readings, *known])
            parts.append(vectoriser.transform(readings) * np.float32(np.sqrt(block.share)))
    rows = normalize(hstack(parts).tocsr())
    alike: FloatArray = np.clip((rows @ rows.T).toarray(), 0, 1)
    return alike


def _clusters(alike: FloatArray, join_up_to: float) -> NDArray[np.int32]:
    """A label for each row."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = 1 - (alike + alike.T) / 2
    np.fill_diagonal(distances, 0)
    labels: NDArray[np.int32] = fcluster(
        linkage(squareform(distances, checks=False), "average"), join_up_to, "distance"
    )
    return labels


def _typical_first(members: NDArray[np.intp], alike: FloatArray) -> tuple[int, ...]:
    """The members, the one most like all others before them."""
    inner = alike[np.ix_(members, members)].sum(axis=1).round(4)
    typical = int(members[int(np.argmax(inner))])
    return (typical, *(int(member) for member in members if member != typical))
