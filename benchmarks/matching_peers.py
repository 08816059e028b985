"""The known ways to answer from phrasings that benchmarks/matching_accuracy.py measures beside ours.

Each learns texts with their articles and gives questions × articles scores, the highest being its answer.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import read

Scores = NDArray[np.float64]
Ask = Callable[[Sequence[str]], Scores]
Learn = Callable[[Sequence[str], NDArray[np.int64], str], Ask]
"""Texts, the number of each one's article, and the language."""


def by_article(alike: Any, labels: NDArray[np.int64]) -> Scores:
    """The best score of each article's texts; `alike`: questions × texts."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max() + 1))
    return np.maximum.reduceat(np.asarray(alike, np.float64)[:, order], starts, axis=1)


def nearest(texts: Sequence[str], labels: NDArray[np.int64], _language: str) -> Ask:
    """scikit-learn's TfidfVectorizer as it comes, and the phrasing of the largest cosine."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer()
    rows = vectoriser.fit_transform(texts)
    return lambda asked: by_article((vectoriser.transform(asked) @ rows.T).toarray(), labels)


def bm25(texts: Sequence[str], labels: NDArray[np.int64], language: str) -> Ask:
    """bm25s as it comes (Lucene's BM25, k1 1.5, b .75), over stems; in Chinese over characters."""
    import bm25s

    index = bm25s.BM25()
    index.index([read(text, language).stems for text in texts], show_progress=False)

    def ask(asked: Sequence[str]) -> Scores:
        known = [[stem for stem in read(text, language).stems if stem in index.vocab_dict] for text in asked]
        nothing = np.zeros(len(texts), np.float32)
        found = [index.get_scores(stems) if stems else nothing for stems in known]
        return by_article(np.array(found), labels)

    return ask


def levenshtein(texts: Sequence[str], labels: NDArray[np.int64], _language: str) -> Ask:
    """rapidfuzz's normalised Levenshtein similarity of the lower-cased texts, as ChatterBot compares."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    lowered = [text.lower() for text in texts]
    scorer = Levenshtein.normalized_similarity
    return lambda asked: by_article(
        cdist([text.lower() for text in asked], lowered, scorer=scorer, dtype=np.float32), labels
    )


def logistic_regression(texts: Sequence[str], labels: NDArray[np.int64], language: str) -> Ask:
    """TF-IDF of stems and logistic regression with C 1000, after DeepPavlov's tfidf_logreg_en_faq."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    def analyse(text: str) -> list[str]:
        return read(text, language).stems

    vectoriser = TfidfVectorizer(analyzer=analyse)
    model = LogisticRegression(C=1000, max_iter=300).fit(vectoriser.fit_transform(texts), labels)
    return lambda asked: np.asarray(model.predict_proba(vectoriser.transform(asked)))


def embeddings(texts: Sequence[str], labels: NDArray[np.int64], language: str) -> Ask:
    """wordllama's static embeddings (16 MB, in its package), and logistic regression over them."""
    import wordllama
    from sklearn.linear_model import LogisticRegression

    if language == "zh":
        raise ModuleNotFoundError("wordllama: made for English")
    # It looks for its tokeniser where its package has none; the package's own folder as a cache has it.
    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    regression = LogisticRegression(C=30, max_iter=300).fit(model.embed(list(texts), norm=True), labels)
    return lambda asked: np.asarray(regression.predict_proba(model.embed(list(asked), norm=True)))


PEERS: dict[str, Learn] = {
    "nearest TF-IDF": nearest,
    "BM25": bm25,
    "Levenshtein": levenshtein,
    "TF-IDF + logistic regression": logistic_regression,
    "wordllama + logistic regression": embeddings,
}
