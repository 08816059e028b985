"""How often answers are right, how often they are wrong, and what that was promised: ours beside the known ways.

    python -m benchmarks.matching_accuracy [--long] [--sets NAME,NAME] [--json]

Phrasings and questions of each data set are mixed and dealt out again five times (knowledge_base/resplits.py); every
way learns the same phrasings (and titles, where there are any) and is asked the same questions. The threshold
above which one answers alone is chosen without the questions, to hold 2 % wrong: ours as the product does, a peer's on
up to a thousand phrasings that it is asked before it learns them. The sets named `_log` have the rest of BANKING77's
phrasings, without their labels, beside them. Where phrasings are few, ours is measured with word vectors, too (the
extra `semantic`), and what either costs: `p50_ms`, milliseconds a question. `--long` measures the Chinese sets as well.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.bars import Bar, command_line, judged, missed
from benchmarks.datasets import dataset
from benchmarks.matching_peers import PEERS, Learn
from knowledge_base.articles import Article
from knowledge_base.evaluation import Question, auroc, evaluate, read_questions
from knowledge_base.exchange import parse
from knowledge_base.logs import read_log, without
from knowledge_base.policy import Policy
from knowledge_base.resplits import RESPLITS, figure_of, figures_of, resplit

BUDGET: Final = 0.02
_TRIED: Final = 1_000
_LISTED: Final = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """A file of articles and one of questions."""

    articles: str
    questions: str
    titles: bool = True
    language: str = "en"
    few: bool = False
    """Few phrasings an article: where word vectors are for."""
    log: str = ""
    """A file whose texts, without their labels, the phrasings and the questions, are a log."""


SETS: Final = {
    "banking77": Measured("banking77/articles.csv", "banking77/questions.csv"),
    "banking77_10": Measured("banking77/articles_10.csv", "banking77/questions.csv", few=True),
    "banking77_5": Measured("banking77/articles_5.csv", "banking77/questions.csv", few=True),
    "banking77_10_log": Measured(
        "banking77/articles_10.csv", "banking77/questions.csv", log="banking77/articles.csv"
    ),
    "banking77_5_log": Measured(
        "banking77/articles_5.csv", "banking77/questions.csv", log="banking77/articles.csv"
    ),
    "clinc150": Measured("clinc150/articles.csv", "clinc150/questions.csv"),
    "securities_zh": Measured(
        "securities_zh/articles.csv", "securities_zh/questions.csv", titles=False, language="zh"
    ),
    "securities_zh_6": Measured(
        "securities_zh/articles_5.csv", "securities_zh/questions.csv", titles=False, language="zh"
    ),
}
LONG: Final = ("securities_zh", "securities_zh_6")
BARS: Final = {
    "banking77": (
        Bar("accuracy", at_least=0.92),
        Bar("accuracy_at_3", at_least=0.978),
        Bar("answered_in_scope", at_least=0.86),
        Bar("wrong_of_answered", at_most=BUDGET),
        Bar("calibration_error", at_most=0.015),
    ),
    "banking77_10": (
        Bar("accuracy", at_least=0.795),
        Bar("accuracy_at_3", at_least=0.915),
        Bar("answered_in_scope", at_least=0.5),
        Bar("wrong_of_answered", at_most=BUDGET),
        Bar("solved", at_least=0.91),
    ),
    "banking77_5": (
        Bar("accuracy", at_least=0.71),
        Bar("accuracy_at_3", at_least=0.87),
        Bar("answered_in_scope", at_least=0.3),
        Bar("wrong_of_answered", at_most=BUDGET),
        Bar("solved", at_least=0.865),
        Bar("calibration_error", at_most=0.03),
    ),
    "banking77_10_log": (
        Bar("accuracy", at_least=0.825),
        Bar("wrong_of_answered", at_most=BUDGET),
    ),
    "banking77_5_log": (
        Bar("accuracy", at_least=0.75),
        Bar("wrong_of_answered", at_most=BUDGET),
    ),
    "clinc150": (
        Bar("accuracy", at_least=0.938),
        Bar("auroc_out_of_scope", at_least=0.96),
        Bar("answered_in_scope", at_least=0.75),
        Bar("wrong_of_answered", at_most=BUDGET),
    ),
    "securities_zh": (Bar("accuracy", at_least=0.875),),
    "securities_zh_6": (Bar("accuracy", at_least=0.77),),
}

Split = tuple[list[Article], list[Question]]


def splits(measured: Measured) -> list[Split]:
    """The resplits of the files."""
    told = dataset(measured.articles).read_bytes()
    articles = parse(told, ".csv", default_answer="An answer.").articles
    questions = read_questions(dataset(measured.questions).read_bytes()).items
    return [resplit(articles, questions, seed) for seed in range(RESPLITS)]


def ours(dealt: Sequence[Split], measured: Measured, *, semantic: bool = False) -> dict[str, Any]:
    """The product's figures, means with intervals."""
    every = [
        evaluate(*split, Policy(BUDGET, semantic), titles=measured.titles, log=_log(measured, split))
        for split in dealt
    ]
    found = {**figures_of(every), "p50_ms": figure_of([each.latency_ms.p50 for each in every])}
    return {name: _rounded(asdict(figure)) for name, figure in found.items()}


def _log(measured: Measured, split: Split) -> list[str]:
    """The set's log; empty when it has none."""
    if not measured.log:
        return []
    articles, questions = split
    known = [text for article in articles for text in (article.question, *article.phrasings)]
    texts = read_log(dataset(measured.log).read_text("utf-8"))
    return without(texts, [*known, *(text for text, _ in questions)])


def peer(learn: Learn, dealt: Sequence[Split], measured: Measured) -> dict[str, Any]:
    """A peer's figures, means with intervals."""
    found = [_peer_once(learn, split, measured, seed) for seed, split in enumerate(dealt)]
    names = [name for name in found[0] if all(name in each for each in found)]
    return {name: _rounded(asdict(figure_of([each[name] for each in found]))) for name in names}


def _peer_once(learn: Learn, split: Split, measured: Measured, seed: int) -> dict[str, float]:
    articles, questions = split
    keys = [article.key for article in articles]
    pairs = [(text, label) for label, article in enumerate(articles) for text in article.phrasings]
    titles = [(article.question, label) for label, article in enumerate(articles) if measured.titles]
    order = np.random.default_rng(seed).permutation(len(pairs))
    count = min(_TRIED, len(pairs) // 5)
    tried, kept = [pairs[i] for i in order[:count]], [pairs[i] for i in order[count:]]
    with threadpool_limits(1):
        before = _learned(learn, [*kept, *titles], measured)([text for text, _ in tried])
        threshold = _threshold(before, np.array([label for _, label in tried]))
        scores = _learned(learn, [*pairs, *titles], measured)([text for text, _ in questions])
    own = np.array([keys.index(key) if key else -1 for _, key in questions])
    return _figures(scores, own, threshold)


def _learned(learn: Learn, pairs: Sequence[tuple[str, int]], measured: Measured) -> Any:
    return learn([text for text, _ in pairs], np.array([label for _, label in pairs]), measured.language)


def _threshold(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The lowest score from which on no more than the budget is wrong; above all when there is none."""
    order = np.argsort(-scores.max(axis=1), kind="stable")
    wrong = np.cumsum((scores.argmax(axis=1) != labels)[order])
    within = np.flatnonzero(wrong <= BUDGET * np.arange(1, len(order) + 1))
    return float(scores.max(axis=1)[order[within[-1]]]) if len(within) else float("inf")


def _figures(scores: NDArray[np.float64], own: NDArray[np.int64], threshold: float) -> dict[str, float]:
    best = np.argsort(-scores, axis=1, kind="stable")[:, :_LISTED]
    first, listed, inside = best[:, 0] == own, (best == own[:, None]).any(axis=1), own >= 0
    answered = scores.max(axis=1) >= threshold
    found = {
        "accuracy": float(first[inside].mean()),
        "accuracy_at_3": float(listed[inside].mean()),
        "answered_in_scope": float(answered[inside].mean()),
        "wrong_of_answered": float((~first[answered]).mean()) if answered.any() else 0.0,
    }
    told = auroc(scores.max(axis=1), inside)
    return found if told is None else {**found, "auroc_out_of_scope": told}


def _rounded(figure: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figure.items()}


def measure(*, long: bool = False, names: Sequence[str] = ()) -> dict[str, Any]:
    """Every way on every set; of ours the means, with their bars and whether these hold."""
    chosen = names or [name for name in SETS if long or name not in LONG]
    found: dict[str, Any] = {"sets": {}, "bars": {}, "missed": {}, "skipped": {}}
    for name in chosen:
        dealt = splits(SETS[name])
        rows = {"ours": ours(dealt, SETS[name])}
        if SETS[name].few:
            rows["ours, semantic"] = ours(dealt, SETS[name], semantic=True)
        # Peers learn nothing from a log: their figures are those of the set without it.
        for way, learn in ({} if SETS[name].log else PEERS).items():
            try:
                rows[way] = peer(learn, dealt, SETS[name])
            except ModuleNotFoundError as error:
                found["skipped"][f"{way} on {name}"] = str(error)
        means = {figure: told["mean"] for figure, told in rows["ours"].items()}
        found["sets"][name], found["bars"][name] = rows, judged(means, BARS[name])
        found["missed"] |= {f"{name}.{each}": why for each, why in missed(means, BARS[name]).items()}
    return found


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people: means, and the 90 % interval of ours."""
    for name, rows in found["sets"].items():
        heads = list(rows["ours"])
        yield f"\n{name:32}" + "".join(f"{head:>20}" for head in heads)
        for way, figures in rows.items():
            yield f"  {way:30}" + "".join(
                f"{_told(head, figures[head]['mean']) if head in figures else '-':>20}" for head in heads
            )
        yield f"  {'ours, interval':30}" + "".join(
            f"{' '.join(_told(head, rows['ours'][head][end]) for end in ('low', 'high')):>20}"
            for head in heads
        )
    yield from (f"left out: {what}: {why}" for what, why in found["skipped"].items())
    yield from (f"MISSED {what}: {why}" for what, why in found["missed"].items())


def _told(name: str, value: float) -> str:
    return f"{value:.3f}" if name.endswith("_ms") else f"{value:.2%}"


def main() -> None:
    """Print the figures; ends with 1 when a bar is missed."""
    parser = command_line(__doc__)
    parser.add_argument("--long", action="store_true", help="the Chinese sets, too")
    parser.add_argument("--sets", help=f"only these, separated by commas, of {', '.join(SETS)}")
    given = parser.parse_args()
    found = measure(long=given.long, names=given.sets.split(",") if given.sets else ())
    print(json.dumps(found) if given.json else "\n".join(table(found)))
    sys.exit(1 if found["missed"] else 0)


if __name__ == "__main__":
    main()
