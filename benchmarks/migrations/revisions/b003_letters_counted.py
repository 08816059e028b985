"""The new column filled from what is there.

Revision: b003
"""

import sqlalchemy as sa

from crm_store.backfill import in_batches

revision = "b003"
down_revision = "b002"


def upgrade() -> None:
    """Fill it."""
    in_batches(revision, "message", _count)


def _count(connection: sa.Connection, after: int, last: int) -> None:
    statement = "UPDATE message SET letters = length(text) WHERE id > :after AND id <= :last"
    connection.execute(sa.text(statement), {"after": after, "last": last})
