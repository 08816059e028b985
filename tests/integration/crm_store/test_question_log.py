"""Which of customers' questions are learned from, and when it is time to learn anew."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from crm_store import privacy, question_log, trained_models
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.trained_models import PROVEN
from tests.asking_stage import ask
from tests.house import NOON


async def _drawn(store: Store, most: int = 100, seed: int = 0) -> list[str]:
    async with store.read() as session:
        return [each.shared for each in await question_log.drawn(session, most, seed=seed)]


async def test_only_what_own_customers_asked_the_bot(store: Store) -> None:
    await ask(store, ["where is it"], NOON)
    await ask(store, ["hello"], NOON, decision="greeting")
    await ask(store, ["while a person serves me"], NOON, decision="asked")
    await ask(store, ["we never answered that"], NOON, author="agent")
    await ask(store, ["of the demo"], NOON, is_demo=True)
    await ask(store, ["no profile of me"], NOON, profiling_allowed=False)
    await ask(store, ["buy my pills"], NOON, banned_at=NOON)
    await ask(store, [""], NOON)
    assert await _drawn(store) == ["where is it"]


async def test_who_objects_or_is_erased_is_not_learned_from_any_more(store: Store) -> None:
    first, second = await ask(store, ["one"], NOON), await ask(store, ["two"], NOON)
    assert await _drawn(store) == ["one", "two"]
    async with store.write() as session:
        await privacy.allow_profiling(session, first, allowed=False, now=NOON)
    assert await _drawn(store) == ["two"]
    async with store.write() as session:
        await privacy.erase_person(session, second, now=NOON, erased_by="test")
    assert await _drawn(store) == []


async def test_what_was_taken_back_is_not_learned_from(store: Store) -> None:
    await ask(store, ["my secret"], NOON)
    async with store.write() as session:
        await session.execute(update(Message).values(deleted_at=NOON))
    assert await _drawn(store) == []


async def test_private_words_are_taken_out(store: Store) -> None:
    said = "Zerbinetta here, where is order 99812? write to zerb@example.com"
    await ask(store, [said], NOON, name="Zerbinetta Opera", display_name="Zerbinetta")
    [shared] = await _drawn(store)
    assert "where is order" in shared
    for private in ("Zerbinetta", "99812", "example.com"):
        assert private not in shared


async def test_it_is_drawn_over_all_and_the_same_again(store: Store) -> None:
    await ask(store, [f"question {number}" for number in range(60)], NOON)
    drawn = await _drawn(store, most=20)
    numbers = [int(text.split()[1]) for text in drawn]
    assert len(numbers) == 20
    assert numbers == sorted(numbers)
    assert min(numbers) < 20
    assert max(numbers) > 40
    assert await _drawn(store, most=20) == drawn
    assert await _drawn(store, most=20, seed=1) != drawn


async def _learned(store: Store) -> None:
    async with store.write() as session:
        number = await trained_models.claim(session, "family", "content", holder="me", now=NOON)
        assert number is not None
        await trained_models.complete(session, number, PROVEN, 0, holder="me", now=NOON)


@pytest.mark.parametrize(
    ("asked", "hours", "is_due"),
    [(4, 25, True), (4, 23, False), (3, 25, False)],
    ids=["enough for a day", "too soon", "too few"],
)
async def test_when_it_is_due(
    store: Store, monkeypatch: pytest.MonkeyPatch, asked: int, hours: int, is_due: bool
) -> None:
    monkeypatch.setattr(question_log, "ENOUGH", 4)
    await ask(store, ["an old one"] * 5, NOON - timedelta(hours=1))
    await _learned(store)
    await ask(store, ["a new one"] * asked, NOON + timedelta(hours=2))
    async with store.read() as session:
        assert await question_log.is_due(session, "content", NOON + timedelta(hours=hours)) is is_due
        assert not await question_log.is_due(session, "never learned", NOON + timedelta(hours=hours))


async def test_of_two_processes_one_begins_an_edition(store: Store) -> None:
    for before, now, is_begun in (("", NOON, True), ("", NOON, False), (NOON.isoformat(), NOON, True)):
        async with store.write() as session:
            assert await question_log.begin_edition(session, before, now) is is_begun
    async with store.read() as session:
        assert await question_log.edition(session) == NOON.isoformat()
