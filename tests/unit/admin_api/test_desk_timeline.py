"""What happened in a conversation, in words."""

import pytest

from admin_api.desk import timeline
from admin_api.desk.texts import Words
from crm_store.attendance import GIVEN, WOKEN
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import StatusChange
from tests.house import NOON


@pytest.mark.parametrize(("how", "english", "chinese"), [
    (GIVEN, "It was given to Mia", "系统分配给了 Mia"),
    (WOKEN, "It was given to Mia", "系统分配给了 Mia"),
    ("picked", "Mia took it", "Mia 接了这个对话"),
])  # fmt: skip
def test_who_was_given_it_did_not_take_it(how: str, english: str, chinese: str) -> None:
    change = StatusChange(
        id=1,
        conversation_id=1,
        change=Change.TAKE,
        from_status=Status.QUEUED,
        to_status=Status.ASSIGNED,
        actor="agent:7",
        reason=how,
        changed_at=NOON,
    )
    told = [timeline._happened(change, {7: "Mia"}, Words(language)).text for language in ("en", "zh")]
    assert told == [english, chinese]
