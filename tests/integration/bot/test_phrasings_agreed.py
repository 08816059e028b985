"""Words that enough customers mean the same by become a phrasing by themselves, where the owner lets them."""

import asyncio

import pytest
from sqlalchemy import select

from bot.agreeing import TRIED_WITHIN, Agreeing
from bot.dispatch import Timekeeper
from crm_store import articles, audit, question_labels
from crm_store.engine import Store
from crm_store.models.customers import Customer
from crm_store.models.learning import QuestionLabel
from crm_store.settings import StoreSettings
from crm_store.timers import RETRY_AFTER
from knowledge_base.index import KnowledgeIndex
from tests.house import House, open_house

DOUBT = "is there a guarantee for broken stuff"


async def _choose(
    house: House, address: str, question: str = "Is there a warranty?", words: str = DOUBT
) -> None:
    said = await house.say(words, address=address)
    await house.press(said[-1], said[-1].choices.index(question))


async def _known(house: House) -> None:
    """A question with a known answer, on which changes are tried."""
    [answer] = await house.say("delivery time", address="eve")
    await house.press(answer, 0)


def _agreeing(house: House) -> Agreeing:
    return Agreeing(house.store, house.clock, house.settings, lambda: house.knowledge.index)


async def _phrasings(house: House) -> tuple[str, ...]:
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await _agreeing(house).accept_due()
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


async def _spoken_against(house: House, words: str) -> None:
    """As if an agent had said that the warranty does not answer these words of another customer."""
    await house.say("hello", address="eve")
    async with house.store.write() as session:
        ann = (await session.scalars(select(QuestionLabel).limit(1))).one()
        eve = (await session.scalars(select(Customer).order_by(Customer.id.desc()).limit(1))).one()
        values = {
            "customer_id": eve.id,
            "conversation_id": ann.conversation_id,
            "question": words,
            "normal": words,
            "language": "en",
            "article_key": "warranty",
            "agrees": False,
            "source": "agent",
            "was_alone": False,
            "created_at": house.clock(),
        }
        await question_labels.add(session, values)


async def test_what_would_make_a_known_question_wrong_stays_proposed_with_the_reason(store: Store) -> None:
    settings = StoreSettings(_env_file=None, phrasing_agreement=2)
    async with open_house(store, settings=settings) as house:
        await _choose(house, "ann")
        await _spoken_against(house, f"{DOUBT} please")
        await _choose(house, "bob")
        for _ in range(2):  # once more says the same
            assert DOUBT not in await _phrasings(house)
            await _choose(house, "ann")
        async with store.read() as session:
            [proposal] = await question_labels.proposals(session)
            trail = [each for each in await audit.page(session) if each.action == "phrasings.hold"]
        assert (proposal.verdicts.question, proposal.is_held) == (DOUBT, True)
        assert [each.detail for each in trail] == [{"would_become_wrong": 1, "people": 2}]


def _ended() -> KnowledgeIndex:
    """As where the process ends amid a trial."""
    raise asyncio.CancelledError


async def test_a_trial_that_fails_holds_up_no_others_and_comes_again(store: Store) -> None:
    settings = StoreSettings(_env_file=None, phrasing_agreement=1)
    async with open_house(store, settings=settings) as house:
        await _known(house)
        await _choose(house, "ann")
        failing, other = _agreeing(house), _agreeing(house)
        failing._knowledge = lambda: 1 / 0  # type: ignore[assignment,return-value]
        assert await failing.accept_due() == 0
        house.clock.advance(RETRY_AFTER)
        assert await other.accept_due() == 1
        assert DOUBT in await _phrasings(house)


async def test_another_process_tries_what_one_that_went_had_begun(store: Store) -> None:
    settings = StoreSettings(_env_file=None, phrasing_agreement=1)
    async with open_house(store, settings=settings) as house:
        await _known(house)
        await _choose(house, "ann")
        gone, other = _agreeing(house), _agreeing(house)
        gone._knowledge = _ended
        with pytest.raises(asyncio.CancelledError):
            await gone.accept_due()
        assert await other.accept_due() == 0
        house.clock.advance(TRIED_WITHIN)
        assert await other.accept_due() == 1
        assert await other.accept_due() == 0
        assert DOUBT in await _phrasings(house)
