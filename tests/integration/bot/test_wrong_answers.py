"""What an agent says an article does not answer is not answered with it; a customer's "no" alone blocks nothing."""

from datetime import timedelta

from sqlalchemy import select

from crm_store import articles, gaps, publishing, question_labels, wrong_answers
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.question_labels import Gold
from knowledge_base.text import normalise
from tests.house import House, open_house

ASKED = "return policy"
LISTED = "How do I return an item?"


async def _correct(house: House, words: str, right: str) -> None:
    """An agent says, on the customer's newest message, which article answers it."""
    house.clock.advance(timedelta(minutes=1))
    async with house.store.write() as session:
        wanted = select(Message).where(Message.author == "customer", Message.text == words)
        asked = (await session.scalars(wanted.order_by(Message.id.desc()).limit(1))).one()
        normal = normalise(words)
        said = {
            "customer_id": asked.customer_id,
            "conversation_id": asked.conversation_id,
            "question": words,
            "normal": normal,
            "language": "en",
            "article_key": right,
            "agrees": True,
            "source": "agent",
            "was_alone": False,
            "created_at": house.clock(),
        }
        await question_labels.add(session, said)
        await wrong_answers.corrected(session, asked, normal, right, agent_id=None, now=house.clock())
    await house.knowledge.look_at_standing()


async def _is_answered(house: House, words: str, address: str) -> bool:
    said = await house.say(words, address=address)
    return said[-1].question == "Did this help?"


async def test_what_an_agent_corrected_is_offered_in_a_list_to_whoever_asks_like_it(store: Store) -> None:
    async with open_house(store) as house:
        assert await _is_answered(house, ASKED, "ann")
        await _correct(house, ASKED, "warranty")
        said = await house.say(f"hi, {ASKED}?", address="bob")
        assert said[-1].choices[0] == "Is there a warranty?"
        assert LISTED in said[-1].choices
        assert await _is_answered(house, "send something back", "cid")
        async with store.read() as session:
            known = await question_labels.gold(session)
            [wrong] = await wrong_answers.confirmed(session)
        assert Gold(ASKED, "en", "returns", agrees=False) in known
        assert (wrong.article_key, wrong.question, wrong.people) == ("returns", ASKED, 1)
        assert wrong.instead == ("warranty",)


async def test_an_agent_who_thinks_again_gives_it_back(store: Store) -> None:
    async with open_house(store) as house:
        assert await _is_answered(house, ASKED, "ann")
        await _correct(house, ASKED, "warranty")
        assert not await _is_answered(house, ASKED, "bob")
        await _correct(house, ASKED, "returns")
        assert await _is_answered(house, ASKED, "cid")
        async with store.read() as session:
            assert await wrong_answers.confirmed(session) == []


async def test_a_customer_alone_blocks_nothing_and_is_shown(store: Store) -> None:
    async with open_house(store) as house:
        [answer] = await house.say(ASKED, address="ann")
        await house.press(answer, 1)
        await house.knowledge.look_at_standing()
        assert await _is_answered(house, ASKED, "bob")
        async with store.read() as session:
            assert await question_labels.gold(session) == []
            [wrong] = await wrong_answers.of_article(session, "returns", "en", since=house.clock())
        assert (wrong.question, wrong.people, wrong.confirmed) == (ASKED, 1, False)


async def test_a_question_taught_to_another_article_confirms_that_the_answer_was_wrong(store: Store) -> None:
    async with open_house(store) as house:
        [answer] = await house.say(ASKED, address="ann")
        await house.press(answer, 1)
        async with store.write() as session:
            [gap] = await gaps.page(session, state="open")
            for key in ("returns", "warranty"):  # the first says nothing against itself
                await wrong_answers.taught(session, [gap.id], key, agent_id=None, now=house.clock())
            [wrong] = await wrong_answers.confirmed(session)
        assert (wrong.article_key, wrong.question) == ("returns", ASKED)
        await house.knowledge.look_at_standing()
        assert not await _is_answered(house, ASKED, "bob")


async def test_it_stays_listed_when_the_articles_are_learned_anew(store: Store) -> None:
    async with open_house(store) as house:
        assert await _is_answered(house, ASKED, "ann")
        await _correct(house, ASKED, "warranty")
        async with store.write() as session:
            found = await articles.find(session, "gift", "en")
            assert found is not None
            await publishing.remove(session, found.id, version=1, by="test", now=house.clock())
        await house.knowledge.refresh()
        assert not await _is_answered(house, ASKED, "bob")
