"""Which of a conversation's messages say what it is about, for the lines of lists and the last words of cards."""

from collections.abc import Sequence

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import Message

SAYS_NOTHING = ("personasked", "sentnothing")
"""How the bot understood words that do not tell what somebody wants: that they want a person, or no word at all."""
PERSON_WANTED = "/human"
"""What the web chat's button and the menu in Telegram say for whoever presses them."""
STANDS = Message.deleted_at.is_(None)
"""What was taken back is shown as such where it was said, and nowhere else."""
IS_COMMAND = and_(Message.author == "customer", Message.kind == "text", Message.text.like("/%"))
"""Words for the bot, such as /start."""
IS_FOR_PEOPLE = or_(~IS_COMMAND, Message.text == PERSON_WANTED)
_TELLS = or_(Message.decision.is_(None), Message.decision.not_in(SAYS_NOTHING))
_SAYS_SOMETHING = or_(Message.author == "agent", and_(Message.kind != "button", ~IS_COMMAND, _TELLS))
_RANKS = (_SAYS_SOMETHING, and_(~IS_COMMAND, _TELLS), IS_FOR_PEOPLE)
"""What is shown before anything else: what says something, a button that was chosen, the wish for a person."""


async def last_words(session: AsyncSession, ids: Sequence[int]) -> dict[int, Message]:
    """By conversation the last of customer or agent that says something, and still stands: neither the bot's nor a
    note, and a button, the wish for a person or a command only where there is nothing else."""
    best = [func.max(case((one, Message.id))) for one in _RANKS]
    newest = (
        select(func.coalesce(*best, func.max(Message.id)))
        .where(
            Message.conversation_id.in_(ids),
            Message.author.in_(("customer", "agent")),
            Message.is_note.is_(False),
            STANDS,
        )
        .group_by(Message.conversation_id)
    )
    found = await session.scalars(select(Message).where(Message.id.in_(newest)))
    return {message.conversation_id: message for message in found}
