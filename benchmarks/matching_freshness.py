"""How soon a published phrasing is found, by questions like it, in a knowledge base of any size.

    python -m benchmarks.matching_freshness [--long] [--json]

A knowledge base of made-up phrasings (`matching_speed.phrasings`) lies on SQLite in articles of a hundred, and a bot's
`Knowledge` has learned it and follows it, training in a process of its own. A phrasing of unheard-of words is
published through another connection, and a question like it (not equal to it) is asked until its article comes out:
`found_s`, median and longest of ten. `held_up_ms` is the longest the event loop, on which customers are answered,
stood still meanwhile. `open_s` tells how long the first learning took.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.bars import Bar, judged
from benchmarks.matching_speed import phrasings
from bot.clock import system_clock
from bot.knowledge import Knowledge
from bot.training_apart import train_apart
from crm_store import publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import Store, open_store, parse_url, watched
from crm_store.schema import apply, with_connection
from crm_store.tasks import ended
from knowledge_base.policy import Policy

SIZES: Final = (1_000, 10_000, 100_000)
LONG: Final = 1_000_000
IN_ARTICLE: Final = 100
TIMES: Final = 10
BARS: Final = (Bar("found_s", at_most=2, ends=False),)
_WITHIN_S: Final = 60.0
_TICK_S: Final = 0.002


def drafts(size: int) -> list[ArticleDraft]:
    """Articles of a hundred phrasings each, of one topic."""
    by_topic: dict[str, list[str]] = {}
    for text, topic in phrasings(size):
        by_topic.setdefault(topic, []).append(text)
    return [
        ArticleDraft(f"{topic}-{start}", f"{topic} {start}", tuple(texts[start : start + IN_ARTICLE]), "Yes.")
        for topic, texts in sorted(by_topic.items())
        for start in range(0, len(texts), IN_ARTICLE)
    ]


async def measure_one(size: int) -> dict[str, float]:
    """The figures at one size."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'published.db'}"
        await with_connection(parse_url(url), apply)
        store, other = open_store(url, owner=True), open_store(url)
        try:
            return await _measured(store, other, drafts(size))
        finally:
            await other.close()
            await store.close()


async def _measured(store: Store, other: Store, articles: list[ArticleDraft]) -> dict[str, float]:
    await _publish(store, articles)
    knowledge = Knowledge(store, system_clock, Policy(), trainer=train_apart, only_server=True)
    began = time.perf_counter()
    await knowledge.open()
    opened = time.perf_counter() - began
    pauses: list[float] = []
    async with watched(store), _following(knowledge), _paused(pauses):
        taken = [await _found(knowledge, other, articles[n % len(articles)], n) for n in range(TIMES)]
    return {
        "articles": len(articles),
        "open_s": round(opened, 1),
        "found_s": round(max(taken), 3),
        "found_s_median": round(median(taken), 3),
        "held_up_ms": round(max(pauses) * 1e3, 1),
    }


async def _publish(store: Store, articles: list[ArticleDraft]) -> None:
    async with store.write() as session:
        await publishing.publish(session, articles, by="benchmark", now=system_clock())


async def _found(knowledge: Knowledge, other: Store, article: ArticleDraft, number: int) -> float:
    """Seconds from the commit of an added phrasing until a question like it finds its article."""
    added = f"does the zephyr{number} of quillon{number} come in green"
    changed = replace(article, phrasings=(*article.phrasings, added))
    await _publish(other, [changed])
    began = time.perf_counter()
    while time.perf_counter() - began < _WITHIN_S:
        decision = knowledge.decide_many([f"is the green zephyr{number} of quillon{number} still to be had"])[
            0
        ]
        if any(match.article_key == article.key for match in decision.matches):
            return time.perf_counter() - began
        await asyncio.sleep(_TICK_S)
    raise SystemExit(f"the phrasing added to {article.key} was not found within {_WITHIN_S:.0f} s")


@asynccontextmanager
async def _following(knowledge: Knowledge) -> AsyncIterator[None]:
    task = asyncio.create_task(knowledge.follow())
    try:
        yield
    finally:
        await ended(task)


@asynccontextmanager
async def _paused(pauses: list[float]) -> AsyncIterator[None]:
    """Append how much later than asked for the event loop woke, again and again."""

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            pauses.append(time.perf_counter() - began - _TICK_S)

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        await ended(task)


def measure(*, long: bool) -> dict[str, Any]:
    """The figures by size."""
    sizes = (*SIZES, LONG) if long else SIZES
    return {str(size): judged(asyncio.run(measure_one(size)), BARS) for size in sizes}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="a million phrasings, too")
    parser.add_argument("--json", action="store_true", help="print JSON on one line")
    given = parser.parse_args()
    found = measure(long=given.long)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
