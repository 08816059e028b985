"""The table of legal changes, held as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.errors import IllegalTransition
from crm_store.lifecycle import HELD_BY_PERSON, OPEN, TRANSITIONS, Change, Status, next_status


@pytest.mark.parametrize(("status", "change"), [(s, c) for s in Status for c in Change])
def test_every_pair_is_either_in_the_table_or_refused_with_what_is_possible(
    status: Status, change: Change
) -> None:
    if (status, change) in TRANSITIONS:
        assert next_status(status, change) is TRANSITIONS[status, change]
        return
    with pytest.raises(IllegalTransition) as refused:
        next_status(status, change)
    possible = {c for s, c in TRANSITIONS if s is status}
    assert all(str(c) in str(refused.value) for c in possible)


@given(st.lists(st.sampled_from(list(Change)), max_size=60))
def test_no_history_is_a_dead_end_and_a_resolved_matter_only_reopens(changes: list[Change]) -> None:
    status = Status.BOT
    for change in changes:
        if (status, change) in TRANSITIONS:
            status = next_status(status, change)
    possible = {c for s, c in TRANSITIONS if s is status}
    assert possible
    if status is Status.RESOLVED:
        assert possible == {Change.REOPEN}


def test_a_person_can_resolve_whatever_is_open() -> None:
    assert all((status, Change.RESOLVE) in TRANSITIONS for status in OPEN)


def test_only_taking_and_what_follows_it_leads_to_a_person() -> None:
    into = {change for (status, change), after in TRANSITIONS.items()
            if after in HELD_BY_PERSON and status not in HELD_BY_PERSON}  # fmt: skip
    assert into == {Change.TAKE}
