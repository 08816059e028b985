"""Words that enough customers mean the same by become a phrasing by themselves, where the owner lets them."""

import pytest
from sqlalchemy import select

from bot.dispatch import Timekeeper
from crm_store import articles
from crm_store.engine import Store
from crm_store.models.customers import Customer
from crm_store.settings import StoreSettings
from tests.house import House, open_house

DOUBT = "is there a guarantee for broken stuff"


async def _choose(
    house: House, address: str, question: str = "Is there a warranty?", words: str = DOUBT
) -> None:
    said = await house.say(words, address=address)
    await house.press(said[-1], said[-1].choices.index(question))


async def _phrasings(house: House) -> tuple[str, ...]:
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    async with house.store.read() as session:
        stored = await articles.find(session, "warranty", "en")
    assert stored is not None
    return stored.draft.phrasings


async def test_two_who_agree_teach_it(store: Store) -> None:
    async with open_house(store, settings=StoreSettings(_env_file=None, phrasing_agreement=2)) as house:
        for _ in range(2):
            await _choose(house, "ann")
        assert DOUBT not in await _phrasings(house), "one person counts once"
        await _choose(house, "bob")
        assert (await _phrasings(house))[-1] == DOUBT


async def test_one_who_disagrees_leaves_it_to_the_desk(store: Store) -> None:
    async with open_house(store, settings=StoreSettings(_env_file=None, phrasing_agreement=2)) as house:
        said = await house.say(DOUBT, address="eve")
        await house.press(said[-1], said[-1].choices.index("None of these"))
        for address in ("ann", "bob"):
            await _choose(house, address)
        assert DOUBT not in await _phrasings(house)


@pytest.mark.parametrize("needed", [0, 3])
async def test_without_enough_or_leave_nothing_is_added(store: Store, needed: int) -> None:
    async with open_house(store, settings=StoreSettings(_env_file=None, phrasing_agreement=needed)) as house:
        for address in ("ann", "bob"):
            await _choose(house, address)
        assert DOUBT not in await _phrasings(house)


async def test_words_with_something_private_wait_for_the_desk(store: Store) -> None:
    words = f"{DOUBT} from order 77123456"
    async with open_house(store, settings=StoreSettings(_env_file=None, phrasing_agreement=1)) as house:
        await _choose(house, "ann", words=words)
        assert words not in await _phrasings(house)


async def test_words_with_a_name_of_whoever_said_them_wait_for_the_desk(store: Store) -> None:
    words = "is there a guarantee for what byron broke"
    async with open_house(store, settings=StoreSettings(_env_file=None, phrasing_agreement=2)) as house:
        await _choose(house, "ann", words=words)
        async with store.write() as session:
            (await session.scalars(select(Customer))).one().name = "Ada Byron"
        await _choose(house, "bob", words=words)
        assert words not in await _phrasings(house)
