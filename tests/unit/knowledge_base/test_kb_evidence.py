"""Evidence gathered from phrasings held out, and builds that do without it."""

import dataclasses

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from knowledge_base.articles import Article
from knowledge_base.background import everyday_questions, in_script
from knowledge_base.building import material_of
from knowledge_base.calibration import SIGNAL_NAMES
from knowledge_base.evidence import (
    ASKED,
    BACKGROUND,
    HIDDEN,
    Evidence,
    Material,
    fold_count,
    gather,
    kinship_of,
)
from knowledge_base.examples import examples_by_script
from knowledge_base.index import build_index
from knowledge_base.policy import Policy
from knowledge_base.samples import load_sample

SHOP = load_sample("shop_en")


def material(articles: tuple[Article, ...], titles: bool = True) -> Material:
    outside = in_script(everyday_questions(), "alphabetic")
    return material_of(examples_by_script(articles, titles)["alphabetic"], "alphabetic", outside)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    learned = material(SHOP)
    with threadpool_limits(1):  # as a build does: threads that wait for each other take minutes beside others
        return gather(learned, 0)


def test_every_phrasing_is_asked_once_with_and_once_without_its_article(evidence: Evidence) -> None:
    phrasings = len({(article.key, phrasing) for article in SHOP for phrasing in article.phrasings})

    assert abs(int((evidence.kinds == ASKED).sum()) - phrasings) <= 0.02 * phrasings
    assert (evidence.kinds == HIDDEN).sum() == (evidence.kinds == ASKED).sum()
    assert (evidence.kinds == BACKGROUND).sum() > 50


def test_only_questions_with_an_article_can_be_right(evidence: Evidence) -> None:
    asked = evidence.kinds == ASKED

    assert evidence.first_right[asked].mean() > 0.3
    assert not evidence.first_right[~asked].any()
    assert (evidence.listed_right >= evidence.first_right).all()


def test_a_question_whose_article_is_missing_looks_less_sure(evidence: Evidence) -> None:
    means = [evidence.signals[evidence.kinds == kind].mean(axis=0) for kind in (ASKED, HIDDEN)]

    # Pairs are rare among phrasings written to differ: what they prefer says little either way.
    telling = [name != "pairs_lead" for name in SIGNAL_NAMES]
    assert (means[0] > means[1])[telling].all()


def test_the_models_asked_are_smaller_than_the_whole(evidence: Evidence) -> None:
    whole = material(SHOP).size

    assert 0.75 * whole.texts_per_article < evidence.size.texts_per_article < whole.texts_per_article
    assert evidence.size.articles == whole.articles == len(SHOP)


def test_kinship_tells_repeating_phrasings_from_differing_ones() -> None:
    tails = ("please", "today", "now", "quickly")
    repeating = tuple(
        dataclasses.replace(article, phrasings=tuple(f"{article.phrasings[0]} {tail}" for tail in tails))
        for article in SHOP
    )

    assert kinship_of(material(repeating), 0) > 0.9
    assert kinship_of(material(SHOP), 0) < 0.5
    assert kinship_of(material((SHOP[0],)), 0) == 1


@pytest.mark.parametrize(("phrasings", "folds"), [(1, 2), (2, 2), (3, 3), (4, 4), (5, 5), (8, 5)])
def test_a_fold_takes_at_most_one_text_of_a_small_article(phrasings: int, folds: int) -> None:
    few = tuple(dataclasses.replace(article, phrasings=article.phrasings[:phrasings]) for article in SHOP)

    assert fold_count(material(few, titles=False)) == folds


def test_without_evidence_the_same_articles_come_first() -> None:
    full, quick = build_index(SHOP), build_index(SHOP, gather_evidence=False)

    shelf, quick_shelf = full.shelves["alphabetic"], quick.shelves["alphabetic"]
    np.testing.assert_array_equal(shelf.model.weights, quick_shelf.model.weights)
    assert quick_shelf.calibration.promise.evidence_count == 0
    assert shelf.calibration.promise.evidence_count > 100


def test_a_quick_build_keeps_the_calibration_of_an_index_of_like_size() -> None:
    before = build_index(SHOP)

    after = build_index(SHOP[:-1], gather_evidence=False, calibration_from=before.thresholds)

    assert after.shelves["alphabetic"].calibration == before.shelves["alphabetic"].calibration


@pytest.mark.parametrize(
    ("count", "budget"), [(5, 0.02), (len(SHOP), 0.05)], ids=["other size", "other budget"]
)
def test_a_calibration_that_no_longer_fits_is_not_kept(count: int, budget: float) -> None:
    before = build_index(SHOP)

    after = build_index(
        SHOP[:count], Policy(budget), gather_evidence=False, calibration_from=before.thresholds
    )

    assert after.shelves["alphabetic"].calibration.promise.evidence_count == 0


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_an_impossible_share_out_of_scope_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="out_of_scope"):
        build_index(SHOP[:2], out_of_scope=share)
