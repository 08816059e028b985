"""Traffic told by confidence alone: the share out of scope, and the threshold that follows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.index import build_index
from knowledge_base.samples import load_sample
from knowledge_base.traffic import (
    LIST_AT,
    SHARES,
    Needed,
    Seen,
    live_threshold,
    needed,
    out_of_scope_share,
    profile_of,
    unknown_profile,
)

BUDGET = 0.02
EXPECTED = 0.1


def confidences(share: float, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences of traffic with this share out of scope, and which of it is in scope."""
    generator = np.random.default_rng(seed)
    inside = generator.random(count) >= share
    return np.where(inside, generator.beta(5, 1, count), generator.beta(1, 3, count)), inside


LEARNED, INSIDE = confidences(0.5, 4_000, 0)
PROFILE = profile_of(LEARNED, INSIDE, np.ones(4_000), np.linspace(0.8, 0.99, len(SHARES)).tolist())


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_the_share_is_found_from_confidences_alone(share: float) -> None:
    seen, _ = confidences(share, 3_000, 1)

    assert out_of_scope_share(PROFILE, seen.tolist(), EXPECTED, 20) == pytest.approx(share, abs=0.05)


def test_without_traffic_or_profile_what_was_expected_stands() -> None:
    assert out_of_scope_share(PROFILE, [], EXPECTED, 20) == pytest.approx(EXPECTED)
    assert out_of_scope_share(unknown_profile(0.9), [0.1] * 50, EXPECTED, 20) == pytest.approx(EXPECTED)


def test_strange_traffic_makes_careful_and_familiar_traffic_not_bold() -> None:
    thresholds = [
        live_threshold(PROFILE, Seen().and_asked(confidences(share, 150, 2)[0].tolist()), EXPECTED, BUDGET)
        for share in (0.0, 0.1, 0.6, 0.9)
    ]

    assert thresholds == sorted(thresholds)
    assert thresholds[0] >= PROFILE.threshold(EXPECTED)
    assert thresholds[-1] > PROFILE.threshold(0.6)


@given(st.lists(st.booleans(), max_size=120), st.integers(0, 60))
def test_answers_that_did_not_help_never_make_bolder(helped: list[bool], right: int) -> None:
    before = live_threshold(PROFILE, Seen().and_told(helped), EXPECTED, BUDGET)
    worse = live_threshold(PROFILE, Seen().and_told([*helped, False]), EXPECTED, BUDGET)
    better = live_threshold(PROFILE, Seen().and_told([*helped, *[True] * right]), EXPECTED, BUDGET)

    assert 0 < better <= before <= worse < 1 or len(helped) >= 100  # the oldest words are forgotten


def test_only_the_newest_are_remembered() -> None:
    seen = Seen().and_asked([0.1] * 500).and_asked([0.9] * 150).and_told([False] * 300)

    assert set(seen.confidences) == {0.9}
    assert len(seen.helped) == 100


def test_an_index_knows_thresholds_for_other_traffic() -> None:
    [shelf] = build_index(load_sample("shop_en")[:12]).shelves.values()
    profile = shelf.calibration.profile

    assert len(profile.answer_at) == len(SHARES)
    assert list(profile.answer_at) == sorted(profile.answer_at)
    assert sum(profile.inside) == pytest.approx(1) == sum(profile.outside)


def test_strange_traffic_is_offered_fewer_lists() -> None:
    profile = replace(PROFILE, list_at=tuple(np.linspace(0.3, 0.9, len(SHARES)).tolist()))
    lists = [
        needed(profile, Seen().and_asked(confidences(share, 150, 2)[0].tolist()), EXPECTED, BUDGET).suggest_at
        for share in (0.0, 0.6, 0.9)
    ]
    assert lists == sorted(lists)
    assert lists[0] >= profile.listing(EXPECTED)
    assert lists[1] > 0.5
    assert unknown_profile(0.9).listing(0.7) == LIST_AT


def test_a_few_questions_say_nothing_of_the_traffic() -> None:
    seen = Seen().and_asked([0.1] * 20)
    assert live_threshold(PROFILE, seen, EXPECTED, BUDGET) == PROFILE.threshold(EXPECTED)


def test_an_index_takes_higher_thresholds_and_no_lower_ones() -> None:
    index = build_index(load_sample("shop_en")[:6], gather_evidence=False)
    own = index.shelves["alphabetic"].calibration.answer_at

    careful = index.raised({"alphabetic": Needed(0.999, 0.7), "cjk": Needed(0.9, 0.7)})

    assert careful.shelves["alphabetic"].calibration.answer_at == 0.999
    assert careful.shelves["alphabetic"].calibration.suggest_at == 0.7
    assert index.shelves["alphabetic"].calibration.answer_at == own
    assert index.raised({"alphabetic": Needed(own / 2, 0.1)}) is index
