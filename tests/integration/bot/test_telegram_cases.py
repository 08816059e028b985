"""Cases in Telegram: deadlines told in the customer's topic, and the command that opens, lists and updates them."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.clock import system_clock
from bot.dispatch import Timekeeper
from crm_store import audit, service_cases
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.service_cases import CaseDraft
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, settings_for


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


async def test_a_case_is_opened_listed_and_moved_on_from_the_topic(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann

    async def asks(words: str, told: str) -> str:
        await ann.says(words, chat=group, thread=topic)
        return (await group.hears(told, thread=topic)).text

    assert "No cases yet." in await asks("/case", "Open one: /case refund")
    opened = await asks("/case refund 12,50 EUR the lamp broke", "Opened:")
    for words in (
        "Refund REF-1 · asked for · due by",
        "· Ann",
        "Amount: 12.50 EUR",
        "Reason: the lamp broke",
    ):
        assert words in opened
    assert "Next: approved, rejected, cancelled" in opened
    assert "Refund REF-1 · approved" in await asks("/case REF-1 approved photo seen", "Changed:")
    assert "· Bob" in await asks("/case REF-1 owner bob", "Changed:")
    assert "· Ann" in await asks("/case ref-1 接手", "Changed:")
    assert "The customer is told: It takes two days." in await asks(
        "/case REF-1 tell It takes two days.", "Changed:"
    )
    assert "Amount: 20.00 USD" in await asks("/case REF-1 amount 20 usd", "Changed:")
    assert "due by 2199-12-31 23:59 UTC" in await asks("/case REF-1 due 2199-12-31", "Changed:")
    assert "· Refund" not in await asks("/case", "• Refund REF-1 · approved")
    async with desk_house.store.read() as session:
        row = await service_cases.get(session, 1)
        steps = [(step.to_state, step.note) for step in await service_cases.history(session, 1)]
        entries = [entry.action for entry in await audit.page(session, subject="case:1")]
    assert (row.state, row.owner_id, row.amount, row.currency) == ("approved", 1, 20, "USD")
    assert (row.told, row.conversation_id) == ("It takes two days.", 1)
    assert steps == [("requested", ""), ("approved", "photo seen")]
    assert entries == ["cases.change"] * 6 + ["cases.create"]
    assert not [post for post in desk_house.server.sent(zoe.id) if "REF-1" in post.text]


async def test_the_card_tells_of_open_cases(desk_house: DeskHouse) -> None:
    _, topic, card = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann
    told = "Open cases: REF-1 (asked for)"
    await ann.says("/case refund the lamp broke", chat=group, thread=topic)
    await group.hears("Opened:", thread=topic)
    await desk_house.server.wait_for(lambda: told in card.text)
    await ann.says("/case REF-1 cancelled", chat=group, thread=topic)
    await group.hears("Changed:", thread=topic)
    await desk_house.server.wait_for(lambda: told not in card.text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("/case gift", "Ann: that was not understood. /case lists"),
        ("/case REF-1 owner Nobody", "is called “Nobody”"),
        ("/case REF-1 due soon", "“soon” is no time to come"),
        ("/case REF-1 amount lots", "“lots” is no amount"),
        ("/case REF-1 paid", "cannot become that now"),
        ("/case REF-2", "this customer has no case REF-2"),
    ],
)
async def test_what_cannot_be_changes_nothing_and_says_so(
    desk_house: DeskHouse, words: str, told: str
) -> None:
    _, topic, _ = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/case refund", chat=group, thread=topic)
    await group.hears("Refund REF-1", thread=topic)
    await ann.says(words, chat=group, thread=topic)
    await group.hears(told, thread=topic)
    async with desk_house.store.read() as session:
        assert (await service_cases.get(session, 1)).version == 1


async def test_another_customers_case_is_out_of_reach(desk_house: DeskHouse) -> None:
    await desk_house.held()
    _, other, _ = await desk_house.queued(6, "Yan")
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/case repair flickers", chat=group, thread=group.topic("Zoe"))
    await group.hears("Repair REP-1", thread=group.topic("Zoe"))
    await ann.says("/case REP-1 approved", chat=group, thread=other)
    await group.hears("this customer has no case REP-1", thread=other)
    async with desk_house.store.read() as session:
        assert (await service_cases.get(session, 1)).state == "requested"


async def test_the_command_is_used_in_chinese_too(bot_api: BotApiServer, shop_store: Store) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_staff_language="zh")
    house = DeskHouse(bot_api, shop_store, settings)
    await house.open()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await bot_api.wait_for(lambda: "Zoe" in [topic.name for topic in house.group.topics])
    topic = house.group.topic("Zoe")
    await house.ann.says("/case 退款 12.50 EUR 破损", chat=house.group, thread=topic)
    told = await house.group.hears("已新开：", thread=topic)
    assert "退款 REF-1 · 已申请 · 期限" in told.text
    await house.ann.says("/case REF-1 已同意 看过照片", chat=house.group, thread=topic)
    await house.group.hears("退款 REF-1 · 已同意", thread=topic)
    await house.ann.says("/case 礼物", chat=house.group, thread=topic)
    await house.group.hears("没有看懂", thread=topic)
    await house.stop()
