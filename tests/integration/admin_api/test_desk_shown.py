"""What customers sent, on the pages of the desk: no address of theirs and no markup gets through as such."""

from typing import Any

from crm_store.models.conversations import Message
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits

BOLD = {"type": "bold", "offset": 3, "length": 11}
LINK = {"type": "text_link", "offset": 15, "length": 4, "url": 'https://example.com/"><script>'}


async def test_the_thread_and_the_search_show_what_was_sent(both_stage: Stage) -> None:
    stage = both_stage
    number = await customer_waits(stage, "where are you?")
    text = "so <b>bold</b> here"
    place = {"type": "location", "latitude": 52.52, "longitude": 13.405}
    person = {"type": "contact", "first_name": "Ann", "last_name": "Lee", "phone_number": "+4930"}
    rows: list[dict[str, Any]] = [
        {"kind": "text", "text": text, "intent": {"marks": [BOLD, LINK], "marked": len(text)}},
        {"kind": "sticker", "attachment": {"type": "sticker", "file_id": "x", "emoji": "😀"}},
        {"kind": "contact", "attachment": person},
        {"kind": "location", "attachment": place},
    ]
    async with stage.store.write() as session:
        found = await session.get_one(Message, 1)
        of = {"conversation_id": number, "customer_id": found.customer_id, "author": "customer"}
        for row in rows:
            session.add(Message(**of, created_at=stage.clock(), **{"text": "", **row}))
            await session.flush()
    browser = await agent_browser(stage)
    thread = (await browser.visit(f"/conversations/{number}")).text
    assert "so <b>&lt;b&gt;bold&lt;/b&gt;</b> <a href=" in thread
    assert "<script>" not in thread.partition("so <b>")[2].partition("</li>")[0]
    assert ">[sticker] 😀</a>" in thread
    assert '<a href="tel:+4930"' in thread
    assert "[contact] Ann Lee · +4930</a>" in thread
    assert 'href="https://www.openstreetmap.org/?mlat=52.52&amp;mlon=13.405#map=16/52.52/13.405"' in thread
    assert 'rel="noopener noreferrer nofollow"' in thread
    assert "[location] 52.52, 13.405" in (await browser.visit("/search?status=queued")).text
