"""Marks that need not wait for their turn: on PostgreSQL, over a connection of their own, one statement for many.

Between a platform's answer and the mark in the row a message is in doubt: who is killed then sends it again. Here the
mark takes one round trip and does not wait for the disk (`synchronous_commit=off`: what a power cut of the database
takes back is sent again, as what it interrupts is).
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm_store.engine import Store
from crm_store.outbox import Sent
from crm_store.presence import KEEPALIVE

ANSWER_WITHIN_S = 3.0
# As `outbox.settle` does it; only what is still that claim's to mark.
_MARK = """UPDATE message AS m SET delivery = 'sent', sent_at = $1, platform_id = s.platform_id,
 next_try_at = NULL, error = NULL, doubted_at = NULL,
 text = CASE WHEN m.text = '' THEN coalesce(s.text, '') ELSE m.text END
 FROM unnest($2::bigint[], $3::int[], $4::text[], $5::text[]) AS s (id, claim, platform_id, text)
 WHERE m.id = s.id AND m.delivery IN ('pending', 'sending') AND (s.claim IS NULL OR m.attempts = s.claim)"""


class QuickMarks:
    """The connection, opened when it is first needed."""

    def __init__(self, store: Store) -> None:
        self._dsn = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: Any = None

    async def make(self, sent: Sequence[Sent], *, now: datetime) -> None:
        """Mark these as sent; after an error nobody knows whether they are, and doing it again does no harm."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                if self._connection is None:
                    self._connection = await self._connect()
                facts = [(one.id, one.claim, one.platform_id, one.text) for one in sent]
                await self._connection.execute(_MARK, now, *map(list, zip(*facts, strict=True)))
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Give the connection back."""
        self._drop()

    async def _connect(self) -> Any:
        import asyncpg

        return await asyncpg.connect(self._dsn, server_settings=KEEPALIVE | {"synchronous_commit": "off"})

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
