"""The steps of after-sales cases: every case can end, and nothing follows an end."""

from itertools import pairwise

import pytest

from crm_store.case_states import ENDS, FIRST, CaseKind, CaseState, check_step, following
from crm_store.errors import IllegalTransition

WAYS = {
    CaseKind.RETURN: ["requested", "approved", "received", "completed"],
    CaseKind.REFUND: ["requested", "approved", "paid"],
    CaseKind.REPAIR: ["requested", "approved", "received", "repaired", "sent_back"],
    CaseKind.FOLLOW_UP: ["to_do", "done"],
}


def reachable(kind: CaseKind) -> set[CaseState]:
    found, new = {FIRST[kind]}, {FIRST[kind]}
    while new:
        new = {after for state in new for after in following(kind, state)} - found
        found |= new
    return found


@pytest.mark.parametrize("kind", CaseKind)
def test_the_usual_way_leads_to_an_end(kind: CaseKind) -> None:
    way = [CaseState(state) for state in WAYS[kind]]
    for before, after in pairwise(way):
        check_step(kind, before, after)
    assert way[-1] in ENDS


@pytest.mark.parametrize("kind", CaseKind)
def test_only_ends_are_ends_and_all_that_is_open_can_be_cancelled(kind: CaseKind) -> None:
    for state in reachable(kind):
        assert (following(kind, state) == ()) is (state in ENDS)
        assert state in ENDS or CaseState.CANCELLED in following(kind, state)


def test_a_step_that_cannot_be_names_those_that_can() -> None:
    with pytest.raises(IllegalTransition, match="approved, rejected, cancelled"):
        check_step(CaseKind.REFUND, CaseState.REQUESTED, CaseState.PAID)
    with pytest.raises(IllegalTransition, match="it is closed"):
        check_step(CaseKind.REFUND, CaseState.PAID, CaseState.REQUESTED)
