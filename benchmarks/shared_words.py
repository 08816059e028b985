"""Fits knowledge_base/shared_words.npz: what English words are worth, and which subjects they are about.

    python -m benchmarks.shared_words            fit and write (deterministic; a minute)

The subjects are CLINC150's articles and MultiDoGO's intents; a linear model over them says for each word how much
it speaks for each. BANKING77 is left out, so that it can be measured; `words_from("banking77")` is what CLINC150's
own knowledge bases are calibrated with.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.datasets import dataset
from benchmarks.drawing import texts_by_article
from knowledge_base import shared_words
from knowledge_base.background import everyday_questions, in_script
from knowledge_base.blocks import Reading, character_grams, read
from knowledge_base.features import FloatArray
from knowledge_base.fitting import fit_space
from knowledge_base.shared_words import SharedWords, dump_words, load_words

# Chosen on knowledge bases of 5 and 10 phrasings drawn from BANKING77's and CLINC150's articles.csv, each described
# by the other: what lies within a factor of three does no worse by a point.
_C: Final = 0.3
_LEAST_TEXTS: Final = 3
_WORDS: Final = 3
_TARGET: Final = Path(shared_words.__file__).with_name(shared_words.FILE)


@lru_cache
def words_from(name: str) -> SharedWords:
    """The table that this data set's articles and MultiDoGO make, as it is read back."""
    import sklearn.svm  # noqa: F401 (libraries loaded after the limit is set would not obey it)

    with threadpool_limits(1):
        return load_words(dump_words(_fit(name)))


def _fit(name: str) -> SharedWords:
    texts, subjects = _source(name)
    readings = [read(text, "en") for text in texts]
    heard = [read(text, "en") for text in [*_utterances(), *in_script(everyday_questions(), "alphabetic")]]
    counts = Counter(stem for reading in [*readings, *heard] for stem in set(reading.stems))
    times = Counter(stem for reading in readings for stem in reading.stems)
    known = sorted(stem for stem, count in times.items() if count >= _LEAST_TEXTS)
    rows = _subjects_of(texts, readings, subjects, known)
    found = {stem: counts[stem] for stem in sorted(counts) if counts[stem] > 1}
    places = {stem: place for place, stem in enumerate(known)}
    return SharedWords("", len(readings) + len(heard), found, places, rows)


def _source(name: str) -> tuple[list[str], list[str]]:
    """Texts with their subjects."""
    pairs = [(text, key) for key, group in texts_by_article(name).items() for text in group]
    pairs += [
        (row["utterance"], f"multidogo {row['intent']}")
        for row in _dialogues()
        if row["intent"] and len(row["utterance"].split()) >= _WORDS
    ]
    return [text for text, _ in pairs], [subject for _, subject in pairs]


def _utterances() -> list[str]:
    return [row["utterance"] for row in _dialogues()]


def _dialogues() -> list[dict[str, str]]:
    with (dataset("multidogo") / "finance_dev.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _subjects_of(
    texts: Sequence[str], readings: Sequence[Reading], subjects: Sequence[str], known: Sequence[str]
) -> FloatArray:
    """For each known stem what it, and the characters of its commonest form, add to the score of each subject."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    space, rows = fit_space(texts, "alphabetic", "en")
    words, _, letters = space.blocks
    parts: list[Any] = [rows[:, b.offset : b.offset + len(b.vocabulary)] for b in (words, letters)]
    labels = np.unique(subjects, return_inverse=True)[1]
    model = LinearSVC(C=_C, tol=0.1, random_state=0).fit(csr_matrix(hstack(parts)), labels)
    weights = (model.coef_ - model.coef_.mean(axis=0)).T
    by_word = weights[: len(words.vocabulary)] * words.idf[:, None] / _usual_length(parts[0], words.idf)
    by_gram = weights[len(words.vocabulary) :] * letters.idf[:, None] / _usual_length(parts[1], letters.idf)
    forms = _commonest_forms(readings)
    return np.array(
        [
            by_word[words.vocabulary[stem]]
            + by_gram[[letters.vocabulary[gram] for gram in character_grams(forms[stem])]].sum(axis=0)
            for stem in known
        ],
        np.float32,
    )


def _usual_length(rows: Any, idf: FloatArray) -> float:
    """How long a text's idf weights are on average, before they are brought to their share.

    A feature that occurs once shows it: its weight is its idf over that length.
    """
    filled = np.unique(rows.indptr[:-1][np.diff(rows.indptr) > 0])
    return float(np.maximum.reduceat(idf[rows.indices] / rows.data, filled).mean())


def _commonest_forms(readings: Sequence[Reading]) -> dict[str, str]:
    """For each stem the word that has it most often."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for reading in readings:
        for token, stem in zip(reading.tokens, reading.stems, strict=True):
            forms[stem][token] += 1
    return {stem: min(own, key=lambda form: (-own[form], form)) for stem, own in forms.items()}


def main() -> None:
    """Write the table."""
    _TARGET.write_bytes(dump_words(words_from("clinc150")))


if __name__ == "__main__":
    main()
