"""An agent's words for a customer: found their conversation by stored links alone, never by what the text says."""

from datetime import datetime

from bot.channels.base import Kind
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.desk import albums
from bot.channels.telegram.desk.actions import ACTIONS
from bot.channels.telegram.desk.article_command import ArticleMaking, asked_of
from bot.channels.telegram.desk.case_acting import own_list
from bot.channels.telegram.desk.choices import ANYWAY
from bot.channels.telegram.desk.copies import EDITABLE
from bot.channels.telegram.desk.doing import Doing, Refused, Target
from bot.channels.telegram.desk.events import DeskSaid
from bot.channels.telegram.desk.kinds import in_words
from bot.channels.telegram.desk.words import What, Words, read_words
from bot.rendering import reformatted
from bot.texts import order_status, render
from crm_store import (
    canned_replies,
    conversations,
    customers,
    desk_matter,
    desk_posts,
    desk_topics,
    links,
    relaying,
    rewording,
    staff,
)
from crm_store.canned_text import typed_example, typed_values
from crm_store.desk_topics import Place
from crm_store.lifecycle import Status
from crm_store.live_settings import SettingsSource
from crm_store.models.casework import CannedReply
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.session import Session


class Speaking:
    """Replies, notes, commands and edits in the group."""

    def __init__(self, settings: SettingsSource, articles: ArticleMaking) -> None:
        self._settings, self._articles = settings, articles

    async def target(self, session: Session, event: DeskSaid, chat: str, *, now: datetime) -> Target | None:
        """The customer whose topic it is, or whose copied message or card is replied to; None for staff talk."""
        reply_to = await albums.answered_by(session, event, chat, now=now)
        answered = await self._linked(session, chat, reply_to)
        customer_id = await self._customer(session, event.thread, chat, reply_to, answered)
        if customer_id is None:
            return None
        author = event.author.user_id
        agent = await staff.find_by_telegram(session, author) if author is not None else None
        conversation = await desk_matter.open_conversation(session, customer_id, agent.id if agent else None)
        if answered is not None and answered.customer_id != customer_id:
            answered = None
        if answered is not None:
            meant = await conversations.get(session, answered.conversation_id)
            conversation = meant if meant.status != Status.RESOLVED else conversation
        if conversation is None:
            return Target(customer_id, None)
        return Target(customer_id, conversation.id, conversation.status, conversation.channel, answered)

    async def _customer(
        self,
        session: Session,
        thread: str | None,
        chat: str,
        reply_to: str | None,
        answered: Message | None,
    ) -> int | None:
        if thread is not None:
            return await _served_as(session, await desk_topics.by_thread(session, chat, thread))
        if answered is not None:
            return answered.customer_id
        if reply_to is None:
            return None
        place = await desk_topics.by_card(session, chat, reply_to)
        if place is None:  # or one that another took the place of, such as when the group got topics
            return await links.customer_of_card(session, channel=CHANNEL, chat=chat, card=reply_to)
        return await _served_as(session, place)

    async def _linked(self, session: Session, chat: str, platform_id: str | None) -> Message | None:
        if platform_id is None:
            return None
        return await links.find_message(session, channel=CHANNEL, chat=chat, platform_id=platform_id)

    async def speak(
        self,
        session: Session,
        event: DeskSaid,
        target: Target,
        agent: Agent,
        chat: str,
        *,
        now: datetime,
        language: str,
    ) -> str | None:
        """Do what the words mean, and what the agent is to be told of it; raises Refused or the store's own errors."""
        if event.is_edit:
            await self._reword(session, event, agent, chat, now)
            return None
        words = read_words(event.text)
        if target.conversation_id is None:
            raise Refused("desk.no_conversation")
        albums.check_alone(words, event)
        number = target.conversation_id
        if words.what is What.REPLY and await albums.is_refused(session, event, number, chat):
            return None
        if await albums.note(session, event, words, number, agent, chat, now=now) is not None:
            return None
        if words.what is What.ACTION:
            number = await _acted_on(session, words, target)
            return await self._act(session, words, number, agent, now, language)
        if words.what is What.ARTICLE:
            await self._articles.make(session, asked_of(words, target, agent), language=language)
            return None
        if words.what is What.DELETE:
            await self._take_back(session, target, agent, now)
            return None
        if words.what is What.UNKNOWN:
            message = await self._canned(session, words, target, agent, now)
        else:
            message = await self._reply(session, event, target, agent, now)
        at = {"side": "desk", "channel": CHANNEL, "chat": chat, "platform_id": event.platform_id}
        await links.link(session, message.id, **at)
        return None

    async def unaddressed(
        self, session: Session, event: DeskSaid, agent: Agent, *, now: datetime, language: str
    ) -> str | None:
        """What is said in private of words for no customer: the agent's own cases, else how a customer is meant, of
        an album once."""
        words = read_words(event.text)
        if (words.what, words.text, words.argument) != (What.ACTION, "case", "") or event.is_edit:
            is_told = await albums.is_to_be_told(session, event, now=now)
            return render(language, "desk.answer_whom") if is_told else None
        return await own_list(session, agent, now=now, language=language)

    async def _act(
        self, session: Session, words: Words, conversation_id: int, agent: Agent, now: datetime, language: str
    ) -> str | None:
        act, _ = ACTIONS[words.text]
        argument = words.argument or (ANYWAY if words.text == "take" else "")
        settings = self._settings.current
        told = await act(Doing(session, conversation_id, agent, now, settings, argument, language))
        await desk_posts.hurry(session, conversation_id)
        return told if isinstance(told, str) else None

    async def _reply(
        self, session: Session, event: DeskSaid, target: Target, agent: Agent, now: datetime
    ) -> Message:
        if target.status == Status.RESOLVED or target.conversation_id is None:
            raise Refused("desk.no_conversation")
        attachment, text = event.attachment, event.text
        is_elsewhere = attachment is not None and target.channel != CHANNEL
        if attachment is not None and is_elsewhere and "file_id" not in attachment:
            attachment, text = (
                None,
                in_words(event.kind, event.text, event.attachment or {}),
            )  # a place or a number, which no other channel draws
        is_album = albums.album_of(event) is not None and not is_elsewhere
        if is_album:
            longer = await albums.extended(session, event, target.conversation_id, agent, now=now)
            if longer is not None:
                return longer
        message = await conversations.reply(
            session,
            target.conversation_id,
            agent,
            text,
            now=now,
            attachment=attachment,
            kind=event.kind if attachment is not None else Kind.TEXT,
            from_desk=True,
            reply_to_id=target.answered.id if target.answered is not None else None,
        )
        relaying.quote(message, target.answered)
        self._format(message, event)
        if is_album:
            message.next_try_at = now + albums.wait(event)
        elif attachment is not None and is_elsewhere:
            at = await albums.fetched_at(session, event, target.conversation_id, agent, now=now)
            await relaying.ask_for_file(session, message, now=now, not_before=at)
        return message

    async def _canned(
        self, session: Session, words: Words, target: Target, agent: Agent, now: datetime
    ) -> Message:
        """A prepared reply by its shortcode; what is written behind it fills its blanks, or stands below it."""
        if target.status == Status.RESOLVED or target.conversation_id is None:
            raise Refused("desk.no_conversation")
        reply = await canned_replies.find(session, agent.id, words.text)
        if reply is None:
            raise Refused("desk.unknown_command")
        filled = await canned_replies.render(session, reply, target.conversation_id, agent, order_status)
        if filled.missing:
            known = typed_values(words.argument, filled.missing)
            if known is None:
                asked = {"missing": ", ".join(filled.missing), "example": typed_example(filled.missing)}
                raise Refused("desk.canned_blanks", code=reply.shortcode, **asked)
            filled = await canned_replies.render(
                session, reply, target.conversation_id, agent, order_status, known
            )
            text = filled.text
        else:
            text = "\n\n".join(part for part in (filled.text, words.argument) if part)
        message = await self._send_canned(session, target.conversation_id, agent, reply, text, now)
        await canned_replies.count_uses(session, [reply.id], agent_id=agent.id, now=now)
        return message

    async def _send_canned(
        self,
        session: Session,
        conversation_id: int,
        agent: Agent,
        reply: CannedReply,
        text: str,
        now: datetime,
    ) -> Message:
        """The words, then the file, each shown in the topic too: the agent wrote a shortcode only."""
        message = None
        if text.strip():
            message = await conversations.reply(session, conversation_id, agent, text, now=now)
        if reply.attachment:
            enclosed = reply.attachment | {"copied": True}
            kind = str(reply.attachment.get("type") or Kind.FILE)
            sent = await conversations.reply(
                session, conversation_id, agent, "", now=now, attachment=enclosed, kind=kind
            )
            await relaying.ask_for_file(session, sent, now=now)
            message = message or sent
        if message is None:
            raise Refused("desk.canned_empty", code=reply.shortcode)
        return message

    def _format(self, message: Message, event: DeskSaid) -> None:
        """Keep the words' formatting with them."""
        message.intent = reformatted(message.intent, event.text, message.text, event.marks)

    async def _take_back(self, session: Session, target: Target, agent: Agent, now: datetime) -> None:
        """What is replied to, else the agent's own last words, away from the customer's eyes."""
        message = target.answered
        if message is None and target.conversation_id is not None:
            message = await relaying.last_of(session, target.conversation_id, agent)
        if message is None:
            raise Refused("desk.nothing_to_delete")
        if not await relaying.take_back(session, message, agent, now=now):
            await relaying.say_deleted(session, message, now=now)

    async def _reword(
        self, session: Session, event: DeskSaid, agent: Agent, chat: str, now: datetime
    ) -> None:
        """Carry an edit on; only of the agent's own message, and never as a command."""
        message = await self._linked(session, chat, event.platform_id)
        if message is None or message.author != "agent" or message.agent_id != agent.id:
            return
        words, part = read_words(event.text), 0
        if (message.attachment or {}).get("album") and event.platform_id is not None:
            # As they came, so they were linked: the first is the message's own file.
            part = (await links.copies(session, message.id, side="desk", chat=chat)).index(event.platform_id)
        if not message.is_note and words.what in (What.NOTE, What.MIXED):
            raise Refused("desk.late_note")
        await self._exchange(session, event, message, part, now)
        if part:
            text = words.text if words.what is What.NOTE else event.text
            await rewording.reword_part(session, message, part, text, event.marks, now=now)
        elif message.is_note:
            await rewording.reword(session, message, words.text, now=now)
        else:
            await rewording.reword(session, message, event.text, now=now)
            self._format(message, event)

    async def _exchange(
        self, session: Session, event: DeskSaid, message: Message, part: int, now: datetime
    ) -> None:
        """Carry another file on where Telegram can put it in the old one's place; else the agent has to know."""
        held = message.attachment or {}
        old = held["album"][part - 1] if part else held
        if message.is_note or event.attachment is None or not rewording.is_other_file(old, event.attachment):
            return
        if "file_unique_id" not in old or event.attachment["type"] not in EDITABLE:
            raise Refused("desk.late_file")
        await rewording.replace_file(session, message, part, event.attachment, event.kind, now=now)


async def _served_as(session: Session, place: Place | None) -> int | None:
    """The record the customer of this topic, or card, lives in now: it may be part of another since."""
    return None if place is None else (await customers.current(session, place.customer_id)).id


async def _acted_on(session: Session, words: Words, target: Target) -> int:
    """What is taken is what the card offers, of which the agent may hold another; but an answered message's own."""
    assert target.conversation_id is not None
    offered = words.text == "take" and target.answered is None
    return (offered and await desk_matter.matter_of(session, target.customer_id)) or target.conversation_id
