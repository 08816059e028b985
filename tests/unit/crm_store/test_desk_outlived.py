"""Which posts to the staff group still say something when their turn has come."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.desk import FOR_ONE
from crm_store.desk_load import CALLS
from crm_store.desk_outlived import LOOKED_AT, Facts, outlived
from crm_store.desk_posts import Claimed

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BOB, TO_BOB = 4, '{"by": "Ann"}'
LIVE = Facts(over=(), queued=(1,), has_place=True, running={})


def post(number: int, kind: str, text: str = "", agent: int | None = None) -> Claimed:
    return Claimed(number, 1, 7, None, agent, kind, text, 0, NOON)


@pytest.mark.parametrize(
    ("told", "running", "left"),
    [
        ([("due_soon", "first 20")], {(1, "first"): "due_soon"}, [1]),
        ([("due_soon", "first 20"), ("overdue", "first 20")], {(1, "first"): "overdue"}, [2]),
        ([("due_soon", "first 20")], {(1, "first"): "overdue"}, []),  # the breach is still to be posted
        ([("overdue", "first 20")], {}, []),  # answered meanwhile
        ([("overdue", "next 10"), ("overdue", "next 10")], {(1, "next"): "overdue"}, [2]),
        ([("overdue", "next 10"), ("due_soon", "resolution 60")],
         {(1, "next"): "overdue", (1, "resolution"): "due_soon"}, [1, 2]),
        ([("due_soon", "first 20")], {(2, "first"): "due_soon"}, []),  # another conversation's
    ],
)  # fmt: skip
def test_warnings(told: list[tuple[str, str]], running: dict[tuple[int, str], str], left: list[int]) -> None:
    posts = [post(number, kind, text) for number, (kind, text) in enumerate(told, start=1)]
    gone = outlived(posts, Facts((), (1,), True, running))
    assert [one.id for one in posts if one.id not in gone] == left


def test_of_several_reminders_the_newest_of_who_still_waits() -> None:
    posts = [post(1, "unanswered", "10"), post(2, "unanswered", "20")]
    assert outlived(posts, LIVE) == {1}
    assert outlived(posts, Facts((), (), True, {})) == {1, 2}


@pytest.mark.parametrize(("over", "has_place", "gone"), [
    ((1,), False, {1}), ((1,), True, set()), ((), False, set()), ((2,), False, set()),
])  # fmt: skip
def test_a_card_of_what_is_over_is_drawn_where_one_stands(
    over: tuple[int, ...], has_place: bool, gone: set[int]
) -> None:
    assert outlived([post(1, "card")], Facts(over, (), has_place, {})) == gone


SOME = st.lists(
    st.tuples(st.sampled_from(sorted(LOOKED_AT)), st.sampled_from(["first 20", "next 10", ""])), max_size=8
)


@given(SOME, st.sets(st.sampled_from(["due_soon", "overdue"])), st.booleans())
def test_never_both_a_warning_and_the_breach_of_one_promise(
    told: list[tuple[str, str]], states: set[str], is_over: bool
) -> None:
    calls = (*CALLS, *FOR_ONE)
    posts = [
        post(number, kind, TO_BOB, BOB) if kind in calls else post(number, kind, text)
        for number, (kind, text) in enumerate(told, start=1)
    ]
    running = {(1, kind): state for kind, state in zip(("first", "next"), sorted(states), strict=False)}
    gone = outlived(posts, Facts((1,) if is_over else (), (1,), True, running))
    kept = [one for one in posts if one.id not in gone and one.kind in ("due_soon", "overdue")]
    assert len({one.text for one in kept}) == len(kept)
    assert all(running[1, one.text.split()[0]] == one.kind for one in kept)


@pytest.mark.parametrize(("holder", "left"), [(4, [1]), (5, []), (None, [])])
def test_a_call_to_who_still_has_to_write(holder: int | None, left: list[int]) -> None:
    facts = Facts((), (), True, {}, {1: holder})
    gone = outlived([post(1, "given", "{}", BOB)], facts)
    assert [n for n in (1,) if n not in gone] == left


@pytest.mark.parametrize(("queued", "left"), [((1,), [1]), ((), [])])
def test_the_end_of_a_snooze_is_told_while_nobody_has_taken_it(
    queued: tuple[int, ...], left: list[int]
) -> None:
    gone = outlived([post(1, "woken_queued", "{}")], Facts((), queued, True, {}))
    assert [n for n in (1,) if n not in gone] == left


@pytest.mark.parametrize(
    ("holder", "chat", "left"),
    [
        (5, "-100", [1]),
        (5, "72", [1]),
        (5, "71", []),  # in the chat of who took it nobody misses it
        (4, "-100", []),  # theirs again: the act was undone
        (None, "-100", []),
    ],
)
def test_what_was_taken_over_is_told_whom_it_was_taken_from_while_somebody_else_has_it(
    holder: int | None, chat: str, left: list[int]
) -> None:
    facts = Facts((), (), True, {}, keepers={1: holder}, chat=chat, own_chats={BOB: "72", 5: "71"})
    gone = outlived([post(1, "taken_over", TO_BOB, BOB)], facts)
    assert [n for n in (1,) if n not in gone] == left


def test_taken_from_one_and_then_from_the_next_is_told_to_each() -> None:
    posts = [post(number, "taken_over", TO_BOB, agent) for number, agent in ((1, BOB), (2, 5), (3, BOB))]
    assert outlived(posts, Facts((), (), True, {}, keepers={1: 6}, chat="-100")) == {1}
