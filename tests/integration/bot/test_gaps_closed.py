"""Questions that had no answer: what is kept with them, and when they leave the list by themselves."""

import asyncio
from dataclasses import replace

from crm_store import gaps
from crm_store.engine import Store
from tests.hearing_stage import MOON, hearing, looked_at, published
from tests.house import open_house


async def test_a_gap_keeps_the_candidates_with_their_scores(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("where is my parcel")
        await house.press(said[-1], said[-1].choices.index("👎 No"))
        async with store.read() as session:
            [gap] = await gaps.page(session)
    assert gap.reason == "not_helpful"
    assert gap.candidates[0]["article_key"] == "track"
    assert len(gap.candidates) > 1
    assert all({"article_key", "language", "score", "confidence"} == set(each) for each in gap.candidates)
    scores = [each["score"] for each in gap.candidates]
    assert scores == sorted(scores, reverse=True)


async def _gaps(store: Store) -> list[tuple[str, str, str | None]]:
    async with store.read() as session:
        return [(gap.question, gap.state, gap.answered_by) for gap in reversed(await gaps.page(session))]


async def _gaps_are(store: Store, expected: list[tuple[str, str, str | None]]) -> None:
    async with asyncio.timeout(60):
        while await _gaps(store) != expected:
            await asyncio.sleep(0.02)


OTHER = ("qqq www eee", "open", None)


async def test_what_an_article_answers_now_leaves_the_list_and_comes_back_with_its_end(store: Store) -> None:
    async with open_house(store) as house:
        for words in (MOON.phrasings[0], OTHER[0]):
            await house.say(words, address=words[:3])
        asked = MOON.phrasings[0]
        async with hearing(house):
            await published(house, MOON)
            await _gaps_are(store, [(asked, "answered", "moon"), OTHER])
            await published(house, replace(MOON, enabled=False))
            await _gaps_are(store, [(asked, "open", None), OTHER])
            await published(house, MOON)
            await _gaps_are(store, [(asked, "answered", "moon"), OTHER])


async def test_what_is_only_listed_or_was_answered_before_stays_open(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("zyx qwv plm")
        await published(house, replace(MOON, phrasings=("lunar freight",)))
        said = await house.say("where is my parcel", address="you")
        await house.press(said[-1], said[-1].choices.index("👎 No"))
        assert await looked_at(house) == 0
        assert [state for _, state, _ in await _gaps(store)] == ["open", "open"]


async def test_what_somebody_closed_or_opened_again_stays_so(store: Store) -> None:
    async with open_house(store) as house:
        for address in ("me", "you"):
            await house.say("zyx qwv plm", address=address)
        await published(house, MOON)
        assert await looked_at(house) == 2
        async with store.write() as session:
            second, first = await gaps.page(session)
            await gaps.set_state(session, first.id, "open")
            await gaps.set_state(session, second.id, "closed")
        assert await looked_at(house) == 0
        assert [state for _, state, _ in await _gaps(store)] == ["open", "closed"]
        await published(house, replace(MOON, enabled=False), replace(MOON, key="lunar"))
        assert await looked_at(house) == 1  # another article is another matter
        assert (await _gaps(store))[0][1:] == ("answered", "lunar")
