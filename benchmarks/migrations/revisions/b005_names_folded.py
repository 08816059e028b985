"""Another column filled, so that two stages in batches follow each other.

Revision: b005
"""

import sqlalchemy as sa

from crm_store.backfill import in_batches

revision = "b005"
down_revision = "b004"


def upgrade() -> None:
    """Fill it."""
    in_batches(revision, "customer", _fold)


def _fold(connection: sa.Connection, after: int, last: int) -> None:
    statement = "UPDATE customer SET sought_name = lower(name) WHERE id > :after AND id <= :last"
    connection.execute(sa.text(statement), {"after": after, "last": last})
