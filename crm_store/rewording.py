"""A message changed after it was written: the new words or the new file, the old ones kept."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import canned_text, desk_posts, signals
from crm_store.conversations import checked_text
from crm_store.masking import mask
from crm_store.models.conversations import Message, MessageEdit
from crm_store.signals import Topic

REPLACED = "replaced"
"""In an attachment: the files that stood there before, the oldest first."""

_OF_THE_PLACE = ("album", "caption", "marks", "media_group_id")


def is_other_file(old: dict[str, Any] | None, new: dict[str, Any] | None) -> bool:
    """Whether an edit put another file there; a place that moves on the map, a contact, a poll are none."""
    number = (new or {}).get("file_unique_id")
    return bool(number) and number != (old or {}).get("file_unique_id")


def in_place_of(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The new file where the old one was: in the same album, with the same words below it."""
    held = old or {}
    kept: dict[str, Any] = {name: held[name] for name in _OF_THE_PLACE if name in held}
    before = {name: value for name, value in held.items() if name not in (*kept, REPLACED)}
    return {**new, **kept, REPLACED: [*held.get(REPLACED, ()), *([before] if before else [])]}


async def replace_file(
    session: AsyncSession, message: Message, part: int, file: dict[str, Any], kind: str, *, now: datetime
) -> None:
    """Another file in an agent's message (in a part of its album, from 1), carried to the customer if they have it."""
    held = message.attachment or {}
    if part:
        parts = list(held["album"])
        parts[part - 1] = in_place_of(parts[part - 1], file)
        message.attachment = {**held, "album": parts}
    else:
        message.attachment, message.kind = in_place_of(held, file), kind
    message.edited_at = now
    await _changed(session, message, part, now)


async def reword(session: AsyncSession, message: Message, text: str, *, now: datetime) -> bool:
    """Other words for an agent's message, carried to the customer if they have it; False when nothing changed."""
    words = checked_text(text) if message.attachment is None or text.strip() else ""
    if words == message.text:
        return False
    if not message.is_note:
        canned_text.check_filled(words)
    session.add(MessageEdit(message_id=message.id, old_text=message.text, edited_at=now))
    message.text, message.edited_at = words, now
    await _changed(session, message, 0, now)
    return True


def caption(text: str, marks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """What an album's part keeps of the words below it; their formatting only as far as they are still the same."""
    words = mask(text)
    kept: dict[str, Any] = {"caption": words} if words else {}
    return kept | ({"marks": marks} if words and words == text and marks else {})


async def reword_part(
    session: AsyncSession,
    message: Message,
    part: int,
    text: str,
    marks: list[dict[str, Any]] | None,
    *,
    now: datetime,
) -> bool:
    """As `reword` for the words below a part of an album, counted from 1 behind the first, whose are the message's."""
    held = message.attachment or {}
    parts = list(held["album"])
    old = parts[part - 1]
    bare = {name: value for name, value in old.items() if name not in ("caption", "marks")}
    new = bare | caption(text, marks)
    if new == old:
        return False
    session.add(MessageEdit(message_id=message.id, old_text=old.get("caption", ""), edited_at=now))
    parts[part - 1] = new
    message.attachment, message.edited_at = {**held, "album": parts}, now
    await _changed(session, message, part, now)
    return True


async def _changed(session: AsyncSession, message: Message, part: int, now: datetime) -> None:
    """Carried to the customer, and shown on every desk."""
    await carry(session, message, part, now)
    await session.flush()
    signals.notify(session, Topic.CONVERSATIONS)


async def carry(session: AsyncSession, message: Message, part: int, now: datetime) -> None:
    """To the customer, if they have it; the errand says which part of the message it is about."""
    if message.delivery in ("sending", "sent", "ambiguous"):
        await desk_posts.add(
            session,
            conversation_id=message.conversation_id,
            customer_id=message.customer_id,
            kind="reword",
            message_id=message.id,
            text=str(part) if part else "",
            now=now,
        )
