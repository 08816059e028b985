"""The judge: the store, read by plain SQL, held against what customers and staff did and what arrived with them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.databases import is_sound, rows_of
from benchmarks.kills.askers import Askers
from benchmarks.kills.lanes import Row, compare
from benchmarks.kills.stories import GROUP, Deeds, Story
from benchmarks.kills.verdict import DUPLICATED, LOST, OUT_OF_ORDER, Verdict
from benchmarks.kills.visitors import Visitor
from benchmarks.kills.witness import Arrival, Witness
from benchmarks.shop import QUESTION

ANSWERS_TO = "bot"
_OF_CONVERSATION = "JOIN conversation c ON c.id = x.conversation_id"
COUNTS = {
    # what customers and staff did -> the rows (x) of it, which belong to an identity by way of a conversation (c)
    "handoffs": f"handoff x {_OF_CONVERSATION}",
    "takes": f"assignment x {_OF_CONVERSATION} AND x.reason = 'take'",
    "resolves": f"status_change x {_OF_CONVERSATION} AND x.change = 'resolve'",
    "rating requests": f"rating_request x {_OF_CONVERSATION}",
    "stars": f"rating x {_OF_CONVERSATION}",
    # the customers' own: the house rewords what it told of places
    "edits": "message_edit e JOIN message x ON x.id = e.message_id AND x.author = 'customer' "
    + _OF_CONVERSATION,
    "helped": f"answer_feedback x {_OF_CONVERSATION} AND x.helped",
    "topics": "desk_topic t JOIN (SELECT id AS identity_id, customer_id FROM identity) c "
    "ON c.customer_id = t.customer_id",
}
MESSAGES = """SELECT id, lane, author, kind, text, reply_to_id, delivery, intent, platform_id, is_note
 FROM message ORDER BY id"""


async def judge(
    url: str, server: Witness, askers: Askers, stories: Sequence[Story], visitors: Sequence[Visitor]
) -> Verdict:
    """Everything that is wrong."""
    verdict = Verdict()
    rows = await rows_of(url, MESSAGES)
    lanes: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        lanes[row[1]].append(row)
    for chat, topics in askers.written.items():
        asked = [QUESTION.format(topic) for topic in topics]
        _judge_asker(verdict, f"telegram:{chat}", asked, lanes[f"telegram:{chat}"])
    people = {
        address: number
        for number, address in await rows_of(
            url, "SELECT id, address FROM identity WHERE channel = 'telegram'"
        )
    }
    counts = {
        name: dict(map(tuple, await rows_of(url, f"SELECT c.identity_id, count(*) FROM {of} GROUP BY 1")))
        for name, of in COUNTS.items()
    }
    for story in stories:
        address = str(story.person.id)
        mine = {name: found.get(people.get(address), 0) for name, found in counts.items()}
        _judge_deeds(verdict, address, story.deeds, mine)
        _judge_words(verdict, address, story.deeds, lanes[f"telegram:{address}"])
    for chat in (*askers.written, *(story.person.id for story in stories)):
        compare(verdict, chat, _outgoing(lanes[f"telegram:{chat}"]), server.arrivals[chat])
    _judge_visitors(
        verdict, visitors, {lane: found for lane, found in lanes.items() if lane and lane.startswith("web:")}
    )
    _judge_group(verdict, server.arrivals[GROUP], stories, server)
    for source, number, error in await rows_of(url, "SELECT source, update_id, error FROM parked_update"):
        verdict.say(LOST, f"update {source} {number} was parked: {error}")
    if not await is_sound(url):
        verdict.say(LOST, "the database is damaged")
    return verdict


def _outgoing(rows: Iterable[Any]) -> list[Row]:
    return [
        Row(number, text, delivery, is_once='"once"' in str(intent))
        for number, _lane, _author, _kind, text, _to, delivery, intent, _platform, is_note in rows
        if delivery is not None and not is_note
    ]


def _judge_asker(verdict: Verdict, lane: str, texts: Sequence[str], rows: Sequence[Any]) -> None:
    """Each question one row, in order; each row one answer."""
    asked = [row for row in rows if row[2] == "customer"]
    _compare_words(verdict, lane, texts, [row[4] for row in asked])
    answers = Counter(row[5] for row in rows if row[2] == ANSWERS_TO)
    for row in asked:
        if answers[row[0]] != 1:
            kind = LOST if not answers[row[0]] else DUPLICATED
            verdict.say(kind, f"{lane}: {answers[row[0]]} answers to row {row[0]}")


def _compare_words(verdict: Verdict, lane: str, wanted: Sequence[str], kept: Sequence[str]) -> None:
    missing, surplus = Counter(wanted) - Counter(kept), Counter(kept) - Counter(wanted)
    for text, count in missing.items():
        verdict.say(LOST, f"{lane}: {count} x {text!r} has no row")
    for text, count in surplus.items():
        verdict.say(DUPLICATED, f"{lane}: {count} rows too many of {text!r}")
    if not missing and not surplus and list(wanted) != list(kept):
        verdict.say(OUT_OF_ORDER, f"{lane}: rows in another order than written")


def _judge_deeds(verdict: Verdict, address: str, deeds: Deeds, kept: Mapping[str, int]) -> None:
    """Each effect once."""
    wanted = {
        "handoffs": deeds.handoffs,
        "takes": deeds.pressed["take"],
        "resolves": deeds.pressed["resolve"],
        "rating requests": deeds.pressed["resolve"],
        "stars": len(deeds.stars),
        "edits": deeds.edits,
        "helped": len(deeds.helped),
        "topics": min(1, deeds.handoffs),
    }
    maybe = {"take": ("takes",), "resolve": ("resolves", "rating requests")}.get(deeds.pressing or "", ())
    for name, count in wanted.items():
        if not count <= kept[name] <= count + (name in maybe):
            kind = LOST if kept[name] < count else DUPLICATED
            verdict.say(kind, f"{address}: {name}: {count} done, {kept[name]} kept")


def _judge_words(verdict: Verdict, address: str, deeds: Deeds, rows: Sequence[Any]) -> None:
    """What was said, by its last wording, and what the agent replied."""
    said = {str(post.id): post.text for post in deeds.said}
    kept = [(row[8], row[4]) for row in rows if row[2] == "customer" and row[3] == "text" and row[8] in said]
    _compare_words(verdict, address, [f"{k} {v}" for k, v in said.items()], [f"{k} {v}" for k, v in kept])
    replies = [row[4] for row in rows if row[2] == "agent"]
    _compare_words(verdict, f"agent to {address}", deeds.replies, replies)


def _judge_visitors(
    verdict: Verdict, visitors: Sequence[Visitor], lanes: Mapping[str, Sequence[Any]]
) -> None:
    """Each text one row, in order, and one answer; each of the house's messages on the page, in order."""
    by_first = {
        next((row[4] for row in rows if row[2] == "customer"), ""): lane for lane, rows in lanes.items()
    }
    for visitor in visitors:
        if not visitor.said:
            continue
        lane = by_first.get(visitor.said[0], "web:?")
        rows = lanes.get(lane, [])
        _judge_asker(verdict, lane, visitor.said, rows)
        sent = [row.id for row in _outgoing(rows)]
        for number in sorted(set(sent) - set(visitor.shown)):
            verdict.say(LOST, f"{lane}: row {number} never came to the page")
        if visitor.shown != sorted(visitor.shown):
            verdict.say(OUT_OF_ORDER, f"{lane}: the page got {visitor.shown}")


def _judge_group(
    verdict: Verdict, arrivals: Sequence[Arrival], stories: Sequence[Story], server: Witness
) -> None:
    """What the staff must see is there; what stands there twice is an extra delivery."""
    times: dict[tuple[int | None, str], list[Arrival]] = defaultdict(list)
    for name, lives in server.topics.items():
        for earlier_life, later_life in pairwise(lives):
            verdict.blame(f"topic of {name}", (earlier_life, False), later_life)
    for arrival in arrivals:
        is_card = any(data.startswith("desk:") for data in arrival.buttons)
        times[arrival.post.thread_id, "card" if is_card else arrival.text].append(arrival)
    for (topic, _), arrived in times.items():
        for earlier, later in pairwise(arrived):
            verdict.blame(f"topic {topic}", (earlier.life, earlier.excuses(later.life)), later.life)
    for story in stories:
        for words in story.deeds.relayed:
            if not any(words in text for _, text in times):
                verdict.say(LOST, f"the staff never saw {words!r}")
