"""Stored models of the knowledge base: one process learns each, all others load it.

The store takes them as bytes in parts. Who learns holds a lease on the row; when its process dies the lease runs
out, and another goes on from the last stage that was stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, case, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.models.knowledge import TrainedModel, TrainedModelPart
from crm_store.signals import Topic
from crm_store.upserts import insert_into

LEASE: Final = timedelta(seconds=10)
ANSWERS, PROVEN = 1, 2
"""The stages of a model: it answers; its thresholds rest on evidence."""
PART_BYTES: Final = 512 * 1024
_KEPT: Final = 2
"""Models kept: the newest, and the one before, which programs of another version may still use."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A stored model, without its bytes."""

    id: int
    content: str
    stage: int


async def find(session: AsyncSession, family: str, content: str) -> ModelEntry | None:
    """The model of this content, else the newest of its family that can stand in for it; None without any."""
    is_it = case((TrainedModel.content == content, 1), else_=0)
    wanted = (
        select(TrainedModel.id, TrainedModel.content, TrainedModel.stage)
        .where(TrainedModel.family == family, TrainedModel.stage > 0)
        .order_by(is_it.desc(), TrainedModel.id.desc())
        .limit(1)
    )
    row = (await session.execute(wanted)).one_or_none()
    return None if row is None else ModelEntry(*row)


async def data_of(session: AsyncSession, entry: ModelEntry) -> bytes:
    """The model's bytes; empty when it has gone meanwhile."""
    parts = await session.scalars(
        select(TrainedModelPart.data)
        .where(TrainedModelPart.model_id == entry.id, TrainedModelPart.stage == entry.stage)
        .order_by(TrainedModelPart.number)
    )
    return b"".join(parts)


async def claim(
    session: AsyncSession, family: str, content: str, *, holder: str, now: datetime, alone: bool = False
) -> int | None:
    """The id of the model's row once `holder` is the one to learn it; None while another does, or all is learned.

    `alone`: no other process can be learning, so a lease left behind by a dead one counts for nothing.
    """
    values = {"content": content, "family": family, "holder": "", "stage": 0}
    row = insert_into(session, TrainedModel).values(values)
    await session.execute(row.on_conflict_do_nothing(index_elements=["content"]))
    is_free = or_(
        TrainedModel.held_until.is_(None), TrainedModel.held_until < now, TrainedModel.holder == holder
    )
    take = update(TrainedModel).where(TrainedModel.content == content, TrainedModel.stage < PROVEN)
    taken = await session.execute(
        (take if alone else take.where(is_free))
        .values(holder=holder, held_until=now + LEASE)
        .returning(TrainedModel.id)
    )
    return taken.scalar_one_or_none()


async def renew(session: AsyncSession, model_id: int, *, holder: str, now: datetime) -> bool:
    """Whether `holder` still has the model, and then for another lease."""
    held = update(TrainedModel).where(TrainedModel.id == model_id, TrainedModel.holder == holder)
    return bool(_rows(await session.execute(held.values(held_until=now + LEASE))))


async def put_part(session: AsyncSession, model_id: int, stage: int, number: int, data: bytes) -> None:
    """Store one part of the bytes; who writes it holds the model (see `renew`)."""
    same = (
        TrainedModelPart.model_id == model_id,
        TrainedModelPart.stage == stage,
        TrainedModelPart.number == number,
    )
    await session.execute(delete(TrainedModelPart).where(*same))  # a dead holder may have left one
    values = {"model_id": model_id, "stage": stage, "number": number, "data": data}
    await session.execute(insert(TrainedModelPart).values(values))


def in_parts(data: bytes) -> Iterator[bytes]:
    """The bytes cut into what one transaction takes."""
    return (data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES))


async def complete(
    session: AsyncSession, model_id: int, stage: int, part_count: int, *, holder: str, now: datetime
) -> bool:
    """Let everybody use the model at this stage, of which `part_count` parts are stored; False when it was lost.

    Its last stage ends the lease.
    """
    held = update(TrainedModel).where(TrainedModel.id == model_id, TrainedModel.holder == holder)
    until = None if stage == PROVEN else now + LEASE
    done = await session.execute(held.values(stage=stage, held_until=until, learned_at=now))
    if not _rows(done):
        return False
    beyond = (TrainedModelPart.stage == stage) & (TrainedModelPart.number >= part_count)
    await session.execute(delete(TrainedModelPart).where(TrainedModelPart.model_id == model_id, beyond))
    signals.notify(session, Topic.KNOWLEDGE)
    return True


async def release(session: AsyncSession, model_id: int, *, holder: str) -> None:
    """Let another learn it."""
    held = update(TrainedModel).where(TrainedModel.id == model_id, TrainedModel.holder == holder)
    await session.execute(held.values(held_until=None))


async def drop_some(session: AsyncSession, now: datetime, limit: int = 4) -> bool:
    """Delete some parts that nobody needs any more; True while there may be more.

    Needed are the last stages of the newest models and what is being learned.
    """
    newest = (
        select(TrainedModel.id).where(TrainedModel.stage > 0).order_by(TrainedModel.id.desc()).limit(_KEPT)
    )
    kept = set(await session.scalars(newest))
    kept |= set(await session.scalars(select(TrainedModel.id).where(TrainedModel.held_until >= now)))
    old = or_(TrainedModelPart.model_id.not_in(kept), TrainedModelPart.stage < TrainedModel.stage)
    parts = await session.execute(
        select(TrainedModelPart.model_id, TrainedModelPart.stage, TrainedModelPart.number)
        .join(TrainedModel, TrainedModel.id == TrainedModelPart.model_id)
        .where(old)
        .limit(limit)
    )
    some = [tuple(row) for row in parts]
    for model_id, stage, number in some:
        await session.execute(
            delete(TrainedModelPart).where(
                TrainedModelPart.model_id == model_id,
                TrainedModelPart.stage == stage,
                TrainedModelPart.number == number,
            )
        )
    if some:
        return True
    without = ~select(TrainedModelPart.number).where(TrainedModelPart.model_id == TrainedModel.id).exists()
    await session.execute(delete(TrainedModel).where(TrainedModel.id.not_in(kept), without))
    return False


async def discard(session: AsyncSession, entry: ModelEntry) -> None:
    """Forget a model whose bytes cannot be used, so that it is learned anew."""
    await session.execute(delete(TrainedModelPart).where(TrainedModelPart.model_id == entry.id))
    await session.execute(delete(TrainedModel).where(TrainedModel.id == entry.id))


def _rows(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
