"""A knowledge base measured on several resplits: which texts teach and which ask is drawn anew each time."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from knowledge_base.articles import Article
from knowledge_base.evaluation import Evaluation, Question, evaluate
from knowledge_base.policy import USUAL, Policy
from knowledge_base.text import Script, normalise, script_of

RESPLITS: Final = 5
_INTERVAL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Figure:
    """A share's mean over the resplits, and the 90 % interval of that mean by Student's t.

    The resplits share texts, so that another data set's figure may well lie outside.
    """

    mean: float
    low: float
    high: float


def resplit(
    articles: Sequence[Article], questions: Sequence[Question], seed: int
) -> tuple[list[Article], list[Question]]:
    """Each article's phrasings and questions mixed, and dealt out again: as many of either as before.

    Titles and questions that no article answers stay what they are. A text takes the place of one in its script.
    """
    generator = np.random.default_rng(seed)
    pools: dict[tuple[str, Script], list[str]] = defaultdict(list)
    for article in articles:
        for phrasing in article.phrasings:
            pools[article.key, _script(phrasing)].append(phrasing)
    for text, key in questions:
        if key:
            pools[key, _script(text)].append(text)
    dealt: dict[tuple[str, Script], Iterator[str]] = {
        place: iter([pool[i] for i in generator.permutation(len(pool))]) for place, pool in pools.items()
    }
    taught = [
        replace(
            article,
            phrasings=tuple(next(dealt[article.key, _script(phrasing)]) for phrasing in article.phrasings),
        )
        for article in articles
    ]
    return taught, [(next(dealt[key, _script(text)]) if key else text, key) for text, key in questions]


def evaluate_resplits(
    articles: Sequence[Article],
    questions: Sequence[Question],
    policy: Policy = USUAL,
    *,
    titles: bool = True,
    log: Sequence[str] = (),
    count: int = RESPLITS,
) -> dict[str, Figure]:
    """The shares of `evaluation.Evaluation` by name, over `count` resplits.

    The `log` is the same in each; it must hold no phrasing and no question.
    """
    found = [
        evaluate(*resplit(articles, questions, seed), policy, titles=titles, log=log) for seed in range(count)
    ]
    return figures_of(found)


def figures_of(evaluations: Sequence[Evaluation]) -> dict[str, Figure]:
    """The mean of each share, with its interval; what not every evaluation has is left out."""
    found = {}
    for name in (field.name for field in fields(Evaluation)):
        values = [getattr(each, name) for each in evaluations]
        if all(isinstance(value, float) for value in values):
            found[name] = figure_of(values)
    return found


def figure_of(values: Sequence[float]) -> Figure:
    """Their mean, with its interval."""
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return Figure(mean, 0.0, 1.0)
    reach = float(
        t.ppf((1 + _INTERVAL) / 2, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    )
    return Figure(mean, max(0.0, mean - reach), min(1.0, mean + reach))


def _script(text: str) -> Script:
    return script_of(normalise(text))
