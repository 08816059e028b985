"""Recommendations from baskets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.recommending import NEIGHBOURS, cosine, from_popular, from_similar, nearest, together
from crm_store.purchases import Bought, Likeness, Popular


@pytest.mark.parametrize(
    ("shared", "own", "theirs", "likeness"), [(2, 2, 2, 1.0), (1, 2, 2, 0.5), (0, 3, 3, 0.0), (3, 4, 9, 0.5)]
)
def test_likeness_is_the_cosine_of_two_sets(shared: int, own: int, theirs: int, likeness: float) -> None:
    assert cosine(shared, own, theirs) == pytest.approx(likeness)


@given(st.sets(st.integers(0, 20), min_size=1), st.sets(st.integers(0, 20), min_size=1))
def test_likeness_lies_between_0_and_1_and_is_1_for_the_same(mine: set[int], theirs: set[int]) -> None:
    found = cosine(len(mine & theirs), len(mine), len(theirs))
    assert 0 <= found <= 1 + 1e-12
    assert (found > 1 - 1e-9) == (mine == theirs)


def test_the_most_alike_are_chosen_and_equals_by_id() -> None:
    found = [Likeness(n, 1, 4) for n in range(NEIGHBOURS, 0, -1)] + [
        Likeness(999, 2, 4),
        Likeness(998, 1, 100),
    ]
    near = nearest(2, found)
    assert list(near)[:3] == [999, 1, 2]
    assert len(near) == NEIGHBOURS
    assert 998 not in near
    assert near[999] == pytest.approx(2 / 8**0.5)


def test_products_of_similar_customers_come_by_the_likeness_of_their_buyers() -> None:
    near = {1: 0.9, 2: 0.5, 3: 0.5}
    baskets = [
        Bought(1, "tea", "Tea"),
        Bought(1, "cup", "Cup"),
        Bought(2, "pot", "Pot"),
        Bought(3, "pot", "Pot"),
        Bought(3, "jar", None),
    ]
    found = from_similar(near, baskets, {"tea"})
    assert [(one.sku, one.score) for one in found] == [("pot", 1.0), ("cup", 0.9), ("jar", 0.5)]
    assert found[0].why == ("bought by 2 of the 3 customers with the most similar purchases",)


def test_the_list_is_filled_up_with_what_most_buy_and_the_customer_has_not() -> None:
    usual = from_popular(
        [Popular("tea", "Tea", 9), Popular("pot", "Pot", 8), Popular("jar", "Jar", 7)], {"tea"}
    )
    similar = from_similar({1: 0.9}, [Bought(1, "pot", "Pot")], ())
    found = together(similar, usual, 2)
    assert [(one.sku, one.source) for one in found] == [("pot", "similar_customers"), ("jar", "popular")]
