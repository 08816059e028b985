"""Cases in Telegram: deadlines told in the customer's topic, and the command that opens, lists and updates them."""

from datetime import datetime, timedelta
from functools import partial

from bot.clock import system_clock
from bot.dispatch import Timekeeper
from crm_store import service_cases
from crm_store.case_states import CaseKind
from crm_store.service_cases import CaseDraft
from tests.telegram_stage import DeskHouse


def later(now: datetime, days: int) -> datetime:
    return now + timedelta(days=days)


async def test_the_owner_is_called_by_name_in_the_topic(desk_house: DeskHouse) -> None:
    _, topic, _ = await desk_house.queued()
    group, now = desk_house.group, system_clock()
    async with desk_house.store.write() as session:
        for owner, team in ((1, None), (None, "returns"), (None, None)):
            draft = CaseDraft(CaseKind.REFUND, conversation_id=1, owner_id=owner, team=team)
            await service_cases.open_case(
                session, draft, actor="agent:1", now=now, settings=desk_house.store_settings
            )
    for days, words in ((6, "is due by"), (7, "was due by")):
        await Timekeeper(desk_house.store, partial(later, now, days), desk_house.store_settings).fire_due()
        told = await group.hears(f"Refund REF-1 (Zoe) {words}", thread=topic)
        assert told.text.endswith("Seen to by: Ann")
        [mention] = told.body["entities"]
        assert (mention["type"], mention["user"]["id"]) == ("text_mention", 71)
        assert told.text.encode("utf-16-le")[mention["offset"] * 2 :].decode("utf-16-le") == "Ann"
    of_team = await group.hears("REF-2 (Zoe) was due by", thread=topic)
    assert "Nobody owns it. Team returns, or a supervisor" in of_team.text
    of_nobody = await group.hears("REF-3 (Zoe) was due by", thread=topic)
    assert "Nobody owns it. A supervisor, or whoever is free" in of_nobody.text
