"""The chance from which on a list is shown: careful without evidence, then what questions held out say of it."""

import numpy as np
import pytest

from knowledge_base.articles import Article
from knowledge_base.calibrating import calibrate
from knowledge_base.index import build_index
from knowledge_base.listing import WORTH, list_thresholds
from knowledge_base.policy import USUAL
from knowledge_base.regression import sigmoid
from knowledge_base.samples import load_sample
from knowledge_base.short import expected_share
from knowledge_base.traffic import LIST_AT, SHARES
from knowledge_base.usual import Size


def chosen(shift: float, count: int, out_of_scope: float = 0.0) -> float:
    """The chance a list needs where lists hold the right article by so many log odds oftener than told."""
    draw = np.random.default_rng(0)
    told = draw.normal(0, 2, count)
    holds = draw.random(count) < sigmoid(told + shift)
    holds[: round(count * out_of_scope)] = False
    [found] = list_thresholds(told, holds, [np.ones(count)], np.zeros(count))
    return found


def test_without_evidence_it_is_the_usual_and_careful() -> None:
    assert chosen(0, 0) == pytest.approx(LIST_AT)
    assert LIST_AT > WORTH
    assert calibrate(None, Size(3, 10, "multinomial"), 0.02, 0.1).suggest_at == LIST_AT


def test_with_much_evidence_a_list_needs_what_is_worth_it() -> None:
    assert chosen(0, 20_000) == pytest.approx(WORTH, abs=0.02)


@pytest.mark.parametrize("count", [200, 2_000])
def test_lists_worse_than_told_need_more(count: int) -> None:
    assert chosen(0, count) < chosen(-0.3, count) < chosen(-0.6, count)
    assert chosen(0, count) < chosen(0, count, out_of_scope=0.4)


def test_it_stays_within_reason() -> None:
    assert chosen(9, 5_000) == pytest.approx(WORTH), "however well lists do, no less is worth it"
    assert chosen(-9, 5_000) <= 0.95


def test_where_little_was_held_out_nonsense_gets_no_list() -> None:
    few = [
        Article(f"a{n}", f"{word} policy", (f"how does {word} work", f"tell me about {word}"), "So.")
        for n, word in enumerate(["returns", "delivery", "payment", "warranty", "gift cards", "invoices"])
    ]
    index = build_index(few)
    [shelf] = index.shelves.values()
    assert shelf.calibration.suggest_at >= LIST_AT
    for text in ("blorp vexing quandary flumm", "asdf qwer", "weather tomorrow?"):
        assert index.decide(text).kind == "unknown", text


def test_an_index_needs_more_the_more_is_out_of_scope() -> None:
    [shelf] = build_index(load_sample("shop_en"), USUAL).shelves.values()
    needed = shelf.calibration.profile.list_at
    assert len(needed) == len(SHARES)
    assert list(needed) == sorted(needed)
    assert needed[0] < needed[-1]
    assert shelf.calibration.suggest_at == pytest.approx(
        shelf.calibration.profile.listing(expected_share(len(shelf.keys)))
    )
