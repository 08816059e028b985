"""A stream whose share of questions out of scope jumps: what is answered wrong before, and long after it.

    python -m benchmarks.matching_stream [--json]

The knowledge base is BANKING77 with all, ten or five phrasings an article. Its questions are in scope; CLINC150's,
those about what a bank's customers ask left out, are not. A tenth of 300 messages is out of scope, then 60 % of 600.
Nobody tells the bot: it sees its own confidences, and one in five of those who got an answer says whether it helped
(knowledge_base/traffic.py). Twenty seeded streams, beside the same with the threshold left where it was.
"""

import csv
import sys
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.bars import Bar, command_line, tell_parts
from benchmarks.datasets import dataset
from knowledge_base.evaluation import Question, outcomes_of, read_questions
from knowledge_base.exchange import parse
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.policy import Policy
from knowledge_base.short import OUT_OF_SCOPE
from knowledge_base.traffic import Seen, live_threshold

BUDGET: Final = 0.02
STREAMS: Final = 20
BEFORE, MEANWHILE, AFTER = "before", "meanwhile", "after"
PHASES: Final = ((BEFORE, 300, 0.1), (MEANWHILE, 300, 0.6), (AFTER, 300, 0.6))
"""Each with its messages and the share of them out of scope."""
TOLD: Final = 0.2
LOOKED_EVERY: Final = 10
FILES: Final = {"all": "articles.csv", "10": "articles_10.csv", "5": "articles_5.csv"}
BARS: Final = (Bar("wrong_after", at_most=BUDGET),)
# CLINC150's articles about what a bank's customers ask.
_BANKING: Final = """
    account_blocked application_status apr balance bill_balance bill_due card_declined credit_limit credit_limit_change
    credit_score damaged_card direct_deposit exchange_rate expiration_date freeze_account improve_credit_score income
    insurance insurance_change interest_rate international_fees min_payment new_card order_checks pay_bill payday
    pin_change redeem_rewards replacement_card_duration report_fraud report_lost_card rewards_balance rollover_401k
    routing spending_history taxes transactions transfer w2
"""


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions as the index took them: how sure it was, and whether it would have been right."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(slots=True)
class Count:
    """What became of one phase of one stream."""

    inside: int = 0
    answered: int = 0
    wrong: int = 0


def pools(index: KnowledgeIndex) -> tuple[Pool, Pool]:
    """The questions in scope and those that are not."""
    inside = read_questions(dataset("banking77/questions.csv").read_bytes()).items
    with dataset("clinc150/questions.csv").open(encoding="utf-8", newline="") as file:
        strange = [
            (row["text"], "") for row in csv.DictReader(file) if row["article"] not in _BANKING.split()
        ]
    return _pool(index, inside), _pool(index, strange)


def _pool(index: KnowledgeIndex, questions: list[Question] | tuple[Question, ...]) -> Pool:
    outcomes = outcomes_of(index, questions)
    return Pool(outcomes.confidence, outcomes.first & outcomes.in_scope)


def stream(index: KnowledgeIndex, inside: Pool, outside: Pool, seed: int, *, live: bool) -> dict[str, Count]:
    """One stream's counts by phase."""
    generator = np.random.default_rng(seed)
    [shelf] = index.shelves.values()
    calibration, seen, found = shelf.calibration, Seen(), {name: Count() for name, _, _ in PHASES}
    threshold = calibration.answer_at
    for name, messages, strange in PHASES:
        for number in range(messages):
            pool = outside if generator.random() < strange else inside
            place = int(generator.integers(len(pool.right)))
            confidence, right = float(pool.confidence[place]), bool(pool.right[place])
            found[name].inside += pool is inside
            seen = seen.and_asked([confidence])
            told = generator.random() < TOLD
            if confidence >= threshold:
                found[name].answered += 1
                found[name].wrong += not right
                seen = seen.and_told([right]) if told else seen
            if live and number % LOOKED_EVERY == 0:
                threshold = live_threshold(calibration.profile, seen, OUT_OF_SCOPE, BUDGET)
    return found


def measure_one(file: str) -> dict[str, Any]:
    """Means over the streams for one knowledge base."""
    told = dataset(f"banking77/{file}").read_bytes()
    index = build_index(parse(told, ".csv", default_answer="An answer.").articles, Policy(BUDGET))
    inside, outside = pools(index)
    figures: dict[str, Any] = {}
    for way, live in (("", True), ("_fixed", False)):
        found = [stream(index, inside, outside, seed, live=live) for seed in range(STREAMS)]
        for name, _, _ in PHASES:
            counts = [each[name] for each in found]
            figures[f"wrong_{name}{way}"] = _mean([one.wrong / max(one.answered, 1) for one in counts])
            total = sum(one.answered for one in counts)
            figures[f"wrong_{name}_together{way}"] = round(
                sum(one.wrong for one in counts) / max(total, 1), 4
            )
            answered = [(one.answered - one.wrong) / max(one.inside, 1) for one in counts]
            figures[f"answered_right_{name}{way}"] = _mean(answered)
    return figures


def _mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 4)


def measure(*, long: bool = False) -> dict[str, Any]:
    """Every knowledge base's figures by its phrasings an article; `long` changes nothing."""
    return {name: measure_one(file) for name, file in FILES.items()}


def main() -> None:
    """Print the figures; ends with 1 when a bar is missed."""
    given = command_line(__doc__).parse_args()
    sys.exit(tell_parts(measure(), BARS, as_json=given.json))


if __name__ == "__main__":
    main()
