"""How entries of the audit are told: where things are shown, which details name things, which words values have."""

from collections.abc import Mapping
from typing import Any

ADDRESSES: Mapping[str, str] = {
    "agent": "/staff",
    "article": "/articles/{id}",
    "canned_reply": "/canned/{id}",
    "case": "/cases/{id}",
    "conversation": "/conversations/{id}",
    "customer": "/customers/{id}",
    "draft": "/drafts/{id}",
    "gap": "/gaps",
    "gaps": "/gaps",
    "import_file": "/articles/import",
    "key": "/staff",
    "merge": "/customers/{of}",
    "message": "/conversations/{of}?since={id}#message-{id}",
    "order": "/customers/{of}",
    "publication": "/articles",
    "queue": "/",
    "queue:policy": "/insights/queue",
    "score_run": "/insights",
    "setting": "/settings#{id}",
    "view": "/search",
}
"""Where a thing is shown, by its kind."""
FOR_ADMINS = frozenset({"agent", "key", "setting"})
"""What only admins have a page of."""
PERSONAL = frozenset({"canned_reply", "view"})
"""What may be one person's own: others are told neither its name nor where it is."""
PARTS: Mapping[str, str] = {
    "agent": "agent",
    "agent_id": "agent",
    "article": "article",
    "case_id": "case",
    "conversation_id": "conversation",
    "conversations": "conversation",
    "customer_id": "customer",
    "draft": "draft",
    "from_agent": "agent",
    "gaps": "gap",
    "ids": "gap",
    "merged": "conversation",
    "merged_id": "customer",
    "message": "message",
    "message_id": "message",
    "order_id": "order",
    "owner_id": "agent",
    "to": "agent",
}
"""Details that are ids (or lists of them): of what."""
UNTOLD = frozenset({"browser", "merge_id", "rating_request_id"})
"""Ids of what nobody has a name for."""
NOTHING: tuple[Any, ...] = (None, [], {})
"""Details that say nothing."""
TABLES: Mapping[str, str] = {
    "role": "role",
    "presence": "presence",
    "changed": "audit_field",
    "kind": "case_kind",
}
"""Details whose values have words: the table they stand in."""


ACTS: Mapping[str, str] = {
    "assign": "action.transfer",
    "priority": "labels.priority",
    "resolve": "action.resolve",
    "snooze": "action.snooze",
    "tag": "find.add_tag",
}
"""What the acts on many are called where they are chosen."""
