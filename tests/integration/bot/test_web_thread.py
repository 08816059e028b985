"""The web chat from a visitor's frame to the reply, through the real house."""

from collections.abc import AsyncIterator

import pytest

from crm_store.engine import Store
from tests.webchat import Site, open_site


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def test_a_question_is_accepted_and_answered(site: Site) -> None:
    visitor, _ = await site.introduced(language="en")
    client_id = await visitor.say("Where is my order?")
    assert (await visitor.next("accepted"))["client_id"] == client_id
    frames = visitor.told
    answer = next((f for f in frames if f["type"] == "message"), None) or await visitor.next("message")
    assert answer["text"] == "The tracking link is in your dispatch mail."
    assert (answer["author"], answer["question"], answer["layout"]) == ("bot", "Did this help?", "buttons")
    assert answer["choices"] == ["👍 Yes", "👎 No", "Talk to a person"]
