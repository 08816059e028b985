"""Stored models: one learner at a time, a dead one's place taken, only what is needed kept."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from crm_store import trained_models as models
from crm_store.copying import copy_to_file
from crm_store.engine import Store, open_store
from crm_store.models.knowledge import TrainedModel, TrainedModelPart
from crm_store.trained_models import ANSWERS, LEASE, PROVEN
from tests.house import NOON

LATER = NOON + LEASE + timedelta(seconds=1)


async def claim(
    store: Store, content: str, holder: str, *, now: datetime = NOON, alone: bool = False
) -> int | None:
    async with store.write() as session:
        return await models.claim(session, "family", content, holder=holder, now=now, alone=alone)


async def put(
    store: Store, model_id: int, data: bytes, *, holder: str, stage: int = PROVEN, now: datetime = NOON
) -> bool:
    parts = list(models.in_parts(data))
    for number, part in enumerate(parts):
        async with store.write() as session:
            await models.put_part(session, model_id, stage, number, part)
    async with store.write() as session:
        return await models.complete(session, model_id, stage, len(parts), holder=holder, now=now)


async def read(store: Store, content: str, family: str = "family") -> tuple[str, int, bytes] | None:
    async with store.read() as session:
        entry = await models.find(session, family, content)
        return None if entry is None else (entry.content, entry.stage, await models.data_of(session, entry))


async def learned(store: Store, content: str, data: bytes) -> None:
    model_id = await claim(store, content, "a")
    assert model_id is not None
    assert await put(store, model_id, data, holder="a")


async def test_the_bytes_come_back_whole(store: Store) -> None:
    data = bytes(range(256)) * (models.PART_BYTES // 256 * 2) + b"end"
    await learned(store, "c1", data)
    assert await read(store, "c1") == ("c1", PROVEN, data)


async def test_an_older_model_of_the_family_stands_in(store: Store) -> None:
    assert await read(store, "c1") is None
    await learned(store, "c1", b"one")
    await learned(store, "c2", b"two")
    assert await read(store, "c1") == ("c1", PROVEN, b"one")
    assert await read(store, "c3") == ("c2", PROVEN, b"two")
    assert await read(store, "c3", "another program's") is None


async def test_one_learns_and_the_others_wait_until_its_lease_is_over(store: Store) -> None:
    first = await claim(store, "c1", "a")
    assert first is not None
    assert await claim(store, "c1", "b") is None
    assert await claim(store, "c1", "a") == first
    assert await claim(store, "c1", "b", now=LATER) == first
    async with store.write() as session:
        assert not await models.renew(session, first, holder="a", now=LATER)
        assert await models.renew(session, first, holder="b", now=LATER)


async def test_who_is_alone_waits_for_nobody(store: Store) -> None:
    assert await claim(store, "c1", "a") is not None
    assert await claim(store, "c1", "b", alone=True) is not None


async def test_who_lost_its_place_stores_nothing(store: Store) -> None:
    model_id = await claim(store, "c1", "a")
    assert model_id is not None
    assert await claim(store, "c1", "b", now=LATER) is not None
    assert not await put(store, model_id, b"late", holder="a", now=LATER)
    assert await read(store, "c1") is None
    assert await put(store, model_id, b"in time", holder="b", now=LATER)
    assert await read(store, "c1") == ("c1", PROVEN, b"in time")


async def test_a_model_that_answers_is_used_until_it_has_its_evidence(store: Store) -> None:
    model_id = await claim(store, "c1", "a")
    assert model_id is not None
    await put(store, model_id, b"quick", holder="a", stage=ANSWERS)
    assert await read(store, "c1") == ("c1", ANSWERS, b"quick")
    async with store.write() as session:
        await models.release(session, model_id, holder="a")
    assert await claim(store, "c1", "b") == model_id
    await put(store, model_id, b"proven", holder="b")
    assert await read(store, "c1") == ("c1", PROVEN, b"proven")
    assert await claim(store, "c1", "c", now=LATER) is None


async def test_what_cannot_be_used_is_learned_anew(store: Store) -> None:
    await learned(store, "c1", b"damaged")
    async with store.write() as session:
        entry = await models.find(session, "family", "c1")
        assert entry is not None
        await models.discard(session, entry)
    assert await read(store, "c1") is None
    assert await claim(store, "c1", "b") is not None


async def test_only_the_newest_models_are_kept(store: Store) -> None:
    for number in range(5):
        await learned(store, f"c{number}", b"x")
    held = await claim(store, "next", "a", now=LATER)
    assert held is not None
    async with store.write() as session:
        await models.put_part(session, held, ANSWERS, 0, b"half")
    is_more, rounds = True, 0
    while is_more:
        async with store.write() as session:
            is_more = await models.drop_some(session, LATER, limit=1)
        rounds += 1
    async with store.read() as session:
        kept = set(await session.scalars(select(TrainedModel.content)))
        parts = await session.scalar(select(func.count()).select_from(TrainedModelPart))
    assert kept == {"c3", "c4", "next"}
    assert parts == 3
    assert rounds == 4


async def test_a_copy_of_the_store_leaves_out_what_can_be_learned_again(
    postgres_url: str, postgres_store: Store, tmp_path: Path
) -> None:
    await learned(postgres_store, "c1", b"model")
    await copy_to_file(postgres_url, tmp_path / "copy.db")
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    try:
        assert await read(copy, "c1") is None
    finally:
        await copy.close()
