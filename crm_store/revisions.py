"""Do the migrations make what the models say? And the first revision, drafted from the models.

Until the first release there is one revision. After a change of the models write it anew with

    python -m crm_store.migrate --regenerate

and commit it with the change. From the release on, changes are revisions of their own beside it; one that changes
very many rows does so in batches (see `backfill`).
"""

import re
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import JSON, Connection, text

from crm_store import search_schema
from crm_store.models.all import METADATA
from crm_store.models.base import Money, UtcTime

INITIAL = Path(__file__).parent / "migrations" / "versions" / "0001_initial.py"

_TYPES: dict[type, str] = {
    UtcTime: "sa.DateTime(timezone=True)",
    Money: "sa.BigInteger()",
    JSON: "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')",
}

_HEAD = '''"""Every table, as of the first release.

Drafted by `python -m crm_store.migrate --regenerate`, one function per table. It is as long as the schema is: a
revision is a record of what was, not code to work on.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

'''


def differences(connection: Connection) -> list[str]:
    """What the models say and the migrated database of `connection` is not; empty when all is well."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_drawn})
    found = [_told(each) for each in compare_metadata(context, METADATA)]
    if connection.dialect.name == "sqlite":
        found += _sqlite_differences(connection)
    return found


def _is_drawn(name: str | None, _kind: str, _parents: Any) -> bool:
    return not search_schema.is_of_search(name)


def _told(difference: Any) -> str:
    parts = difference if isinstance(difference, tuple) else difference[0]
    return " ".join(str(part) for part in parts)


def _sqlite_differences(connection: Connection) -> list[str]:
    """What Alembic's comparison overlooks: conditions of indexes, row numbers that are never used twice."""
    migrated = _statements(connection, "main")
    connection.execute(text("ATTACH DATABASE ':memory:' AS drawn"))
    drawn = connection.execution_options(schema_translate_map={None: "drawn"})
    METADATA.create_all(drawn)
    wanted = _statements(connection, "drawn")
    connection.execution_options(schema_translate_map=None)
    return [
        f"{name}: the migrations and the models differ"
        for name in sorted(migrated.keys() | wanted.keys())
        if migrated.get(name) != wanted.get(name)
    ]


def _statements(connection: Connection, schema: str) -> dict[str, list[str]]:
    rows = connection.execute(
        text(
            f"SELECT name, sql FROM {schema}.sqlite_master "  # noqa: S608 (two constants)
            "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND name <> 'alembic_version'"
        )
    )
    return {name: _parts(sql) for name, sql in rows if not search_schema.is_of_search(name)}


def _parts(sql: str) -> list[str]:
    """The statement's parts in an order that does not depend on how it was written."""
    plain = re.sub(r"\s+", " ", sql.replace('"', "").replace("drawn.", ""))
    return sorted(part.strip(" ()") for part in re.split(r", (?=[A-Za-z_]+ )|(?<=[a-z_]) \(", plain))


def draft(connection: Connection) -> str:
    """The text of a revision that makes all tables; `connection` is to an empty SQLite database."""
    context = MigrationContext.configure(connection)
    script = produce_migrations(context, METADATA)
    assert script.upgrade_ops is not None
    tables: dict[str, list[Any]] = {}
    for each in script.upgrade_ops.ops:
        for one in each.ops if isinstance(each, ops.ModifyTableOps) else [each]:
            tables.setdefault(getattr(one, "table_name", ""), []).append(one)
    made = "".join(_function(name, steps, context) for name, steps in tables.items()) + _search()
    calls = "".join(f"    _make_{name}()\n" for name in (*tables, search_schema.TABLE))
    drops = "".join(f'    op.drop_table("{name}")\n' for name in (search_schema.TABLE, *reversed(tables)))
    return (
        f'{_HEAD}{made}\ndef upgrade() -> None:\n    """Make every table."""\n{calls}\n\n'
        f'def downgrade() -> None:\n    """Drop every table."""\n{drops}'
    )


def _function(table: str, steps: list[Any], context: MigrationContext) -> str:
    body = render_python_code(
        ops.UpgradeOps(steps), render_item=_render, migration_context=context
    ).splitlines()
    lines = [line for line in body if line.strip() and not line.lstrip().startswith("#")]
    return f"\ndef _make_{table}() -> None:\n" + "\n".join(lines) + "\n\n"


def _search() -> str:
    """What makes the index of words, which Alembic knows nothing of."""
    made = '\n\ndef _make_message_search() -> None:\n    if op.get_bind().dialect.name == "sqlite":\n'
    made += "".join(f'        op.execute("""{each}""")\n' for each in search_schema.STATEMENTS["sqlite"])
    made += "    else:\n"
    return made + "".join(
        f'        op.execute("""{each}""")\n' for each in search_schema.STATEMENTS["postgresql"]
    )


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """The plain types behind the models' own, so that a revision stays what it was when those change."""
    if kind == "type":
        for own, written in _TYPES.items():
            if isinstance(item, own):
                return written
    return False
