"""The column is never empty from here on (SQLite makes the table anew for that), and is indexed.

Revision: b004
"""

import sqlalchemy as sa
from alembic import op

revision = "b004"
down_revision = "b003"


def upgrade() -> None:
    """Change it."""
    with op.batch_alter_table("message") as table:
        table.alter_column("letters", existing_type=sa.Integer(), nullable=False)
        table.drop_column("error")
    op.create_index("ix_message_letters", "message", ["letters", "id"])
