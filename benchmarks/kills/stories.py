"""Customers with a whole story: an answer that helped, a hand-over, a talk with an agent, stars and a comment.

Every press is repeated by the platform, every button of the staff is pressed twice. What was done is counted, to be
held against the store afterwards. A story goes on when what it waits for has arrived, however many lives that takes;
only a request for stars may never come, since it must not come twice.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from benchmarks.kills.witness import Arrival, Witness
from benchmarks.shop import QUESTION, TOPICS
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.world import Post, Topic

GROUP = -1001234567890
FIRST_ID = 2001
AGENT_ID = 71
LOOK_EVERY_S = 0.01
STARS_WITHIN_S = 2.0
PRESSED_AGAIN_AFTER_S = 5.0
_STARS = "★"
_CARD = re.compile(r"desk:(\d+):(\w+)")
T = TypeVar("T")


@dataclass
class Deeds:
    """What one customer, and the agent for them, did."""

    said: list[Post] = field(default_factory=list)
    relayed: list[str] = field(default_factory=list)
    """Words that the staff must see."""
    replies: list[str] = field(default_factory=list)
    edits: int = 0
    helped: set[int] = field(default_factory=set)
    """Answers (rows) that were said to have helped."""
    stars: set[int] = field(default_factory=set)
    """Requests for stars (rows) that got some."""
    handoffs: int = 0
    pressed: Counter[str] = field(default_factory=Counter)
    """The agent's buttons that had an effect."""
    pressing: str | None = None
    """One that had none yet when the story ended; it may have had one since."""


class Story:
    """One customer, over and over."""

    def __init__(self, server: Witness, number: int, agent: Person, group: Group) -> None:
        self._server, self._agent, self._group = server, agent, group
        self.person: Person = server.user(FIRST_ID + number, f"Story {number}")
        self.deeds = Deeds()
        self._turn = 0
        self._conversation = 0
        self._newest: Post | None = None
        self._seen = (0, 0)

    async def run(self) -> None:
        """Until cancelled."""
        await self.person.starts()
        while True:
            self._turn += 1
            await self._ask()
            topic = await self._fetch_a_person()
            await self._talk(topic)
            await self._rate()

    async def _ask(self) -> None:
        mark = len(self._arrived)
        await self._say(QUESTION.format(TOPICS[self._turn % len(TOPICS)]))
        answer = await self._next(mark, lambda a: a.number is not None and a.text.startswith("All about"))
        self.deeds.helped.add(answer.number or 0)
        await self._press(answer, 0)

    async def _fetch_a_person(self) -> Topic:
        self.deeds.handoffs += 1
        # The number: what the staff sees of two hand-overs is never alike, so what is alike was posted twice.
        await self._say(f"/human {self._turn}")
        topic, self._conversation = await _until(self._called)
        await self._staff_press("take")
        return topic

    async def _talk(self, topic: Topic) -> None:
        mark, reply = len(self._arrived), f"Reply {self._turn} to {self.person.id}"
        self.deeds.replies.append(reply)
        await self._agent.says(reply, chat=self._group, thread=topic)
        await self._next(mark, lambda a: a.text == reply)
        words = f"Word {self._turn} of {self.person.id}"
        self.deeds.relayed.append(words)
        post = await self._say(words)
        group = self._server.arrivals[GROUP]
        await _until(lambda: any(words in arrival.text for arrival in group[-400:]))
        self.deeds.edits += 1
        await self.person.edits(post, f"{words}, corrected")

    async def _rate(self) -> None:
        mark = len(self._arrived)
        await self._staff_press("resolve")
        for _ in range(3):
            try:
                async with asyncio.timeout(STARS_WITHIN_S):
                    asked = await self._next(
                        mark, lambda a: a.number not in self.deeds.stars and _has_stars(a)
                    )
            except TimeoutError:
                return
            self.deeds.stars.add(asked.number or 0)
            await self._press(asked, self._turn % 5)
        await self._next(mark, lambda a: "comment" in a.text)
        await self._say(f"Comment {self._turn} of {self.person.id}")

    async def _say(self, text: str) -> Post:
        post = await self.person.says(text)
        self.deeds.said.append(post)
        return post

    async def _press(self, arrival: Arrival, index: int) -> None:
        """A button, told to the bot twice."""
        await self.person.presses_data(arrival.post, arrival.buttons[index])
        self._server.repeat(self._server.updates[-1])

    async def _staff_press(self, action: str) -> None:
        """The button of the newest card, twice; again when nothing came of it, as agents do."""
        card, data = await _until(lambda: self._button(action))
        self.deeds.pressing = action
        while True:
            for _ in range(2):
                await self._agent.presses_data(card, data)
            try:
                async with asyncio.timeout(PRESSED_AGAIN_AFTER_S):
                    await _until(lambda: self._button(action) is None)
                self.deeds.pressed[action] += 1
                self.deeds.pressing = None
                return
            except TimeoutError:
                card, data = self._button(action) or (card, data)

    def _topic(self) -> Topic | None:
        topics = [topic for topic in self._group.topics if topic.name == self.person.face["first_name"]]
        return topics[-1] if topics else None

    def _card(self) -> Post | None:
        """The newest card in the customer's topic: one that a killed bot did not remember stands above it."""
        topic = self._topic()
        if topic is not None and (topic.id, len(self._group.chat.sent)) != self._seen:
            self._seen = (topic.id, len(self._group.chat.sent))
            posts = (post for post in reversed(self._group.chat.sent) if post.thread_id == topic.id)
            self._newest = next((post for post in posts if _actions(post)), None)
        return self._newest

    def _called(self) -> tuple[Topic, int] | None:
        """The customer's topic and the conversation, once its card may be taken."""
        topic, card = self._topic(), self._card()
        actions = _actions(card) if card is not None else {}
        number = actions.get("take", 0)
        if topic is None or number <= self._conversation or "resolve" not in actions:
            return None
        return topic, number

    def _button(self, action: str) -> tuple[Post, str] | None:
        card = self._card()
        if card is None or _actions(card).get(action) != self._conversation:
            return None
        return card, f"desk:{self._conversation}:{action}"

    @property
    def _arrived(self) -> list[Arrival]:
        return self._server.arrivals[self.person.id]

    async def _next(self, mark: int, is_it: Callable[[Arrival], bool]) -> Arrival:
        return await _until(lambda: next((a for a in self._arrived[mark:] if is_it(a)), None))


def _has_stars(arrival: Arrival) -> bool:
    return bool(arrival.post.buttons) and arrival.post.buttons[0].startswith(_STARS)


def _actions(card: Post) -> dict[str, int]:
    """What the card's buttons do, each with the conversation it names."""
    found = (_CARD.fullmatch(str(button.get("callback_data"))) for row in card.rows for button in row)
    return {match.group(2): int(match.group(1)) for match in found if match}


async def _until(look: Callable[[], T | None]) -> T:
    while not (seen := look()):
        await asyncio.sleep(LOOK_EVERY_S)
    return seen
