"""Which changes of questions with a known answer keep an edit from being published."""

from collections.abc import Sequence

import pytest

from knowledge_base.articles import Article
from knowledge_base.matches import Decision, Kind, Match
from knowledge_base.trial import Decide, GoldQuestion, compare, reworded, still_known, told

Given = tuple[Kind, tuple[str, ...]]
ASKED = GoldQuestion("what is the capital of france", "location")


def _decides(kind: Kind, *keys: str) -> Decide:
    found = tuple(Match(key, 0.5, 0.5, "", "en") for key in keys)

    def decide(texts: Sequence[str]) -> list[Decision]:
        return [Decision(kind, found, 0.5, "possible") for _ in texts]

    return decide


@pytest.mark.parametrize(
    ("before", "after", "blocks", "warns"),
    [
        (
            (
                "suggest",
                (
                    "jobs",
                    "location",
                ),
            ),
            (
                "suggest",
                (
                    "jobs",
                    "rental",
                ),
            ),
            False,
            True,
        ),
        (
            (
                "suggest",
                (
                    "jobs",
                    "location",
                ),
            ),
            ("answer", ("jobs",)),
            False,
            True,
        ),
        (
            (
                "suggest",
                (
                    "location",
                    "jobs",
                ),
            ),
            (
                "suggest",
                (
                    "jobs",
                    "rental",
                ),
            ),
            True,
            False,
        ),
        (("answer", ("location",)), ("unknown", ()), True, False),
        (
            ("answer", ("location",)),
            (
                "suggest",
                (
                    "jobs",
                    "location",
                ),
            ),
            False,
            False,
        ),
        (("unknown", ()), ("suggest", ("jobs",)), False, False),
    ],
)
def test_only_a_right_answer_given_alone_or_first_can_be_lost(
    before: Given, after: Given, blocks: bool, warns: bool
) -> None:
    trial = compare(_decides(before[0], *before[1]), _decides(after[0], *after[1]), [], [ASKED])
    assert (bool(trial.regressions), bool(trial.warnings)) == (blocks, warns)


def test_it_is_told_in_other_words() -> None:
    trial = compare(_decides("answer", "location"), _decides("unknown"), [], [ASKED])
    told = reworded(trial, {ASKED.text: "what is […]"})
    assert told.regressions[0].question == GoldQuestion("what is […]", "location")


def test_what_no_article_answers_must_not_be_answered_alone_until_one_has_its_words() -> None:
    nothing = GoldQuestion("what is the capital of france", "")
    trial = compare(_decides("suggest", "jobs"), _decides("answer", "jobs"), [], [nothing])
    assert [told(each) for each in trial.regressions] == [
        "no answer alone before, answered with 'jobs' then; people said no article answers it"
    ]
    jobs = Article("jobs", "Do you hire?", (), "Yes.")
    france = Article("france", "The capital of France", (ASKED.text,), "Paris.")
    assert still_known([nothing, ASKED], [jobs], [jobs]) == [nothing, ASKED]
    assert still_known([nothing, ASKED], [jobs], [jobs, france]) == [ASKED]
