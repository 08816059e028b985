"""One customer's morning, lived through: they go by what they hear, as people do."""

import asyncio
from collections.abc import Callable

from benchmarks.morning.phones import Heard, Phone
from benchmarks.morning.plans import COMMENT, LAST, PERSON, REFERENCE, Plan, Way
from benchmarks.morning.record import Diary
from bot.texts import render

STARS_WITHIN_S = 120.0
STAR = "★"


class Customer:
    """Lives a plan; the diary says what came of it."""

    def __init__(self, plan: Plan, phone: Phone) -> None:
        self.plan, self._phone = plan, phone
        self.has_queued = False

    @property
    def diary(self) -> Diary:
        """What was done and heard."""
        return self._phone.diary

    async def live(self) -> None:
        """All of it; what never came is noted, and is no error of this program's."""
        try:
            await self._live()
        except TimeoutError as waiting:
            self.diary.outcome = f"stranded, waiting for {waiting}"
        finally:
            if self.plan.way is not Way.BLOCKS and self.plan.channel == "web":
                await self._phone.leave()

    async def look_again(self) -> None:
        """When all is over: who goes after the first of several answers finds the rest when they come again."""
        await self._phone.look_again()

    async def _live(self) -> None:
        await self._phone.open()
        if self.plan.channel == "telegram":
            await self._hear(lambda _: True, "the welcome")
        handed_off = None
        for question in self.plan.questions:
            handed_off = await self._ask(question)
            if handed_off is not None:
                break
        if handed_off is None and self.plan.way is Way.ASKS:
            self.diary.outcome = "asked"
            return
        await self._wait(handed_off or await self._ask_for_person())

    async def _ask(self, question: str) -> Heard | None:
        """Ask, choose, say whether it helped; the hand-over, when that is what it came to."""
        await self._phone.say(question)
        heard = await self._hear(lambda _: True, f"an answer to {question!r}")
        if self._label("none_of_these") in heard.choices:
            await self._phone.press(heard, heard.choices[0])
            heard = await self._hear(lambda _: True, "the chosen answer")
        if self._label("yes") in heard.choices:
            await self._phone.press(heard, self._label("yes" if self.plan.helped else "no"))
            self.diary.feedback += 1
            await self._hear(lambda _: True, "a word on the feedback")
        return heard if self._is_handed_off(heard) else None

    async def _ask_for_person(self) -> Heard:
        await self._phone.say(PERSON[self.plan.language])
        return await self._hear(self._is_handed_off, "a place in the queue")

    async def _wait(self, place: Heard) -> None:
        """Being in the queue: patiently, or not."""
        way = self.plan.way
        if way is Way.IS_LATE:
            self.diary.outcome = "told"
        elif way is Way.BLOCKS:
            await self._phone.leave()
            self.diary.outcome = "blocked"
        elif way is Way.CANCELS and self._may_cancel(place) and await self._has_cancelled(place):
            self.diary.outcome = "cancelled"
        else:
            if self.plan.number % 4 == 0:
                await self._tell("wait")
            await self._talk()
            self.diary.outcome = "served"
            await self._rate()

    async def _has_cancelled(self, place: Heard) -> bool:
        """False when somebody was there just before."""
        await self._phone.press(place, self._label("cancel"))
        cancelled = render(self.plan.language, "wait_cancelled")
        joined = render(self.plan.language, "person_joined", agent="|").split("|")

        def is_decided(heard: Heard) -> bool:
            return heard.text == cancelled or (joined[-1] in heard.text and joined[0] in heard.text)

        return (await self._hear(is_decided, "the end of the wait")).text == cancelled

    async def _talk(self) -> None:
        await self._hear_agent("a greeting")
        for turn in range(self.plan.rounds):
            await self._tell(turn)
            await self._hear_agent(f"a reply to word {turn}")
            if turn == 0 and self.plan.edits:
                await self._edit()
            if turn == 0 and self.plan.reloads:
                await self._phone.reload()
        if self.plan.sends_photo:
            await self._tell("photo")
            await self._hear_agent("a reply to the photo")
        await self._tell(LAST)

    async def _tell(self, what: str | int) -> None:
        """Say something that a person is to see."""
        words = self.plan.said(what)
        self.diary.to_staff.append(f"c{self.plan.number:03}.{what}")
        await (self._phone.send_photo(words) if what == "photo" else self._phone.say(words))

    async def _edit(self) -> None:
        mark = self.diary.to_staff[-1]
        words = self.plan.said("edit").replace(f"c{self.plan.number:03}.edit", f"{mark}, edited")
        await self._phone.edit(words)

    async def _hear_agent(self, what: str) -> None:
        await self._hear(lambda one: REFERENCE.search(one.text) is not None, what)

    async def _hear(self, is_it: Callable[[Heard], bool], what: str) -> Heard:
        """The next that is it. What comes before it is read too: who is greeted while they still write gets a
        reply to those words besides."""

        def read(heard: Heard) -> bool:
            self.diary.references += REFERENCE.findall(heard.text)[-1:]
            return is_it(heard)

        return await self._phone.hear(read, what)

    async def _rate(self) -> None:
        """Stars aspect by aspect, then a comment or none; or nothing at all."""
        asked = await self._hear(_has_stars, "a request for stars")
        if not self.plan.stars:
            return
        for aspect, stars in enumerate(self.plan.stars):
            await self._phone.press(asked, STAR * stars)
            self.diary.stars += 1
            if aspect + 1 < len(self.plan.stars):
                asked = await self._hear(_has_stars, "the next request for stars")
        wanted = await self._hear(self._wants_comment, "the wish for a comment")
        if self.plan.comments:
            await self._phone.say(COMMENT[self.plan.language])
        else:
            await self._phone.press(wanted, self._label("skip"))
        await self._hear(lambda _: True, "thanks for the rating")

    def _is_handed_off(self, heard: Heard) -> bool:
        """Told a place, or that somebody was there before it could be told."""
        return self._may_cancel(heard) or heard.text == render(self.plan.language, "wait_over_taken")

    def _may_cancel(self, heard: Heard) -> bool:
        return self._label("cancel") in heard.choices

    def _wants_comment(self, heard: Heard) -> bool:
        return self._label("skip") in heard.choices and not _has_stars(heard)

    def _label(self, key: str) -> str:
        return render(self.plan.language, f"button.{key}")


def _has_stars(heard: Heard) -> bool:
    return bool(heard.choices) and STAR in heard.choices[0]


async def come(customer: Customer, after_s: float) -> None:
    """Live it, some seconds from now."""
    await asyncio.sleep(after_s)
    await customer.live()
