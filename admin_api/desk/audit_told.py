"""Entries of the audit in the reader's words: who, about what, and with which detail. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_api.desk import audit_tables, texts
from admin_api.desk.formats import Formats
from admin_api.desk.texts import Words
from admin_api.schemas.staff import AuditShown
from crm_store.audit_names import KINDS, Named

_MOST_OF_A_LIST = 5
_MOST = {"conversations": 20}
"""Of which details more are told."""
_LONGEST = 80
_SETTING = "setting:"


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
            found |= {one for each in ((name, value), *inner) for one in _ids(*each)[: _most(each[0])]}
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
    if kind in audit_tables.PERSONAL and found.of not in (None, reader.agent_id):
        return Thing(number, called, words("audit.personal"), None)
    name = _cut(found.name) if found.name else _nameless(kind, key, found, words)
    return Thing(number, called if name else "", name or called, _address(number, found, reader))


def _nameless(kind: str, key: str, found: Named, words: Words) -> str:
    """A customer without a name is called by their number everywhere on the desk."""
    customer = {"customer": key, "conversation": found.of, "merge": found.of}.get(kind)
    return words("desk.nameless", id=customer) if customer is not None else ""


def _address(number: str, found: Named | None, reader: Reader) -> str | None:
    kind, _, key = number.partition(":")
    if kind in audit_tables.FOR_ADMINS and not reader.is_admin:
        return None
    pattern = audit_tables.ADDRESSES.get(number) or audit_tables.ADDRESSES.get(kind)
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
    if entry.subject.startswith(_SETTING) and "value" in entry.detail:
        yield _setting(entry, reader)
        return
    for name, value in entry.detail.items():
        is_doer = name == "agent_id" and f"agent:{value}" == _actor_id(entry)
        is_key = name == "file" and "name" in entry.detail
        if name in audit_tables.UNTOLD or value in audit_tables.NOTHING or is_doer or is_key:
            continue
        label = reader.words.maybe(f"audit_detail.{name}", _spaced(name))
        ids = _ids(name, value)
        if ids:
            more = len(ids) - _most(name)
            text = reader.words("audit.more", n=more) if more > 0 else ""
            yield Part(label, text, tuple(thing(each, reader) for each in ids[: _most(name)]))
        else:
            yield Part(label, _value(name, value, reader))


def _setting(entry: AuditShown, reader: Reader) -> Part:
    """From what to what; entries of before knew only the new value."""
    name, detail = entry.subject.removeprefix(_SETTING), entry.detail
    told = [_set(name, detail[one], reader) for one in ("from", "value") if one in detail]
    return Part(reader.words("audit_detail.value"), " → ".join(told))


def _ids(name: str, value: Any) -> list[str]:
    """What this detail names by ids; empty for one that says it in words."""
    kind, given = audit_tables.PARTS.get(name), value if isinstance(value, list) else [value]
    if kind is None or not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
        return []
    return [f"{kind}:{one}" for one in given]


def _most(name: str) -> int:
    return _MOST.get(name, _MOST_OF_A_LIST)


def _set(name: str, value: Any, reader: Reader) -> str:
    """A value of the setting `name`; an empty one is said to be empty."""
    if value in ("", *audit_tables.NOTHING):
        return reader.words("audit.empty")
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return reader.words.maybe(f"setting.{name}_{written}", _value("value", value, reader))


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
    if name in audit_tables.TABLES:
        return words.maybe(f"{audit_tables.TABLES[name]}.{text}", _spaced(text))
    if name == "action" and text in audit_tables.ACTS:
        return words(audit_tables.ACTS[text])
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
