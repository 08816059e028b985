"""What the staff do in their group, done in the store: once each, whole or not at all, and only in their own name."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict
from typing import TypeVar

import structlog

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import LinkAsked, PresenceAsked
from bot.channels.telegram.desk import why_not
from bot.channels.telegram.desk.actions import ACTIONS
from bot.channels.telegram.desk.answers import Answers
from bot.channels.telegram.desk.article_command import ArticleMaking
from bot.channels.telegram.desk.attending import attend, read_presence
from bot.channels.telegram.desk.card import card_buttons
from bot.channels.telegram.desk.choices import BACK, PREFIX, Json, can_take, fixed, menu, team_code
from bot.channels.telegram.desk.doing import Doing, Refused
from bot.channels.telegram.desk.events import (
    Author,
    DeskEvent,
    DeskMoved,
    DeskPressed,
    DeskReach,
    DeskSaid,
    DeskTopicMade,
)
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.linking import Linking
from bot.channels.telegram.desk.refusing import answer, tell_nobodys, tell_refused
from bot.channels.telegram.desk.speaking import Speaking
from bot.clock import Clock
from bot.edition import Edition, no_knowledge
from bot.texts import best_language, render
from crm_store import attendance, desk_cards, desk_posts, desk_topics, parking, seen, snoozing, staff
from crm_store.attendance import PresenceState
from crm_store.desk_matter import matter_of
from crm_store.engine import Store, is_outage
from crm_store.errors import IllegalTransition, StoreError
from crm_store.live_settings import SettingsSource
from crm_store.models.staff import Agent
from crm_store.session import Session

log = structlog.get_logger(__name__)
_DATA = re.compile(rf"{PREFIX}:([1-9][0-9]{{0,17}}):([a-z]+)(?:\.([a-z0-9]{{1,24}}))?")
PRESENCE = {PresenceState.ONLINE: "🟢", PresenceState.AWAY: "🟡", PresenceState.OFFLINE: "⚪"}
CHOOSING = ("snooze", "transfer", "ban")
RETRY_AFTER_S = (0.1, 0.3, 1.0, 3.0, 5.0)
T = TypeVar("T")


class StaffDesk:
    """The staff's side of the intake."""

    def __init__(
        self,
        api: Api,
        store: Store,
        clock: Clock,
        settings: SettingsSource,
        groups: Sequence[StaffGroup] = (),
        knowledge: Callable[[], Edition] = no_knowledge,
    ) -> None:
        self._api, self._store, self._clock, self._settings = api, store, clock, settings
        self._groups = groups
        self._answers = Answers(api, store, clock)
        self._linking = Linking(api, store, clock, self._answers, groups)
        self._speaking = Speaking(settings, ArticleMaking(clock, knowledge))

    @property
    def groups(self) -> Collection[int]:
        """The staff's chats."""
        return [group.chat for group in self._groups]

    async def handle(self, event: DeskEvent) -> None:
        """Do what the event asks for; on return it is committed, or parked with its error."""
        # What was parked before there were several says nothing of its chat.
        group = next((one for one in self._groups if event.chat in ("", one.key)), None)
        if group is None:
            return
        # Whoever does something there can be written to.
        group.is_away = isinstance(event, DeskReach) and not event.can_write
        try:
            await self._through_outages(lambda: self._once(event, group))
        except Exception as error:
            failure = error
            await self._through_outages(lambda: self._park(event, failure))

    async def link(self, asked: LinkAsked) -> bool:
        """Link a Telegram account; False when the words are a customer's."""
        return await self._through_outages(lambda: self._linking.link(asked))

    async def attend(self, asked: PresenceAsked) -> bool:
        """Keep whether the agent is there; False when the words are a customer's."""
        return await self._through_outages(lambda: self._attend(asked))

    async def _attend(self, asked: PresenceAsked) -> bool:
        language, now = best_language(asked.language) or "en", self._clock()
        told = None
        for group in self._groups:
            group.is_away &= group.chat != asked.user_id
        async with self._store.write() as session:
            agent = await staff.find_by_telegram(session, asked.user_id)
            if agent is None or agent.role == staff.Role.ANALYST:
                return False
            if await seen.first_time(session, self._api.source, asked.update_id, now=now):
                pushes = self._settings.current.pushes
                told = await attend(session, agent, asked.state, language, now=now, pushes=pushes)
        if told is not None:
            self._answers.whisper(asked.user_id, told)
        return True

    async def _through_outages(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's result; while the store is away it is tried again, since nobody's words are to blame."""
        attempt = 0
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_outage(error):
                    raise
                if attempt == 0:
                    log.warning("what the staff did waits for the store", error=type(error).__name__)
                await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
                attempt += 1

    async def drain(self) -> None:
        """Let what is being told arrive."""
        await self._answers.drain()

    async def _once(self, event: DeskEvent, group: StaffGroup) -> None:
        if isinstance(event, DeskMoved):
            await group.move(event.new_chat)
        elif isinstance(event, DeskPressed):
            await self._pressed(event, group)
        elif isinstance(event, DeskTopicMade):
            await group.adopt(event.thread, event.name)
        elif isinstance(event, DeskSaid):
            await self._said(event, group)

    async def _pressed(self, event: DeskPressed, group: StaffGroup) -> None:
        """A card's button: exactly one of two who press it at once gets what it gives."""
        language = best_language(event.author.language) or group.language

        async def act(session: Session) -> tuple[str, Json | None]:
            agent = await self._agent(session, event.author, toast=True)
            number, action, argument = await self._checked(session, event, group)
            if action == BACK or (action in CHOOSING and not argument):
                return "", await self._other_buttons(session, event, number, action, agent, group)
            do, told = ACTIONS[action]
            now, settings = self._clock(), self._settings.current
            result = await do(Doing(session, number, agent, now, settings, argument, group.language))
            await desk_posts.hurry(session, number)
            group.shown.offers_no_more(event.platform_id or "")
            return result if isinstance(result, str) else render(language, told), None

        try:
            told, markup = await self._in_one(event.update_id, act) or ("", None)
        except Refused as refused:
            self._answers.toast(
                event.callback_id, refused.text(language, name=event.author.name or "?"), alert=True
            )
        except IllegalTransition:
            told = render(language, "desk.moved_on")
            self._answers.toast(event.callback_id, told, alert=True)
        except StoreError as refusal:
            self._answers.toast(event.callback_id, why_not.reason(refusal, language), alert=True)
        else:
            self._answers.toast(event.callback_id, told)
            if markup is not None and event.platform_id is not None:
                group.pace.took()  # somebody waits for it, so it takes its turn without waiting
                self._answers.draw_buttons(group.chat, event.platform_id, markup)

    async def _other_buttons(
        self, session: Session, event: DeskPressed, number: int, action: str, agent: Agent, group: StaffGroup
    ) -> Json:
        """Choices in the place of the card's buttons, or these back; the card remembers which.

        The card may be about another matter by now: its buttons are those that come back.
        """
        customer = await desk_cards.customer_of(session, number) or 0
        matter = await matter_of(session, customer) or number
        card = await desk_cards.card(session, matter, now=self._clock())
        buttons, card_id = card_buttons(card, group.language), event.platform_id or ""
        if action == BACK:
            group.shown.offers_no_more(card_id)
            return buttons
        if matter != number:
            raise Refused("desk.moved_on")
        choices = await self._menu(session, number, action, agent, group.language)
        group.shown.offers(card_id, choices, instead_of=buttons)
        return choices

    async def _menu(self, session: Session, number: int, action: str, agent: Agent, language: str) -> Json:
        """What is offered after a press on snooze, ban or transfer."""
        if action != "transfer":
            return menu(number, action, fixed(action, language), language)
        agents = [one for one in await staff.page(session, limit=500) if can_take(one) and one.id != agent.id]
        now = self._clock()
        there = {one.id: attendance.presence_of(one, now) for one in agents}
        agents.sort(key=lambda one: (list(PRESENCE).index(there[one.id]), one.name.casefold()))
        offered = [(str(one.id), f"{PRESENCE[there[one.id]]} {one.name}") for one in agents]
        teams = [(team_code(team), f"👥 {team}") for team in await snoozing.teams(session)]
        return menu(number, action, [*teams[:4], *offered], language)

    async def _checked(self, session: Session, event: DeskPressed, group: StaffGroup) -> tuple[int, str, str]:
        """The conversation, the action and what is said with it, if this is the customer's present card."""
        found = _DATA.fullmatch(event.data)
        place = None
        if found is not None and event.platform_id is not None:
            place = await desk_topics.by_card(session, group.key, event.platform_id)
        if found is None or place is None or found.group(2) not in {*ACTIONS, BACK}:
            raise Refused("desk.stale")
        number = int(found.group(1))
        if await desk_cards.customer_of(session, number) != place.customer_id:
            raise Refused("desk.stale")
        return number, found.group(2), found.group(3) or ""

    async def _said(self, event: DeskSaid, group: StaffGroup) -> None:
        """Words or a file in a customer's topic; elsewhere the staff talk among themselves."""
        state = None if event.is_edit else read_presence(event.text)
        in_private = group.is_private or state is not None

        async def act(session: Session) -> str | None:
            if state is not None:
                agent = await self._agent(session, event.author, toast=False)
                pushes = self._settings.current.pushes
                return await attend(session, agent, state, group.language, now=self._clock(), pushes=pushes)
            now, language = self._clock(), group.language
            target = await self._speaking.target(session, event, group.key, now=now)
            if target is None and not group.is_private:
                return await tell_nobodys(session, event, group, now=now)
            agent = await self._agent(session, event.author, toast=False)
            if target is None:
                return await self._speaking.unaddressed(session, event, agent, now=now, language=language)
            told = await self._speaking.speak(
                session, event, target, agent, group.key, now=now, language=language
            )
            return told if group.is_private else None  # else it stands in the topic

        try:
            told = await self._in_one(event.update_id, act)
            answer(self._answers, event, group, told, in_private=in_private)  # once it is committed
        except Refused as refused:
            name = event.author.name or "?"
            text = refused.text(group.language, name=name, is_command=why_not.is_command(event.text))
            await self._refuse(event, group, text)
        except StoreError as refusal:
            text = why_not.refused(refusal, event.text, event.author.name or "?", group.language)
            await self._refuse(event, group, text)

    async def _refuse(self, event: DeskSaid, group: StaffGroup, text: str) -> None:
        """Tell why nothing was done; nothing of words that are for no customer."""

        async def act(session: Session) -> str | None:
            now = self._clock()
            target = await self._speaking.target(session, event, group.key, now=now)
            if target is None:
                return None
            among, answers = self._groups, self._answers
            return await tell_refused(session, event, target, text, group, among, answers, now=now)

        told = await self._in_one(event.update_id, act)
        answer(self._answers, event, group, told, in_private=group.is_private)

    async def _agent(self, session: Session, author: Author, *, toast: bool) -> Agent:
        """The member of staff behind the live update's own sender; raises Refused."""
        if not author.speaks_for_self or author.user_id is None:
            raise Refused("desk.not_yourself")
        agent = await staff.find_by_telegram(session, author.user_id)
        prefix = "toast_" if toast else ""
        if agent is None:
            raise Refused(f"desk.{prefix}not_linked")
        if agent.role == staff.Role.ANALYST:
            raise Refused(f"desk.{prefix}not_allowed")
        return agent

    async def _in_one(self, update_id: str, act: Callable[[Session], Awaitable[T]]) -> T | None:
        """The update's effects and its number in one transaction; None for a repeat."""
        async with self._store.write() as session:
            if not await seen.first_time(session, self._api.source, update_id, now=self._clock()):
                return None
            return await act(session)

    async def _park(self, event: DeskEvent, error: Exception) -> None:
        log.error(
            "something in the staff group was parked", error=type(error).__name__, update_id=event.update_id
        )
        async with self._store.write() as session:
            await parking.park(
                session,
                source=self._api.source,
                update_id=event.update_id,
                body={"desk": type(event).__name__} | asdict(event),
                error=f"{type(error).__name__}: {error}",
                now=self._clock(),
            )
