"""Entries of the audit in the reader's words: who, about what, and with which detail. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_api.desk import texts
from admin_api.desk.formats import Formats
from admin_api.desk.texts import Words
from admin_api.schemas.staff import AuditShown
from crm_store.audit_names import KINDS, Named

_MOST_OF_A_LIST = 5
_LONGEST = 80
_ADDRESSES: Mapping[str, str] = {
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
_FOR_ADMINS = frozenset({"agent", "key", "setting"})
"""What only admins have a page of."""
_PERSONAL = frozenset({"canned_reply", "view"})
"""What may be one person's own: others are told neither its name nor where it is."""
_PARTS: Mapping[str, str] = {
    "agent": "agent",
    "agent_id": "agent",
    "article": "article",
    "case_id": "case",
    "conversation_id": "conversation",
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
_UNTOLD = frozenset({"browser", "merge_id", "rating_request_id"})
"""Ids of what nobody has a name for."""
_NOTHING: tuple[Any, ...] = (None, [], {})
"""Details that say nothing."""
_TABLES: Mapping[str, str] = {
    "role": "role",
    "presence": "presence",
    "changed": "audit_field",
    "kind": "case_kind",
}
"""Details whose values have words: the table they stand in."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What an entry speaks of."""

    id: str
    """As the audit has it, such as "article:3"."""
    kind: str
    """In words; empty where the kind is all there is to say, or is not known."""
    name: str
    href: str | None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One detail: a label, and words or things."""

    label: str
    text: str
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One entry."""

    happened_at: datetime
    action: str
    actor: Thing
    subject: Thing
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and what the things of the page are called."""

    show: Formats
    names: Mapping[str, Named]
    agent_id: int | None
    is_admin: bool

    @property
    def words(self) -> Words:
        """The reader's language."""
        return self.show.words


def things_of(entries: Iterable[AuditShown]) -> set[str]:
    """Whatever these entries name by an id, as "kind:id"."""
    found: set[str] = set()
    for entry in entries:
        found |= {entry.subject, _actor_id(entry)}
        for name, value in entry.detail.items():
            inner = value.items() if isinstance(value, dict) else ()
            found |= {one for each in ((name, value), *inner) for one in _ids(*each)}
    return {thing for thing in found if thing.partition(":")[0] in KINDS}


def told(entry: AuditShown, reader: Reader) -> Told:
    """The entry, as its reader may see it."""
    return Told(
        entry.happened_at,
        entry.action,
        _actor(entry, reader),
        thing(entry.subject, reader),
        tuple(_parts(entry, reader)),
    )


def thing(number: str, reader: Reader) -> Thing:
    """What is meant by "kind:id": its name and address, or that it was deleted."""
    kind, _, key = number.partition(":")
    words = reader.words
    if kind == "setting":
        name = words.maybe(f"setting.{key}", key)
        return Thing(number, words("audit_kind.setting"), name, _address(number, None, reader))
    if kind not in KINDS:
        name = words.maybe(f"audit_kind.{number.replace(':', '_')}", number)
        return Thing(number, "", name, _address(number, None, reader))
    called, found = words(f"audit_kind.{kind}"), reader.names.get(number)
    if found is None:
        return Thing(number, called, "", None, is_gone=True)
    if kind in _PERSONAL and found.of not in (None, reader.agent_id):
        return Thing(number, called, words("audit.personal"), None)
    name = _cut(found.name) if found.name else _nameless(kind, key, found, words)
    return Thing(number, called if name else "", name or called, _address(number, found, reader))


def _nameless(kind: str, key: str, found: Named, words: Words) -> str:
    """A customer without a name is called by their number everywhere on the desk."""
    customer = {"customer": key, "conversation": found.of, "merge": found.of}.get(kind)
    return words("desk.nameless", id=customer) if customer is not None else ""


def _address(number: str, found: Named | None, reader: Reader) -> str | None:
    kind, _, key = number.partition(":")
    if kind in _FOR_ADMINS and not reader.is_admin:
        return None
    pattern = _ADDRESSES.get(number) or _ADDRESSES.get(kind)
    return pattern.format(id=key, of=found.of if found else "") if pattern else None


def _actor_id(entry: AuditShown) -> str:
    return entry.actor.partition(" ")[0]


def _actor(entry: AuditShown, reader: Reader) -> Thing:
    """Who did it, by the name they had then."""
    number, name = _actor_id(entry), reader.words.who(entry.actor)
    found = reader.names.get(number)
    if name == number and found is not None and found.name:
        name = found.name
    return Thing(number, "", name, _address(number, found, reader) if found else None)


def _parts(entry: AuditShown, reader: Reader) -> Iterable[Part]:
    for name, value in entry.detail.items():
        is_doer = name == "agent_id" and f"agent:{value}" == _actor_id(entry)
        is_key = name == "file" and "name" in entry.detail
        if name in _UNTOLD or value in _NOTHING or is_doer or is_key:
            continue
        label = reader.words.maybe(f"audit_detail.{name}", _spaced(name))
        ids = _ids(name, value)
        if ids:
            more = len(ids) - _MOST_OF_A_LIST
            text = reader.words("audit.more", n=more) if more > 0 else ""
            yield Part(label, text, tuple(thing(each, reader) for each in ids[:_MOST_OF_A_LIST]))
        else:
            yield Part(label, _value(name, value, reader))


def _ids(name: str, value: Any) -> list[str]:
    """What this detail names by ids; empty for one that says it in words."""
    kind, given = _PARTS.get(name), value if isinstance(value, list) else [value]
    if kind is None or not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
        return []
    return [f"{kind}:{one}" for one in given]


def _value(name: str, value: Any, reader: Reader) -> str:
    """A value in words, where there are any for it."""
    words = reader.words
    match value:
        case bool():
            return words("audit.yes" if value else "audit.no")
        case list():
            return words("list.comma").join(_value(name, one, reader) for one in value)
        case dict():
            told = (
                (words.maybe(f"audit_field.{key}", _spaced(str(key))), key, one) for key, one in value.items()
            )
            return words("list.comma").join(
                f"{label}: {_inner(str(key), one, reader)}" for label, key, one in told
            )
        case None | "":
            return "–"
    text = str(value)
    if name in _TABLES:
        return words.maybe(f"{_TABLES[name]}.{text}", _spaced(text))
    if name == "language":
        return texts.NAMES.get(text, text)
    if name == "state":
        return words.maybe(f"case_state.{text}", words.maybe(f"audit_state.{text}", text))
    at = _moment(text)
    return reader.show.moment(at) if at else _cut(text)


def _inner(name: str, value: Any, reader: Reader) -> str:
    """A value among several of one detail: what it names by an id is called by its name."""
    things = [thing(each, reader) for each in _ids(name, value)]
    return _called(things, reader) if things else _value(name, value, reader)


def _called(things: Iterable[Thing], reader: Reader) -> str:
    """What these are called; of what was deleted, what it was."""
    return reader.words("list.comma").join(one.name or one.kind for one in things)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
