"""One morning, from the first customer to the verdict."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.bars import machine
from benchmarks.morning import events, figures
from benchmarks.morning.customer import Customer, come
from benchmarks.morning.desk_agent import DeskAgent
from benchmarks.morning.ground import FIRST_CUSTOMER_ID, GROUP, Ground, at_rest, opened
from benchmarks.morning.group_agent import is_card
from benchmarks.morning.judging import (
    DISORDERED,
    LOST,
    STRANDED,
    TWICE,
    Scene,
    Verdict,
    judge_customer,
    judge_desks,
    judge_replies,
    judge_secrets,
)
from benchmarks.morning.manners import number_of
from benchmarks.morning.plans import Way, make
from tests.botapi.world import Post

RESTS_WITHIN_S = 120.0
IDLE_S = 60.0
"""So long nothing may go out while something is left to."""
GOES_WITHIN_S = 600.0
WAITS_S = 1800.0
PAGES = {
    "customers": "/customers",
    "insights": "/insights",
    "search": "/search",
    "desk": "/",
}
REFUSED = "status of 409"
"""The browser's own word for a press where a colleague was quicker; the page tells that as it should."""
UNTAKEN = "SELECT count(*) FROM conversation WHERE status IN ('assigned', 'waiting_customer')"


@dataclass(frozen=True, slots=True)
class Morning:
    """What came of it."""

    figures: dict[str, Any]
    breaks: list[tuple[str, str]]


async def run(
    folder: Path,
    customers: int,
    lasts_s: float,
    seed: int,
    *,
    pictures: Path | None = None,
    waits_s: float = WAITS_S,
) -> Morning:
    """The whole of it, in an empty folder; who is not done `waits_s` after the last came is stranded."""
    async with opened(folder) as ground:
        began = datetime.now(UTC)
        people = [ground.customer(plan) for plan in make(customers, seed)]
        await _pass(ground, people, lasts_s, waits_s, pictures)
        has_settled = await at_rest(ground, IDLE_S)
        ended = datetime.now(UTC) + timedelta(seconds=1)
        await asyncio.gather(*(one.look_again() for one in people))
        summary = await ground.ask("GET", f"/reports/summary?start={_asked(began)}&end={_asked(ended)}")
        by_sql = figures.computed(ground.database, _stored(began), _stored(ended))
        differing = figures.differing(by_sql, figures.told(summary))
        complaints = [one for agent in ground.desk_agents for one in await _complaints(agent)]
        verdict = _judged(ground, people)
        told = _told(ground, people, verdict, (ended - began).total_seconds())
        told |= {
            "different_figures": len(differing),
            "complaints": len(complaints),
            "unsettled": 0 if has_settled else 1,
            "report": by_sql,
            "machine": machine(),
        }
        breaks = [*verdict.breaks, *(("complaints", one) for one in complaints)]
        breaks += [("different_figures", f"{name}: {both}") for name, both in differing.items()]
        breaks += [("violations", one) for one in ground.server.violations]
        return Morning(told, breaks)


async def _pass(
    ground: Ground, people: Sequence[Customer], lasts_s: float, waits_s: float, pictures: Path | None
) -> None:
    """The morning itself: all come and are served; the agents go; who comes late finds nobody."""
    over = asyncio.Event()
    agents = [asyncio.create_task(ground.group_agent.work(over))]
    agents += [asyncio.create_task(agent.work(over)) for agent in ground.desk_agents]
    in_time = [one for one in people if one.plan.way is not Way.IS_LATE]
    late = [one for one in people if one.plan.way is Way.IS_LATE]
    lives = [asyncio.create_task(come(one, one.plan.arrives * lasts_s)) for one in in_time]
    midway = asyncio.create_task(_midway(ground, lasts_s, pictures))
    await _until_done(lives, lasts_s + waits_s)
    await _all_closed(ground)
    over.set()
    async with asyncio.timeout(GOES_WITHIN_S):
        await asyncio.gather(*agents, midway)
    await ground.group_agent.clock_out()
    for agent in ground.desk_agents:
        await agent.leave()
    await asyncio.gather(*(come(one, 0.0) for one in late))
    for name, path in PAGES.items():
        await ground.desk_agents[0].picture(pictures, f"morning-after-{name}", path)


async def _until_done(lives: Sequence[asyncio.Task[None]], within_s: float) -> None:
    _, stranded = await asyncio.wait(lives, timeout=within_s)
    for life in stranded:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    for life in lives:
        if not life.cancelled():
            life.result()


async def _midway(ground: Ground, lasts_s: float, pictures: Path | None) -> None:
    """Pictures of both desks at work."""
    for moment in (1, 2):
        await asyncio.sleep(lasts_s / 3)
        for place, agent in enumerate(ground.desk_agents):
            await agent.picture(pictures, f"morning-desk-{place + 1}-at-{moment}")


async def _all_closed(ground: Ground) -> None:
    """Give the agents the time to close what is left: who has blocked the bot says no farewell."""
    until = asyncio.get_running_loop().time() + RESTS_WITHIN_S
    while asyncio.get_running_loop().time() < until:
        waiting = (await ground.ask("GET", "/queue"))["items"]
        if not waiting and not events.count(ground.database, UNTAKEN):
            return
        await asyncio.sleep(0.5)


async def _complaints(agent: DeskAgent) -> list[str]:
    return [one for one in await agent.watched.all_complaints() if REFUSED not in one]


def _judged(ground: Ground, people: Sequence[Customer]) -> Verdict:
    verdict, known, scene = Verdict(), events.customers(ground.database), _scene(ground, people)
    books = [ground.group_agent.notebook, *(agent.notebook for agent in ground.desk_agents)]
    for person in people:
        plan, diary, found = person.plan, person.diary, known.get(person.plan.name)
        written = [one for book in books for one in book.written if one.number == plan.number]
        written.sort(key=lambda one: int(one.text.rsplit("-", 1)[-1]))
        judge_customer(verdict, plan, diary, found, scene)
        judge_replies(verdict, plan, diary, found, written)
        judge_desks(verdict, plan, diary, books, scene, written)
    judge_secrets(verdict, scene)
    parked = events.count(ground.database, "SELECT count(*) FROM parked_update")
    if parked:
        verdict.say(LOST, f"{parked} updates were parked")
    return verdict


def _scene(ground: Ground, people: Sequence[Customer]) -> Scene:
    group = ground.server.group(GROUP)
    names = {topic.id: number_of(topic.name) for topic in group.topics}
    in_topic: dict[int, list[Post]] = defaultdict(list)
    for number in sorted(group.chat.posts):
        post = group.chat.posts[number]
        if post.thread_id in names and not post.deleted and not is_card(post):
            in_topic[names[post.thread_id]].append(post)
    in_chat = {
        one.plan.number: list(ground.server.sent(FIRST_CUSTOMER_ID + one.plan.number))
        for one in people
        if one.plan.channel == "telegram"
    }
    return Scene(in_chat, in_topic)


def _told(ground: Ground, people: Sequence[Customer], verdict: Verdict, seconds: float) -> dict[str, Any]:
    """Figures for people, and the counts of what is wrong."""
    books = [ground.group_agent.notebook, *(agent.notebook for agent in ground.desk_agents)]
    outcomes = Counter(one.diary.outcome.partition(",")[0] for one in people)
    return {
        "customers": len(people),
        "on_telegram": sum(one.plan.channel == "telegram" for one in people),
        "in_chinese": sum(one.plan.language == "zh" for one in people),
        "seconds": round(seconds, 1),
        "said": sum(len(one.diary.said) for one in people),
        "arrived": events.count(ground.database, "SELECT count(*) FROM message WHERE delivery = 'sent'"),
        "replies": [sum(not one.is_note for one in book.written) for book in books],
        "resolved": [len(book.resolved) for book in books],
        "outcomes": dict(outcomes),
        "troubles": [trouble for book in books for trouble in book.troubles],
        **{kind: verdict.count(kind) for kind in (LOST, TWICE, DISORDERED, STRANDED)},
        "violations": len(ground.server.violations),
    }


def _asked(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _stored(moment: datetime) -> str:
    """As the store writes moments."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
