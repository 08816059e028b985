"""What was said and what happened in a conversation, in one order. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from admin_api.desk.formats import Formats
from admin_api.desk.showing import Piece, captions_of, described, pieces_of
from admin_api.desk.texts import Words
from crm_store.attendance import GIVEN, WOKEN
from crm_store.handing_on import FROM
from crm_store.last_words import PERSON_WANTED
from crm_store.lifecycle import Change
from crm_store.models.conversations import Message, StatusChange
from crm_store.putting_back import BACK
from crm_store.quotes import is_quotable
from crm_store.targets import UNDONE

SILENT = frozenset({"reply", "customer_says"})
"""Changes that the messages beside them tell already."""

QUOTED = 120
"""So much of a quoted message is shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thread: a message, something that happened, or a new day."""

    kind: str
    """'message', 'event' or 'day'."""
    at: datetime
    text: str
    id: str
    message: Message | None = None
    side: str = ""
    """'customer', 'agent', 'bot', 'system' or 'note'."""
    author: str = ""
    choices: tuple[str, ...] = ()
    file: str = ""
    """The name of a file that can be had; empty where there is none."""
    pieces: tuple[Piece, ...] = ()
    """The text as it is drawn."""
    album: tuple[tuple[Piece, ...], ...] = ()
    """The words below each further file of an album."""
    asked: int | None = None
    """Of the bot's answer: the customer's message it answers."""
    quoted: "Quoted | None" = None
    """Of a person's words: the message they answer."""
    can_be_answered: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """A message that another answers, as it stands above that one."""

    message_id: int
    conversation_id: int
    words: str
    side: str
    author: str
    """The agent's name; empty for anybody else."""
    is_here: bool
    """Whether it is shown in the same thread."""


def timeline(
    messages: Sequence[Message],
    changes: Sequence[StatusChange],
    names: Mapping[int, str],
    show: Formats,
    quotes: Mapping[int, Message],
) -> list[Entry]:
    """All entries, oldest first, with a line at each new day. `quotes`: by message, the one it answers."""
    asked, here = _asked(messages), {one.id for one in messages}
    above = {number: quoted(one, names, show.words, here) for number, one in quotes.items()}
    told = [
        replace(_said(one, names, show.words), asked=asked.get(one.id), quoted=above.get(one.id))
        for one in messages
    ]
    first = messages[0].created_at if messages else None
    told += [
        _happened(change, names, show.words)
        for change in changes
        if change.change not in SILENT and (first is None or change.changed_at >= first)
    ]
    # What one transaction wrote has one time: the customer's words come before what they led to.
    told.sort(key=lambda entry: (entry.at, entry.side != "customer", entry.kind == "message"))
    return list(_with_days(told, show))


def _asked(messages: Sequence[Message]) -> dict[int, int]:
    """By answer of the bot's, the customer's words before it."""
    found, last = {}, None
    for message in messages:
        if message.author == "customer" and message.kind == "text" and message.text:
            last = message.id
        elif message.author == "bot" and message.article_key and last is not None:
            found[message.id] = last
    return found


def _with_days(entries: Iterable[Entry], show: Formats) -> Iterable[Entry]:
    today: date | None = None
    for entry in entries:
        day = entry.at.astimezone(show.zone).date()
        if day != today:
            yield Entry("day", entry.at, show.day(entry.at), f"day-{day}")
            today = day
        yield entry


def quoted(message: Message, names: Mapping[int, str], words: Words, here: Collection[int] = ()) -> Quoted:
    """The message as it stands above one that answers it; `here`: the ids of those in the same thread."""
    return Quoted(
        message.id,
        message.conversation_id,
        " ".join(worded(message, words).split())[:QUOTED],
        message.author,
        names.get(message.agent_id or 0, "") if message.author == "agent" else "",
        message.id in here,
    )


def _said(message: Message, names: Mapping[int, str], words: Words) -> Entry:
    side = "note" if message.is_note else message.author
    author = names.get(message.agent_id or 0, "") if message.author == "agent" else ""
    choices = (message.intent or {}).get("choices") or ()
    text = worded(message, words)
    return Entry(
        "message",
        message.created_at,
        text,
        f"message-{message.id}",
        message,
        side,
        author,
        tuple(str(choice.get("label", "")) for choice in choices),
        _file(message, words),
        pieces_of(message, text),
        captions_of(message),
        can_be_answered=is_quotable(message),
    )


def _file(message: Message, words: Words) -> str:
    attachment = message.attachment or {}
    if not attachment.keys() & {"file", "file_id"}:
        return ""
    return str(attachment.get("name") or described(message, words))


def worded(message: Message, words: Words) -> str:
    """The message's own words, else those of its meaning or its kind."""
    if message.author == "customer" and message.text.strip() == PERSON_WANTED:
        return words("said.person")
    if message.text:
        return message.text
    intent = message.intent or {}
    if "say" in intent:
        params = dict(intent.get("params") or {})
        if "channel" in params:
            params["channel"] = words.maybe(f"channel.{params['channel']}", params["channel"])
        request = intent.get("rating_request")
        if request:
            aspect = str(request.get("aspect", ""))
            params["aspect"] = words.maybe(f"aspect.{aspect}", aspect.replace("_", " "))
        return words.maybe(f"system.{intent['say']}", str(intent["say"]).replace("_", " "), **params)
    return described(message, words)


def _happened(change: StatusChange, names: Mapping[int, str], words: Words) -> Entry:
    who = _actor(change.actor, names, words)
    reason = change.reason or ""
    if reason.startswith("to agent:"):
        to = names.get(int(reason.removeprefix("to agent:") or 0), "?")
        text = words("event.transfer_to", who=who, to=to)
    elif reason.startswith(FROM):
        text = words("event.take_over", who=who, holder=names.get(int(reason.removeprefix(FROM)), "?"))
    elif reason.startswith("to team:"):
        text = words("event.transfer_to_team", who=who, team=reason.removeprefix("to team:"))
    elif reason.startswith("into:"):
        text = words("event.merged_into", who=who, number=reason.removeprefix("into:"))
    elif reason.startswith(BACK):
        text = words("event.back_to", holder=names.get(int(reason.removeprefix(BACK)), "?"))
    elif reason == UNDONE and (told := words.maybe(f"event.undone_{change.change}", "", who=who)):
        text = told
    elif change.change == Change.TAKE and reason in (GIVEN, WOKEN):
        text = words("event.given", who=who)
    else:
        why = words.maybe(f"reason.{reason}", "") if reason else ""
        text = words(f"event.{change.change}", who=who) + (f" · {why}" if why else "")
    return Entry("event", change.changed_at, text, f"change-{change.id}")


def _actor(actor: str, names: Mapping[int, str], words: Words) -> str:
    kind, _, number = actor.partition(":")
    if kind == "agent" and number.isdigit():
        return names.get(int(number), words("actor.agent"))
    return words.maybe(f"actor.{kind}", kind)
