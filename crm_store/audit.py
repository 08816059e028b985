"""Who changed what, when. Entries name subjects by id and carry no customer's words."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.staff import AuditEntry

_LENGTHS = {"actor": 128, "action": 64, "subject": 128}


async def record(
    session: AsyncSession,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down, in the transaction of the change itself, that it happened."""
    named = {"actor": actor, "action": action, "subject": subject}
    cut = {name: value[: _LENGTHS[name]] for name, value in named.items()}
    entry = AuditEntry(**cut, detail=detail or {}, happened_at=now)
    session.add(entry)
    await session.flush()
    return entry


async def page(
    session: AsyncSession, *, subject: str | None = None, before_id: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The newest entries, of one subject when asked."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(await session.scalars(query))
