"""An article loses its right to answer alone when it does not help, and gets it back."""

from dataclasses import replace
from datetime import timedelta

from crm_store import publishing
from crm_store.engine import Store
from tests.house import House, open_house
from tests.knowledge_stage import DRAFTS


async def _answered(house: House, address: str, button: int) -> None:
    [answer] = await house.say("return policy", address=address)
    assert answer.question == "Did this help?"
    await house.press(answer, button)


async def test_two_people_whom_it_did_not_help_end_it_and_a_change_begins_anew(store: Store) -> None:
    async with open_house(store) as house:
        house.clock.advance(timedelta(minutes=1))
        for address in ("ann", "bob"):
            await _answered(house, address, 1)
        await house.knowledge.look_at_standing()
        [listed] = await house.say("return policy", address="cid")
        assert "How do I return an item?" in listed.choices
        house.clock.advance(timedelta(minutes=1))
        changed = [replace(draft, answer="Better words.") for draft in DRAFTS if draft.key == "returns"]
        async with store.write() as session:
            await publishing.publish(session, changed, by="test", now=house.clock())
        await house.knowledge.refresh()
        await house.knowledge.look_at_standing()
        [answer] = await house.say("return policy", address="dora")
        assert answer.text == "Better words."


async def test_one_person_who_taps_no_twice_counts_once(store: Store) -> None:
    async with open_house(store) as house:
        house.clock.advance(timedelta(minutes=1))
        for _ in range(3):
            await _answered(house, "ann", 1)
        await house.knowledge.look_at_standing()
        [answer] = await house.say("return policy", address="bob")
        assert answer.question == "Did this help?"


async def test_who_chose_it_from_the_list_and_was_helped_gives_it_its_right_back(store: Store) -> None:
    async with open_house(store) as house:
        house.clock.advance(timedelta(minutes=1))
        for address in ("ann", "bob"):
            await _answered(house, address, 1)
        await house.knowledge.look_at_standing()
        for address in ("cid", "dora", "eve"):
            [listed] = await house.say("return policy", address=address)
            [answer] = await house.press(listed, listed.choices.index("How do I return an item?"))
            await house.press(answer, 0)
        await house.knowledge.look_at_standing()
        [answer] = await house.say("return policy", address="fay")
        assert answer.question == "Did this help?"
