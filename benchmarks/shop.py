"""A shop that knows eight topics, and customers who ask about them: what most trials stand on."""

import random
import tempfile
from collections.abc import MutableMapping, Sequence

from bot.clock import system_clock
from crm_store import migrate, publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import open_store
from tests.botapi.server import BotApiServer

TOPICS = ("parcel", "refund", "invoice", "password", "warranty", "voucher", "address", "colour")
QUESTION = "Where do I find everything about my {0}?"
ANSWER = "All about your {0} is in your account."
CHATS = range(1001, 1041)


async def prepare(database_url: str) -> None:
    """The tables, and an article for each topic."""
    await migrate.upgrade(database_url, backup_folder=tempfile.gettempdir(), now=system_clock())
    drafts = [
        ArticleDraft(topic, QUESTION.format(topic), (f"my {topic}", topic), ANSWER.format(topic))
        for topic in TOPICS
    ]
    store = open_store(database_url)
    async with store.write() as session:
        await publishing.publish(session, drafts, by="benchmark", now=system_clock())
    await store.close()


def ask(
    server: BotApiServer,
    chance: random.Random,
    written: MutableMapping[int, list[str]],
    count: int,
    chats: Sequence[int] = CHATS,
) -> None:
    """So many questions at once, each by some chat about some topic, which is added to its list in `written`."""
    texts = []
    for _ in range(count):
        chat, topic = chance.choice(chats), chance.choice(TOPICS)
        written[chat].append(topic)
        texts.append((chat, QUESTION.format(topic)))
    server.pour(texts)
