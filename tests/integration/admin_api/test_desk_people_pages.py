"""Possible duplicates on one page, and a customer's own attributes: seen and set on the desk, in both languages."""

import pytest

from admin_api.desk import own_attributes
from crm_store.errors import InvalidValue
from crm_store.models.customers import Customer
from tests.admin_stage import Stage
from tests.admin_world import conversation, visitor
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_desk_same_person import twins

ZH = {"Accept-Language": "zh"}


async def attributes_of(stage: Stage, number: int) -> dict[str, object]:
    async with stage.store.read() as session:
        return (await session.get_one(Customer, number)).attributes


async def test_likely_twins_are_listed_and_either_may_stay(both_stage: Stage) -> None:
    first, second = await twins(both_stage)
    browser = await agent_browser(both_stage)
    assert 'href="/customers/duplicates"' in (await browser.visit("/customers")).text
    seen = await browser.visit("/customers/duplicates")
    assert all(words in seen.text for words in ("A. Lovelace", "same e-mail", f'value="{second} {first}"'))
    assert "邮箱相同" in (await browser.visit("/customers/duplicates", **ZH)).text
    done = await browser.send("/customers/duplicates", pair=f"{second} {first}")
    assert (done.status, done.path) == (200, "/customers/duplicates")
    assert "No duplicates" in done.text
    assert "没有重复的记录" in (await browser.visit("/customers/duplicates", **ZH)).text
    assert "This record is part of" in (await browser.visit(f"/customers/{first}")).text


async def test_what_is_no_pair_is_refused_and_who_only_reads_merges_nothing(stage: Stage) -> None:
    first, second = await twins(stage)
    browser = await agent_browser(stage)
    for wrong in ("", "1", "a b", f"{first} {first}", "999999 999998"):
        assert (await browser.send("/customers/duplicates", pair=wrong)).status in (404, 409, 422)
    reader = await agent_browser(stage, "analyst")
    seen = await reader.visit("/customers/duplicates")
    assert "same e-mail" in seen.text
    assert 'name="pair"' not in seen.text
    assert (await reader.send("/customers/duplicates", pair=f"{first} {second}")).status == 403


async def test_own_attributes_are_seen_beside_a_conversation_and_set_on_the_customers_page(
    both_stage: Stage,
) -> None:
    stage = both_stage
    number = await visitor(stage.store, stage.clock(), "Ada")
    talk = await conversation(stage.store, stage.clock(), customer_id=number)
    await _set(stage, number, {"seats": 12, "is vip": True, "a:b": "kept"})
    browser = await agent_browser(stage)
    seen = await browser.visit(f"/customers/{number}")
    assert "Own attributes" in seen.text
    assert "seats: 12\nis vip: true\n" in seen.text
    assert "自定义属性" in (await browser.visit(f"/customers/{number}", **ZH)).text
    own = "seats: 12\nis vip: true\n合同：金牌"
    done = await browser.send(f"/customers/{number}/attributes", version=_version(seen.text), own=own)
    assert (done.status, done.path) == (200, f"/customers/{number}")
    assert await attributes_of(stage, number) == {"a:b": "kept", "seats": 12, "is vip": True, "合同": "金牌"}
    beside = (await browser.visit(f"/conversations/{talk}")).text
    assert all(words in beside for words in ("合同", "金牌", "seats"))
    late = await browser.send(f"/customers/{number}/attributes", version=_version(seen.text), own="")
    assert late.status in (409, 412)
    assert (await browser.send(f"/customers/{number}/attributes", version="9", own="no colon")).status == 422


async def _set(stage: Stage, number: int, attributes: dict[str, object]) -> None:
    async with stage.store.write() as session:
        (await session.get_one(Customer, number)).attributes = attributes


def _version(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


async def test_who_only_reads_sets_nothing(stage: Stage) -> None:
    number = await visitor(stage.store, stage.clock(), "Ada")
    reader = await agent_browser(stage, "analyst")
    seen = await reader.visit(f"/customers/{number}")
    assert "/attributes" not in seen.text
    assert (await reader.send(f"/customers/{number}/attributes", version="1", own="a: b")).status == 403


def test_what_cannot_stand_on_a_line_stays_as_it_is() -> None:
    before = {"n": 1.5, "two": "a\nb", "x:y": "1", " ": "2", "empty": None, "wide": "a：b", "off": False}
    assert own_attributes.lines(before) == ["n: 1.5", "empty: ", "wide: a：b", "off: false"]
    assert own_attributes.read("n: 2\noff: false", before) == {
        "two": "a\nb", "x:y": "1", " ": "2", "n": "2", "off": False,
    }  # fmt: skip
    with pytest.raises(InvalidValue):
        own_attributes.read("words", before)
