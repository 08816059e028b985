"""What the store (by plain SQL) and the Bot API server's log say of a trial with many processes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from benchmarks.databases import rows_of
from benchmarks.deliveries import disordered_chats, row_number
from benchmarks.growth.load import HELD, Load
from benchmarks.shop import ANSWER, QUESTION
from tests.botapi.server import BotApiServer


@dataclass(frozen=True)
class Verdict:
    """What went wrong, all to be 0 but for the last: a killed process's call may have arrived."""

    updates: int
    replies: int
    lost: int
    duplicated: int
    out_of_order: int
    extra_deliveries: int
    most_extras_of_a_chat: int
    """A lane has one message on the wire, so each process that ends may leave one behind in a chat."""


async def judge(load: Load, database_url: str) -> Verdict:
    """The counts."""
    rows = await rows_of(database_url, "SELECT id, lane, author, text, reply_to_id FROM message ORDER BY id")
    parked = (await rows_of(database_url, "SELECT count(*) FROM parked_update"))[0][0]
    updates = sum(len(topics) for topics in load.written.values())
    arrived = Counter(number for post in _answers(load.server) if (number := row_number(post)) is not None)
    asked: dict[str, list[str]] = defaultdict(list)
    questions: set[int] = set()
    answers: Counter[int] = Counter()
    answered: set[int] = set()
    for row_id, lane, author, text, reply_to in rows:
        if int(lane.partition(":")[2]) in HELD:
            continue
        if author == "customer":
            asked[lane].append(text)
            questions.add(row_id)
        else:
            answers[reply_to] += 1
            answered |= {reply_to} if row_id in arrived else set()
    wanted = {f"telegram:{c}": [QUESTION.format(t) for t in topics] for c, topics in load.written.items()}
    disorder = sum(asked[lane] != texts for lane, texts in wanted.items() if len(asked[lane]) == len(texts))
    said = _said_by_agents(load.server)
    replied = {chat: [ANSWER.format(topic) for topic in topics] for chat, topics in load.written.items()}
    return Verdict(
        updates=updates,
        replies=sum(map(len, load.accepted.values())),
        lost=max(0, updates - len(questions))
        + len(questions - answered)
        + sum(len(set(texts) - set(said[chat])) for chat, texts in load.accepted.items())
        + parked,
        duplicated=max(0, len(questions) - updates)
        + sum(count - 1 for count in answers.values())
        + _rows_twice(rows),
        out_of_order=disorder + disordered_chats(load.server, replied) + sum(
            texts != sorted(texts, key=load.attempted[chat].index) for chat, texts in said.items()
        ),
        extra_deliveries=sum(count - 1 for count in arrived.values()) + _again(load.server),
        most_extras_of_a_chat=max(_extras_by_chat(load.server).values(), default=0),
    )  # fmt: skip


def _answers(server: BotApiServer) -> list[Any]:
    return [post for post in server.world.sent if post.chat_id not in HELD]


def _extras_by_chat(server: BotApiServer) -> Counter[int]:
    seen: set[int] = set()
    extras: Counter[int] = Counter()
    for post in _answers(server):
        number = row_number(post)
        if number is not None:
            extras[post.chat_id] += number in seen
            seen.add(number)
    return extras


def _replies(server: BotApiServer, chat: int) -> list[str]:
    return [post.text.splitlines()[-1] for post in server.sent(chat) if "reply " in post.text]


def _said_by_agents(server: BotApiServer) -> dict[int, list[str]]:
    """What arrived of the agents' replies, each when it first did."""
    return {chat: list(dict.fromkeys(_replies(server, chat))) for chat in HELD}


def _again(server: BotApiServer) -> int:
    every = [text for chat in HELD for text in _replies(server, chat)]
    return len(every) - len(set(every))


def _rows_twice(rows: Any) -> int:
    texts = Counter(text for _, _, author, text, _ in rows if author == "agent")
    return sum(count - 1 for count in texts.values())
