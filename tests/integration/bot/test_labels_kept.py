"""What customers' taps say about questions and articles is kept, each person counting once."""

from crm_store import question_labels as labels
from crm_store.engine import Store
from crm_store.question_labels import Gold
from tests.house import House, open_house

DOUBT = "is there a guarantee for broken stuff"


async def _said(store: Store) -> list[tuple[str, str, int, int]]:
    async with store.read() as session:
        found = await labels.verdicts(session)
    return sorted((each.question, each.article_key, each.agree, each.against) for each in found)


async def _choose(house: House, question: str, address: str) -> None:
    said = await house.say(DOUBT, address=address)
    await house.press(said[-1], said[-1].choices.index(question))


async def test_a_choice_says_what_was_meant_and_counts_people(store: Store) -> None:
    async with open_house(store) as house:
        for address in ("ann", "bob", "ann"):
            await _choose(house, "Is there a warranty?", address)
        assert await _said(store) == [(DOUBT, "warranty", 2, 0)]
        async with store.read() as session:
            [proposal] = await labels.proposals(session)
        assert (proposal.verdicts.agree, proposal.is_undisputed) == (2, True)


async def test_none_of_these_speaks_against_each_that_was_offered(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say(DOUBT)
        await house.press(said[-1], said[-1].choices.index("None of these"))
        kept = await _said(store)
        assert {(agree, against) for _, _, agree, against in kept} == {(0, 1)}
        assert len(kept) == len(said[-1].choices) - 2
        async with store.read() as session:
            assert await labels.proposals(session) == []


async def test_what_helped_becomes_gold_and_what_did_not_is_kept_beside_it(store: Store) -> None:
    async with open_house(store) as house:
        [good] = await house.say("delivery time")
        await house.press(good, 0)
        [bad] = await house.say("return policy", address="bob")
        await house.press(bad, 1)
        async with store.read() as session:
            gold = await labels.gold(session)
            said = await labels.verdicts(session, ["return policy"])
        assert gold == [Gold("delivery time", "en", "delivery", True)]
        assert [(each.article_key, each.against, each.is_denied) for each in said] == [("returns", 1, False)]


async def test_the_answer_chosen_from_a_list_keeps_the_question_it_did_not_help(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say(DOUBT)
        [answer] = await house.press(said[-1], said[-1].choices.index("Is there a warranty?"))
        await house.press(answer, 1)
        assert await _said(store) == [(DOUBT, "warranty", 1, 1)]


async def test_words_that_lean_on_a_topic_teach_nothing(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("return policy")
        said = await house.say("and when do I get the money?")
        await house.press(said[-1], 0)
        assert await _said(store) == []


async def test_a_rival_choice_disputes_a_phrasing(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say(DOUBT, address="bob")
        other = next(choice for choice in said[-1].choices if choice != "Is there a warranty?")
        await house.press(said[-1], said[-1].choices.index(other))
        await _choose(house, "Is there a warranty?", "ann")
        async with store.read() as session:
            proposals = await labels.proposals(session)
        assert [(each.rivals, each.is_undisputed) for each in proposals] == [(1, False), (1, False)]
