"""What a trial with many processes stands on: a PostgreSQL, a shop that knows eight topics, and settings."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bot.clock import system_clock
from crm_store import migrate, publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import open_store

TOKEN = "123456:" + "G" * 35
TOPICS = ("parcel", "refund", "invoice", "password", "warranty", "voucher", "address", "colour")
QUESTION = "Where do I find everything about my {0}?"
ANSWER = "All about your {0} is in your account."


@contextmanager
def database(url: str | None = None) -> Iterator[str]:
    """The given database, or one on a PostgreSQL of its own that is gone afterwards."""
    if url is not None:
        yield url
        return
    from tests.postgres_server import start_server

    server = start_server()
    try:
        server.sql('CREATE DATABASE "growth"')
        yield server.database("growth")
    finally:
        server.stop()


async def prepare(database_url: str) -> None:
    """The tables, and an article for each topic."""
    await migrate.upgrade(database_url, backup_folder=tempfile.gettempdir(), now=system_clock())
    drafts = [
        ArticleDraft(topic, QUESTION.format(topic), (f"my {topic}", topic), ANSWER.format(topic))
        for topic in TOPICS
    ]
    store = open_store(database_url)
    async with store.write() as session:
        await publishing.publish(session, drafts, by="growth", now=system_clock())
    await store.close()


def environment(database_url: str, base_url: str) -> dict[str, str]:
    """Every process's settings; the limits of sending are where they limit nothing."""
    return os.environ | {
        "FRONTDESK_DATABASE_URL": database_url,
        "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
        "FRONTDESK_TELEGRAM_BASE_URL": base_url,
        "FRONTDESK_OVERALL_PER_S": "100000",
        "FRONTDESK_PER_CHAT_PER_S": "100000",
        "FRONTDESK_LOG_LEVEL": os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR"),
        "OMP_NUM_THREADS": "1",
    }
