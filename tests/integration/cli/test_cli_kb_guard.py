"""`frontdesk kb import` refuses what would make a question with a known answer wrong, as the API does."""

import asyncio

import pytest

from bot.clock import system_clock
from crm_store import audit, question_labels
from crm_store.engine import open_store
from crm_store.models.conversations import Conversation
from crm_store.models.staff import AuditEntry
from tests.admin_world import conversation
from tests.commandline import CommandLine

ARTICLES = """
- key: shipping
  question: How long does shipping take?
  phrasings: [when will it arrive, delivery time]
  answer: Three days.
- key: payment
  question: How can I pay?
  phrasings: [do you take cards, ways to pay]
  answer: By card.
"""
WITHOUT_SHIPPING = ARTICLES[ARTICLES.index("- key: payment") :]


async def _know(url: str, question: str, key: str) -> None:
    """As if the article had helped a customer who asked so."""
    store = open_store(url)
    number = await conversation(store, system_clock(), text=question)
    async with store.write() as session:
        values = {
            "customer_id": (await session.get_one(Conversation, number)).customer_id,
            "conversation_id": number,
            "question": question,
            "normal": question,
            "language": "en",
            "article_key": key,
            "agrees": True,
            "source": "helped",
            "was_alone": False,
            "created_at": system_clock(),
        }
        await question_labels.add(session, values)
    await store.close()


async def _trail(url: str) -> list[AuditEntry]:
    store = open_store(url)
    async with store.read() as session:
        found = await audit.page(session)
    await store.close()
    return found


@pytest.fixture
def known(frontdesk: CommandLine, sqlite_url: str) -> CommandLine:
    assert frontdesk("kb", "import", frontdesk.file("in.yaml", ARTICLES)).status == 0
    asyncio.run(_know(sqlite_url, "delivery time", "shipping"))
    return frontdesk


def _keys(frontdesk: CommandLine) -> list[str]:
    return [row["key"] for row in frontdesk("kb", "list", "--json").json]


def test_an_import_that_makes_a_known_question_wrong_is_refused(known: CommandLine) -> None:
    file = known.file("less.yaml", WITHOUT_SHIPPING)
    refused = known("kb", "import", file, "--replace")
    assert (refused.status, refused.out) == (1, "")
    assert "would become wrong: “delivery time”: answered with 'shipping' before" in refused.err
    assert "--reason TEXT" in refused.err
    as_json = known("kb", "import", file, "--replace", "--json")
    assert (as_json.status, as_json.json["imported"]) == (1, 0)
    assert [each["text"] for each in as_json.json["regressions"]] == ["delivery time"]
    assert _keys(known) == ["shipping", "payment"]
    assert known("kb", "import", file).status == 0, "without --replace nothing is lost"


def test_with_a_reason_it_is_published_and_the_audit_keeps_it(known: CommandLine, sqlite_url: str) -> None:
    file = known.file("less.yaml", WITHOUT_SHIPPING)
    assert known("kb", "import", file, "--replace", "--reason", "no").status == 2
    forced = known("kb", "import", file, "--replace", "--reason", "we no longer ship")
    assert (forced.status, _keys(known)) == (0, ["payment"])
    newest, first = asyncio.run(_trail(sqlite_url))
    assert (newest.actor, newest.action) == ("command line", "articles.import_file")
    assert newest.detail == {"articles": 1, "forced": "we no longer ship"}
    assert first.detail["forced"] is None
