"""Two new columns, empty.

Revision: b002
"""

import sqlalchemy as sa
from alembic import op

revision = "b002"
down_revision = "0001"


def upgrade() -> None:
    """Change it."""
    op.add_column("message", sa.Column("letters", sa.Integer()))
    op.add_column("customer", sa.Column("sought_name", sa.Text()))
