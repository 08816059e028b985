"""What the store and the Bot API server's log say of a trial, held against what was written."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.databases import is_sound, rows_of
from benchmarks.deliveries import deliveries, disordered_chats
from benchmarks.shop import ANSWER, CHATS, QUESTION
from tests.botapi.server import BotApiServer

_ROWS = (
    "SELECT id, lane, author, text, reply_to_id, delivery FROM message WHERE lane IN ({lanes})"
    " AND author IN ('customer', 'bot') ORDER BY id"
)


@dataclass(frozen=True)
class Judged:
    """Counts; all but `written` should be 0."""

    written: int
    lost: int
    """Messages without a row, or without an answer that arrived."""
    given_up: int
    """Answers that failed twice without saying whether they arrived; they are not sent a third time."""
    duplicated: int
    """Rows too many."""
    out_of_order: int
    extra_deliveries: int
    damaged: int


async def judge(
    server: BotApiServer, written: Mapping[int, list[str]], database_url: str, chats: range = CHATS
) -> Judged:
    """The verdict on what these chats wrote (topics in their order)."""
    lanes = ", ".join(f"'telegram:{chat}'" for chat in chats)
    rows = await rows_of(database_url, _ROWS.format(lanes=lanes))
    arrived = deliveries(server, chats)
    asked: dict[str, list[str]] = defaultdict(list)
    questions: set[int] = set()
    answers: Counter[int] = Counter()
    answered, given_up = set(), set()
    for number, lane, author, text, reply_to, delivery in rows:
        if author == "customer":
            asked[lane].append(text)
            questions.add(number)
            continue
        answers[reply_to] += 1
        if number in arrived:
            answered.add(reply_to)
        elif delivery == "ambiguous":
            given_up.add(reply_to)
    total = sum(map(len, written.values()))
    wanted = {f"telegram:{c}": [QUESTION.format(t) for t in topics] for c, topics in written.items()}
    said = {c: [ANSWER.format(topic) for topic in topics] for c, topics in written.items()}
    disorder = sum(asked[lane] != texts for lane, texts in wanted.items() if len(asked[lane]) == len(texts))
    return Judged(
        written=total,
        lost=max(0, total - len(questions)) + len(questions - answered - given_up),
        given_up=len(given_up),
        duplicated=max(0, len(questions) - total) + sum(count - 1 for count in answers.values()),
        out_of_order=disorder + disordered_chats(server, said),
        extra_deliveries=sum(count - 1 for count in arrived.values()),
        damaged=int(not await is_sound(database_url)),
    )
