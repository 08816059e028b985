"""A conversation that needs a skill goes to an agent who has it; after a while to whoever is free, and says so."""

import pytest

from bot.dispatch import Dispatcher, Timekeeper
from crm_store import attendance, bulk, conversations, duty, handing_on, publishing, queue
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from tests.query_counter import counted_queries
from tests.skill_stage import MINUTES, RULES, SHELF, open_desk


async def test_what_was_answered_last_says_who_gets_it(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.agent("Any")
        await desk.agent("Ret", "returns")
        await desk.house.say("send the thing back", address="one")
        await desk.house.say("/human", address="one")
        assert await desk.given() == ["Ret"]
        await desk.house.say("wrap my present", address="two")
        await desk.house.say("/human", address="two")
        assert await desk.given() == ["Ret", "Any"]
        async with store.read() as session:
            first = await session.get_one(Conversation, 1)
        assert (first.skill, first.skill_why) == ("returns", "category returns")


async def test_where_nobody_has_it_whoever_is_free_gets_it_after_the_time_for_that(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        await desk.agent("Any")
        await desk.agent("Net", "networks")
        assert await desk.given() == [None]
        assert await desk.told(1) == [("skill", 15, "returns")]
        assert await desk.given(after=14 * MINUTES) == [None]
        assert await desk.told(1) == [("skill", 1, "returns")]
        desk.house.clock.advance(MINUTES)
        async with store.read() as session:
            suggested = await duty.choose_agent(session, 1, now=desk.house.clock())
        assert suggested is not None
        assert "nobody free has the skill returns" in suggested.why
        assert await desk.told(1) == [("skill_open", None, "returns")]
        assert await desk.given() == ["Any"]


async def test_who_has_it_comes_first_even_once_anybody_may_take_it(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        await desk.given(after=20 * MINUTES)
        await desk.agent("Any")
        await desk.agent("Ret", "returns")
        assert await desk.given() == ["Ret"]


@pytest.mark.parametrize("by", ["tag", "attribute"])
async def test_between_the_label_and_the_next_look_nobody_without_the_skill_gets_it(
    store: Store, by: str
) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("/human")
        await desk.given()
        await (desk.label(1, "Router") if by == "tag" else desk.label(1, product="router"))
        any_one = await desk.agent("Any")
        assert await Dispatcher(store, desk.house.clock, RULES).give_all() == 0
        async with store.write() as session:
            assert await queue.take_next(session, any_one, now=desk.house.clock()) is None
        assert await desk.told(1) == [("skill", 15, "networks")]
        await desk.agent("Net", "networks")
        assert await desk.given() == ["Net"]


async def test_what_was_labelled_while_the_bot_had_it_needs_the_skill_from_the_first_moment(
    store: Store,
) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("send the thing back")
        await desk.label(1, "router")
        await desk.house.say("wrap my present")
        await desk.house.say("/human")
        await desk.agent("Any")
        assert await Dispatcher(store, desk.house.clock, RULES).give_all() == 0
        await desk.agent("Net", "networks")
        assert await desk.given() == ["Net"]


async def test_the_act_on_many_that_tags_keeps_them_at_once(store: Store) -> None:
    async with open_desk(store) as desk:
        for address in ("one", "two"):
            await desk.house.say("/human", address=address)
        await desk.given()
        any_one = await desk.agent("Any")
        now = desk.house.clock()
        async with store.write() as session:
            done = await bulk.apply(session, "tag", [1, 2], any_one, now=now, settings=RULES, value="router")
        assert await Dispatcher(store, desk.house.clock, RULES).give_all() == 0
        async with store.write() as session:
            await bulk.undo(session, done.id, any_one, now=now, settings=RULES)
        assert await Dispatcher(store, desk.house.clock, RULES).give_all() == 2


@pytest.mark.parametrize("by", ["tag", "attribute"])
async def test_a_label_put_on_what_waits_keeps_it_for_who_has_the_skill(store: Store, by: str) -> None:
    async with open_desk(store) as desk:
        for address in ("one", "two"):
            await desk.house.say("/human", address=address)
            desk.house.clock.advance(MINUTES)
        await (desk.label(1, "Router") if by == "tag" else desk.label(1, product="router"))
        await Timekeeper(store, desk.house.clock, RULES).fire_due()
        any_one = await desk.agent("Any")
        async with store.write() as session:
            taken = await queue.take_next(session, any_one, now=desk.house.clock())
        assert taken is not None
        assert taken.id == 2
        assert await desk.given() == [None, "Any"]
        await desk.label(1)
        assert await desk.given() == ["Any", "Any"]


async def test_who_comes_back_is_kept_for_the_skill_anew(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        any_one = await desk.agent("Any")
        assert await desk.given(after=15 * MINUTES) == ["Any"]
        async with store.write() as session:
            await queue.release(session, 1, any_one, now=desk.house.clock())
            again = await session.get_one(Conversation, 1)
            assert again.skill_until is None  # decided at once, and nobody else gets it meanwhile
        assert await desk.given() == [None]
        assert await desk.told(1) == [("skill", 15, "returns")]
        await desk.agent("Ret", "returns")
        assert await desk.given() == ["Ret"]


async def test_what_is_kept_for_one_person_is_not_said_to_be_for_others(store: Store) -> None:
    """Who it was handed on to takes it with or without the skill; once it is kept no longer, the skill counts."""
    async with open_desk(store) as desk:
        any_one, gone = await desk.agent("Any"), await desk.agent("Gone")
        await desk.house.say("/human")
        async with store.write() as session:
            await attendance.set_presence(
                session, gone, "offline", now=desk.house.clock(), lasts=attendance.SHIFT_LASTS
            )
            await queue.take(session, 1, any_one, now=desk.house.clock())
            one = await conversations.get(session, 1, lock=True)
            settings = RULES.model_copy(update={"skill_minutes": 600})
            now = desk.house.clock()
            assert not await handing_on.hand_on(session, one, by=any_one, to=gone, now=now, settings=settings)
        await desk.label(1, "router")
        assert await desk.told(1) == []
        desk.house.clock.advance(11 * 60 * MINUTES)
        await desk.label(1, "router")
        assert [reason for reason, _, _ in await desk.told(1)] == ["skill_open"]


async def test_nobody_waits_for_a_skill_where_the_policy_says_so(store: Store) -> None:
    async with open_desk(store, RULES.model_copy(update={"skill_minutes": 0})) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        await desk.agent("Any")
        assert await desk.given() == ["Any"]


async def test_a_rule_that_is_gone_keeps_nothing(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        await desk.agent("Any")
        assert await desk.given() == [None]
        desk.house.settings = RULES.model_copy(update={"needed_skills": {}})
        await desk.label(1, "looked at")
        assert await desk.given() == ["Any"]


async def test_who_took_it_and_wrote_nothing_gives_it_back_to_who_has_the_skill(store: Store) -> None:
    async with open_desk(store, RULES.model_copy(update={"first_reply_minutes": 5})) as desk:
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        any_one = await desk.agent("Any")
        async with store.write() as session:
            await queue.take(session, 1, any_one, now=desk.house.clock())
        assert await desk.given() == ["Any"]
        async with store.write() as session:
            await attendance.set_presence(
                session, any_one, "offline", now=desk.house.clock(), lasts=attendance.SHIFT_LASTS
            )
        assert await desk.given(after=5 * MINUTES) == [None]
        assert await desk.told(1) == [("skill", 15, "returns")]
        await desk.agent("Other")
        assert await desk.given(after=14 * MINUTES) == [None]
        assert await desk.given(after=MINUTES) == ["Other"]


async def test_a_word_in_what_somebody_holds_changes_nothing_about_its_skill(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.agent("Ret", "returns")
        await desk.house.say("send the thing back")
        await desk.house.say("/human")
        assert await desk.given() == ["Ret"]
        await desk.house.say("are you there?")
        assert await desk.given() == ["Ret"]
        desk.house.clock.advance(MINUTES)
        await desk.house.say("hello?")
        with counted_queries(store) as sent:
            assert await desk.given() == ["Ret"]
        changed = [each for each in sent if each.startswith("UPDATE conversation")]
        asked = [each for each in sent if "max(handoff.queued_at)" in each]
        assert (changed, asked) == ([], [])


async def test_what_was_answered_counts_again_once_the_tag_before_it_is_taken_off(store: Store) -> None:
    rules = {"tag router": "networks", "category returns": "returns"}
    async with open_desk(store, RULES.model_copy(update={"needed_skills": rules})) as desk:
        slip = SHELF[0]
        draft = ArticleDraft(slip.key, slip.question, slip.phrasings, slip.answer, category=slip.category)
        async with store.write() as session:
            await publishing.publish(session, [draft], by="test", now=desk.house.clock())
        await desk.house.say("send the thing back")
        await desk.house.say("/human")

        async def needs_now(*tags: str) -> tuple[str | None, str | None]:
            await desk.label(1, *tags)
            await desk.given()
            async with store.read() as session:
                held = await session.get_one(Conversation, 1)
            return held.skill, held.skill_why

        assert await needs_now("router") == ("networks", "tag router")
        assert await needs_now() == ("returns", "category returns")
        assert await needs_now("router") == ("networks", "tag router")
