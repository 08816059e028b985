"""What an agent who wrote to the bot reads of it: why their words were not carried out, and where that is told."""

from collections.abc import Sequence
from datetime import datetime

from bot.channels.telegram.desk import albums
from bot.channels.telegram.desk.answers import Answers
from bot.channels.telegram.desk.digest import message_link
from bot.channels.telegram.desk.doing import Target
from bot.channels.telegram.desk.elsewhere import open_chats
from bot.channels.telegram.desk.events import DeskSaid
from bot.channels.telegram.desk.group import StaffGroup
from bot.texts import render
from crm_store import desk_home
from crm_store.session import Session


async def tell_refused(
    session: Session,
    event: DeskSaid,
    target: Target,
    why: str,
    group: StaffGroup,
    among: Sequence[StaffGroup],
    answers: Answers,
    *,
    now: datetime,
) -> str | None:
    """Post why nothing was done where the customer is served, with the transaction, once for the parts of an album.

    Where the agent wrote elsewhere (below a card of before, in the topic of a record that became part of another) or
    there is no conversation, nothing is posted: it is what to say below their words, and where to go.
    """
    if not await albums.refuse(session, event, target, group.key, now=now):
        return None
    if target.conversation_id is None:
        return why
    home = await desk_home.home_of(session, target.conversation_id, open_chats(among), now=now)
    if home is None or home.place is None:
        return why
    if (home.chat, home.place.thread) == (group.key, event.thread):
        await answers.notice(session, target.conversation_id, target.customer_id, why)
        return None
    url = message_link(int(home.chat), home.at)
    return f"{why}\n{render(group.language, 'desk.answer_there', url=url)}" if url else why


async def tell_nobodys(session: Session, event: DeskSaid, group: StaffGroup, *, now: datetime) -> str | None:
    """What to say below words that answer something of the bot's in a group and are for no customer, of an album once;
    None where staff talk among themselves, or change what they said."""
    if not event.answers_us or event.is_edit or not await albums.is_to_be_told(session, event, now=now):
        return None
    return render(group.language, "desk.nobodys")


def answer(
    answers: Answers, event: DeskSaid, group: StaffGroup, told: str | None, *, in_private: bool
) -> None:
    """Say this to whoever wrote there: in private, or in a group below their words."""
    if told is not None and not in_private:
        group.pace.took()  # somebody waits for it, so it takes its turn without waiting
        answers.below(group.chat, event.thread, event.platform_id, told)
    elif told is not None and event.author.user_id is not None:
        answers.whisper(event.author.user_id, told)
