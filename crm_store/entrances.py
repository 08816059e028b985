"""Where people came from: the payload of /start that is no link, kept in the conversation's attributes."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from crm_store.batch import Held
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation

ATTRIBUTE = "start"
_TABLE = table_of(Conversation)


def keep(connection: Connection, starts: Sequence[tuple[Held, str]]) -> None:
    """Put each payload beside the conversation's other attributes; the first one of a conversation stays."""
    wanted: dict[int, str] = {}
    for held, payload in starts:
        wanted.setdefault(held.id, payload)
    if not wanted:
        return
    rows = connection.execute(select(_TABLE.c.id, _TABLE.c.attributes).where(_TABLE.c.id.in_(wanted)))
    changed = [
        {"b_id": row.id, "b_attributes": {**row.attributes, ATTRIBUTE: wanted[row.id]}}
        for row in rows
        if ATTRIBUTE not in row.attributes
    ]
    if changed:
        changing = update(_TABLE).where(_TABLE.c.id == bindparam("b_id"))
        connection.execute(changing.values(attributes=bindparam("b_attributes")), changed)
