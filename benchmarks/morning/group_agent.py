"""An agent who works in the Telegram staff group, topic by topic, by what stands there."""

import asyncio
import re

from benchmarks.morning.manners import Act, Does, Line, Side, next_act, number_of
from benchmarks.morning.plans import MARK, REFERENCE
from benchmarks.morning.record import Notebook, Written
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic

HOLDS_AT_MOST = 4
LOOKS_EVERY_S = 0.1
CHANGED_WITHIN_S = 30.0
_CARD = re.compile(r"desk:(\d+):(\w+)")
_FAILED = "⚠"


class GroupAgent:
    """Takes from the cards, answers in the topics, resolves with the card's button."""

    def __init__(self, server: BotApiServer, person: Person, group: Group, name: str) -> None:
        self.notebook = Notebook()
        self._server, self._person, self._group, self._name = server, person, group, name
        self._told: dict[int, int] = {}
        """By topic: the newest post when this agent last acted there, so that nothing is said twice."""

    async def clock_in(self, code: str) -> None:
        """Link the account, and say that one is there."""
        await self._person.starts()
        await self._person.says(f"/link {code}")
        await self._person.hears(self._name, timeout=60)
        await self._person.says("/online")
        await self._person.hears("online", timeout=60)

    async def clock_out(self) -> None:
        """Say that one goes."""
        await self._person.says("/offline")
        await self._person.hears("offline", timeout=60)

    async def work(self, over: asyncio.Event) -> None:
        """Until the morning is over and nothing is held any more."""
        while not over.is_set() or self._held():
            for topic in self._group.topics:
                await self._look(topic, is_over=over.is_set())
            await asyncio.sleep(LOOKS_EVERY_S)

    def _held(self) -> list[Topic]:
        return [topic for topic in self._group.topics if self._is_mine(self._card(topic))]

    def _is_mine(self, card: Post | None) -> bool:
        status = card.text.split("\n")[1] if card is not None and "\n" in card.text else ""
        return status.endswith((f"With {self._name}", f"Answered by {self._name}"))

    async def _look(self, topic: Topic, *, is_over: bool) -> None:
        card = self._card(topic)
        if card is None:
            return
        if self._is_mine(card):
            posts = self._posts(topic)
            if is_over or self._told.get(topic.id) != posts[-1].id:
                number = number_of(topic.name)
                act = next_act(self._lines(topic, posts), self._name, number, is_over=is_over)
                await self._do(act, topic, card)
                self._told[topic.id] = self._posts(topic)[-1].id
        elif "Take" in card.buttons and "Resolve" in card.buttons and len(self._held()) < HOLDS_AT_MOST:
            await self._press(card, "Take")

    async def _do(self, act: Act, topic: Topic, card: Post) -> None:
        number = number_of(topic.name)
        if act.does is Does.RESOLVES:
            self.notebook.resolved.append(number)
            await self._press(card, "Resolve")
        elif act.does in (Does.REPLIES, Does.NOTES):
            is_note = act.does is Does.NOTES
            self.notebook.written.append(Written(self._name, number, act.text, is_note))
            await self._person.says(f"// {act.text}" if is_note else act.text, chat=self._group, thread=topic)
            if is_note:
                await self._do(
                    next_act([*self._lines(topic, self._posts(topic))], self._name, number), topic, card
                )

    async def _press(self, card: Post, button: str) -> None:
        """Press, and wait until the card shows that something came of it."""
        try:
            press = await self._person.presses(card, button)
        except KeyError:  # the card changed a moment ago
            return
        try:
            await self._server.wait_for(
                lambda: press.answer and (press.answer["show_alert"] or button not in card.buttons),
                timeout=CHANGED_WITHIN_S,
            )
        except AssertionError:
            seen = f"{press.answer}, {card.buttons} under {card.text[:60]!r}"
            self.notebook.troubles.append(f"nothing came of {button}: {seen}")

    def _posts(self, topic: Topic) -> list[Post]:
        posts = self._group.chat.posts
        return [posts[n] for n in sorted(posts) if posts[n].thread_id == topic.id and not posts[n].deleted]

    def _card(self, topic: Topic) -> Post | None:
        return next((post for post in reversed(self._posts(topic)) if is_card(post)), None)

    def _lines(self, topic: Topic, posts: list[Post]) -> list[Line]:
        """What stands in the topic as a talk; the earlier words to the bot are none of it."""
        lines: list[Line] = []
        for post in posts:
            if is_card(post):
                continue
            if post.text.startswith((_FAILED, f"// {_FAILED}")):
                lines.append(Line(Side.AGENT, post.text, has_failed=True))
            elif "📝" in post.text or post.text.startswith("//"):
                lines.append(Line(Side.NOTE, post.text))
            elif REFERENCE.search(post.text):
                lines.append(Line(Side.AGENT, post.text))
            elif (marks := MARK.findall(post.text)) and not post.text.startswith("✏️"):
                lines.append(Line(Side.CUSTOMER, post.text.rsplit(": ", 1)[-1] + " ".join(marks)))
            elif not lines:
                lines.append(Line(Side.OTHER, post.text))
        return lines


def is_card(post: Post) -> bool:
    """Whether it is a card: its buttons do something to a conversation."""
    return any(_CARD.fullmatch(str(button.get("callback_data", ""))) for row in post.rows for button in row)
