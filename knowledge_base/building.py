"""From articles to shelves: which text belongs to which script, what is learned from it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.articles import Article
from knowledge_base.calibration import DEFAULT
from knowledge_base.features import fit_space
from knowledge_base.shelf import PhrasingRows, Shelf
from knowledge_base.text import Script, normalise, script_of, tokenise
from knowledge_base.training import fit_linear


@dataclass(frozen=True, slots=True)
class Examples:
    """The texts of one script, each with its article's position in `keys`, in order of article."""

    keys: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[int, ...]
    language: str


def build_shelves(
    articles: Sequence[Article], *, wrong_budget: float, background: Sequence[str], titles: bool, seed: int
) -> dict[Script, Shelf]:
    """A shelf for each script that any text of the articles is written in."""
    return {
        script: _build_shelf(examples, script, seed)
        for script, examples in _by_script(articles, titles).items()
    }


def _by_script(articles: Sequence[Article], titles: bool) -> dict[Script, Examples]:
    texts: dict[Script, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    languages: dict[Script, Counter[str]] = defaultdict(Counter)
    for article in articles:
        for text in _learnable(article, titles):
            normalised = normalise(text)
            script = script_of(normalised)
            tokens = " ".join(tokenise(normalised))
            if tokens:
                texts[script][article.key].setdefault(tokens, text)
                languages[script][article.language] += 1
    return {
        script: _examples(by_key, languages[script].most_common(1)[0][0])
        for script, by_key in sorted(texts.items())
    }


def _learnable(article: Article, titles: bool) -> list[str]:
    """The phrasings and, when it reads like one, the title: in another script it is only a label."""
    if not article.phrasings:
        return [article.question]
    scripts = {script_of(normalise(phrasing)) for phrasing in article.phrasings}
    if titles and script_of(normalise(article.question)) in scripts:
        return [*article.phrasings, article.question]
    return list(article.phrasings)


def _examples(by_key: dict[str, dict[str, str]], language: str) -> Examples:
    keys = tuple(sorted(by_key))
    pairs = [(text, label) for label, key in enumerate(keys) for text in by_key[key].values()]
    return Examples(keys, tuple(text for text, _ in pairs), tuple(label for _, label in pairs), language)


def _build_shelf(examples: Examples, script: Script, seed: int) -> Shelf:
    space, rows = fit_space(examples.texts, script, examples.language)
    labels = np.array(examples.labels, np.int64)
    model = fit_linear(rows, labels, len(examples.keys), seed)
    return Shelf(
        keys=examples.keys,
        space=space,
        model=model,
        rows=_phrasing_rows(examples, rows),
        exact=_exact(examples),
        sharpness=1.0,
        calibration=DEFAULT,
    )


def _phrasing_rows(examples: Examples, rows: Any) -> PhrasingRows:
    starts = np.searchsorted(np.array(examples.labels), np.arange(len(examples.keys) + 1))
    return PhrasingRows(
        examples.texts,
        starts.astype(np.int64),
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int64),
        rows.data.astype(np.float32),
    )


def _exact(examples: Examples) -> dict[str, tuple[int, ...]]:
    """Each phrasing's tokens with the articles that hold it: more than one is ambiguous."""
    owners: dict[str, set[int]] = defaultdict(set)
    for text, label in zip(examples.texts, examples.labels, strict=True):
        owners[" ".join(tokenise(normalise(text)))].add(label)
    return {tokens: tuple(sorted(labels)) for tokens, labels in owners.items()}
