"""How well a knowledge base answers questions it was not built from."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.articles import Article
from knowledge_base.curves import BINS, Curves, curves_of
from knowledge_base.drafts import Problem
from knowledge_base.exchange import decode
from knowledge_base.exchange_csv import rows_with_lines
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision
from knowledge_base.policy import USUAL, Policy

_BATCH = 64
_TIMED = 1_000

Question = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a question's raw text to the decision, one at a time."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Shares of 1. `accuracy` and `accuracy_at_3` are of in-scope questions, answered or not.

    `answered`, `listed` and `handed_off` are of all questions and sum to 1; `solved`: of in-scope ones,
    answered right or listed with the right article. An answer to an out-of-scope question is wrong.
    """

    questions: int
    accuracy: float
    accuracy_at_3: float
    auroc_out_of_scope: float | None
    answered: float
    answered_in_scope: float
    wrong_of_answered: float
    listed: float
    handed_off: float
    solved: float
    calibration_error: float
    latency_ms: Latency


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each question: confidence, whether the first or one of three was right, and what was done."""

    confidence: NDArray[np.float64]
    first: NDArray[np.bool_]
    listed: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]
    kinds: NDArray[np.str_]

    def curves(self) -> Curves:
        """How honest the confidence is."""
        return curves_of(self.confidence, self.first)


@dataclass(frozen=True, slots=True)
class Questions:
    """Each question with its article's key, empty when no article answers it; and the rows that are no use.

    `lines` says for each question where in the file it stands.
    """

    items: tuple[Question, ...]
    problems: tuple[Problem, ...]
    lines: tuple[int, ...] = ()


def read_questions(data: bytes) -> Questions:
    """The questions of a CSV file with the columns `text` and `article`; other columns are passed over."""
    text, unreadable = decode(data)
    if unreadable is not None:
        return Questions((), (unreadable,))
    rows = rows_with_lines(text)
    _, header = next(rows, (1, []))
    if isinstance(header, Problem):
        return Questions((), (header,))
    names = [name.strip().lower() for name in header]
    if "text" not in names or "article" not in names:
        return Questions((), (Problem(1, "The header must have the columns text and article: add them."),))
    items, problems, lines = [], [], []
    for line, cells in rows:
        if isinstance(cells, Problem):
            problems.append(cells)
        elif len(cells) != len(names) and any(cells):
            problems.append(Problem(line, f"The row has {len(cells)} cells but the header {len(names)}."))
        elif any(cells):
            row = dict(zip(names, cells, strict=True))
            items.append((row["text"], row["article"].strip()))
            lines.append(line)
    if not items and not problems:
        problems.append(Problem(1, "The file holds no question: give it at least one."))
    return Questions(tuple(items), tuple(problems), tuple(lines))


def evaluate(
    articles: Sequence[Article],
    questions: Sequence[Question],
    policy: Policy = USUAL,
    *,
    titles: bool = True,
    log: Sequence[str] = (),
    seed: int = 0,
) -> Evaluation:
    """What becomes of the questions in an index that has learned from the articles alone, and a log without them.

    Raises ValueError when there is no question.
    """
    index = build_index(articles, policy, titles=titles, log=log, seed=seed)
    return evaluate_index(index, questions)


def evaluate_index(index: KnowledgeIndex, questions: Sequence[Question]) -> Evaluation:
    """What becomes of the questions in the index. Raises ValueError when there is none."""
    outcomes = outcomes_of(index, questions)
    return figures_of(outcomes, _latency(index, [text for text, _ in questions[:_TIMED]]))


def outcomes_of(index: KnowledgeIndex, questions: Sequence[Question]) -> Outcomes:
    """Each question's outcome, in order. Raises ValueError when there is none."""
    if not questions:
        raise ValueError("There is no question to evaluate with: give at least one.")
    texts, keys = [text for text, _ in questions], [key for _, key in questions]
    decisions: list[Decision] = []
    for start in range(0, len(texts), _BATCH):
        decisions += index.decide_many(texts[start : start + _BATCH])
    return Outcomes(
        confidence=np.array([decision.confidence for decision in decisions]),
        first=np.array([_keys(decision)[:1] == [key] for decision, key in zip(decisions, keys, strict=True)]),
        listed=np.array([key in _keys(decision) for decision, key in zip(decisions, keys, strict=True)]),
        in_scope=np.array([bool(key) for key in keys]),
        kinds=np.array([decision.kind for decision in decisions]),
    )


def figures_of(outcomes: Outcomes, latency: Latency) -> Evaluation:
    """The shares of the outcomes."""
    first, listed, in_scope = outcomes.first, outcomes.listed, outcomes.in_scope
    answered, suggested = outcomes.kinds == "answer", outcomes.kinds == "suggest"
    helped = (answered & first) | (suggested & listed)
    return Evaluation(
        questions=len(first),
        accuracy=_share(first[in_scope]),
        accuracy_at_3=_share(listed[in_scope]),
        auroc_out_of_scope=auroc(outcomes.confidence, in_scope),
        answered=_share(answered),
        answered_in_scope=_share(answered[in_scope]),
        wrong_of_answered=_share(~first[answered]),
        listed=_share(suggested),
        handed_off=_share(outcomes.kinds == "unknown"),
        solved=_share(helped[in_scope]),
        calibration_error=calibration_error(outcomes.confidence, first),
        latency_ms=latency,
    )


def auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """How often a positive scores above a negative, ties counting half; None when either is missing."""
    from scipy.stats import rankdata

    above, below = int(positive.sum()), int((~positive).sum())
    if not above or not below:
        return None
    ranks = float(rankdata(scores)[positive].sum())
    return (ranks - above * (above + 1) / 2) / (above * below)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance between confidence and share of right answers over 15 bins of equal mass (ECE)."""
    order = np.argsort(confidence, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    distances = [abs(confidence[part].mean() - right[part].mean()) * len(part) for part in bins]
    return float(sum(distances) / len(order))


def _keys(decision: Decision) -> list[str]:
    return [match.article_key for match in decision.matches]


def _share(chosen: NDArray[np.bool_]) -> float:
    return float(chosen.mean()) if len(chosen) else 0.0


def _latency(index: KnowledgeIndex, texts: Sequence[str]) -> Latency:
    taken = []
    for text in texts:
        start = time.perf_counter()
        index.decide(text)
        taken.append((time.perf_counter() - start) * 1e3)
    p50, p99 = np.percentile(taken, [50, 99]).tolist()
    return Latency(p50, p99)
