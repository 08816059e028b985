"""An album an agent sends in the group: its parts come one by one, in any order, and what one says holds for all.

One part alone has the words as a rule. A part that comes before them waits, so that nothing leaves of what a later one
calls a note, or what is refused.
"""

from datetime import datetime, timedelta

from bot.channels.base import Kind
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.desk.doing import Refused, Target
from bot.channels.telegram.desk.events import DeskSaid
from bot.channels.telegram.desk.words import What, Words
from crm_store import album_parts, conversations, links, relaying, rewording, seen, staff
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.session import Session

ALBUM_WAIT = timedelta(seconds=1)
"""The parts of an album come as messages of their own; so long the next is waited for."""
UNDECIDED_WAIT = timedelta(seconds=5)
"""And so long where no part had words yet. Telegram hands out an album's parts together; they are cut apart where a
batch of updates ends, and a webhook has several connections."""

MAX_SOURCE = 64
"""The store keeps so much of where something was seen."""


def album_of(event: DeskSaid) -> str | None:
    """The album it is a part of; an edit decides nothing."""
    found = (event.attachment or {}).get("media_group_id")
    return str(found) if found and not event.is_edit else None


async def answered_by(session: Session, event: DeskSaid, chat: str, *, now: datetime) -> str | None:
    """Where stands what it answers; a part of an album that answers nothing itself answers what another one did.

    Outside of topics this alone tells whose it is, and nothing promises that every part comes with it.
    """
    own, album = event.reply_to_platform_id, (event.attachment or {}).get("media_group_id")
    if album is None or event.thread is not None:
        return own
    source = f"{_source(chat)}:{album}"[:MAX_SOURCE]
    if own is None:
        return await seen.earliest(session, source)
    await seen.first_time(session, source, own, now=now)
    return own


async def is_to_be_told(session: Session, event: DeskSaid, *, now: datetime) -> bool:
    """Whether the agent has not heard of another part of its album yet that it is for nobody."""
    album = album_of(event)
    return album is None or await seen.first_time(session, f"unaddressed:{event.chat}", album, now=now)


def check_alone(words: Words, event: DeskSaid) -> None:
    """Raises Refused for words of which nobody can say what the customer may see of them."""
    if words.what is What.MIXED:
        raise Refused("desk.note_within")
    if event.attachment is not None and words.what not in (What.REPLY, What.NOTE):
        raise Refused("desk.command_with_file")


async def is_refused(session: Session, event: DeskSaid, conversation_id: int, chat: str) -> bool:
    """Whether another part of its album was refused."""
    album = album_of(event)
    if album is None:
        return False
    await conversations.get(session, conversation_id, lock=True)  # where another part is just being refused
    return await seen.knows(session, _source(chat), album)


async def refuse(session: Session, event: DeskSaid, target: Target, chat: str, *, now: datetime) -> bool:
    """Nothing of the refused part's album goes to the customer; False when the agent was told so before."""
    album = album_of(event)
    if album is None or target.conversation_id is None:
        return True
    await conversations.get(session, target.conversation_id, lock=True)
    if not await seen.first_time(session, _source(chat), album, now=now):
        return False
    account = event.author.user_id
    agent = await staff.find_by_telegram(session, account) if account is not None else None
    if agent is not None:
        for message in await album_parts.held(session, target.conversation_id, agent, album):
            if not message.is_note:
                await album_parts.take_out(session, message, agent, now=now)
    return True


def _source(chat: str) -> str:
    return f"album:{chat}"


async def note(
    session: Session,
    event: DeskSaid,
    words: Words,
    conversation_id: int,
    agent: Agent,
    chat: str,
    *,
    now: datetime,
) -> Message | None:
    """The note that this is, or is a part of, linked with it; None for what is the customer's."""
    album = album_of(event)
    held = await album_parts.held(session, conversation_id, agent, album) if album is not None else []
    noted = next((one for one in held if one.is_note), None)
    if noted is None and words.what is not What.NOTE:
        return None
    places, earlier = [event.platform_id], list[album_parts.Json]()
    if noted is not None:
        part = (event.attachment or {}) | rewording.caption(words.text, event.marks)
        await album_parts.append(session, noted, part)
    else:
        for one in held:
            copies = await links.copies(session, one.id, side="desk", chat=chat)
            if taken := await album_parts.take_out(session, one, agent, now=now):
                places, earlier = places + copies, earlier + taken
        noted = await _new_note(session, event, words, conversation_id, agent, earlier, now)
    # The part with the words first, as its words are the note's own.
    for place in places:
        await links.link(session, noted.id, side="desk", channel=CHANNEL, chat=chat, platform_id=place)
    return noted


async def _new_note(
    session: Session,
    event: DeskSaid,
    words: Words,
    conversation_id: int,
    agent: Agent,
    earlier: list[album_parts.Json],
    now: datetime,
) -> Message:
    """A note with its file, and those of the album that came before it."""
    attachment = event.attachment
    if attachment is not None and earlier:
        attachment = attachment | {"album": earlier}
    return await conversations.note(
        session,
        conversation_id,
        agent,
        words.text,
        now=now,
        attachment=attachment,
        kind=event.kind if attachment is not None else Kind.TEXT,
        from_desk=True,
    )


async def extended(
    session: Session, event: DeskSaid, conversation_id: int, agent: Agent, *, now: datetime
) -> Message | None:
    """The reply that holds this part as well; None where it is the first, or the others have left."""
    album = album_of(event)
    held = await album_parts.held(session, conversation_id, agent, album) if album is not None else []
    if not held:
        return None
    part = (event.attachment or {}) | rewording.caption(event.text, event.marks)
    is_decided = any(map(album_parts.says_anything, held))
    return await relaying.extend_album(session, held[-1], part, until=now + wait(event, is_decided))


def wait(event: DeskSaid, is_decided: bool = False) -> timedelta:
    """How long this part waits for the others."""
    return ALBUM_WAIT if is_decided or event.text.strip() else UNDECIDED_WAIT


async def fetched_at(
    session: Session, event: DeskSaid, conversation_id: int, agent: Agent, *, now: datetime
) -> datetime | None:
    """Before when the file does not leave alone, where a channel takes each by itself; None for at once."""
    album = album_of(event)
    if album is None or event.text.strip():
        return None
    held = await album_parts.held(session, conversation_id, agent, album)
    return None if any(map(album_parts.says_anything, held)) else now + UNDECIDED_WAIT
