"""A long thread: the newest part at first, and the way back to its beginning."""

import re

import pytest

from admin_api.desk.work import SHOWN_MESSAGES
from tests.admin_stage import Stage
from tests.desk_stage import Seen, agent_browser, customer_waits

EARLIER = re.compile(r'id="earlier">.*?hx-get="([^"]+)"')
LINES = re.compile(r'id="message-(\d+)"')


def shown(seen: Seen) -> list[int]:
    return [int(number) for number in LINES.findall(seen.text)]


@pytest.mark.parametrize("length", [1, SHOWN_MESSAGES, SHOWN_MESSAGES + 1, 2 * SHOWN_MESSAGES + 50])
async def test_a_thread_can_be_read_back_to_its_beginning(stage: Stage, length: int) -> None:
    await customer_waits(stage, "of somebody else", address="ben", name="Ben")
    number = await customer_waits(stage, *(f"word {n}." for n in range(length)))
    browser = await agent_browser(stage)
    seen = await browser.visit(f"/conversations/{number}")
    newest, steps = shown(seen), 0
    assert len(newest) == min(length, SHOWN_MESSAGES)
    while found := EARLIER.search(seen.text):
        before, steps = shown(seen), steps + 1
        seen = await browser.visit(found[1])
        assert shown(seen)[-len(before) :] == before, "what stood there stays"
        assert f'hx-get="{found[1]}" hx-trigger="desk:changed' in seen.text, "and is refreshed as it is"
    assert steps == (length - 1) // SHOWN_MESSAGES
    assert len(shown(seen)) == length
    assert "word 0." in seen.text
    assert "of somebody else" not in seen.text.partition('id="thread"')[2]


async def test_the_way_back_works_without_scripts(stage: Stage) -> None:
    number = await customer_waits(stage, *(f"word {n}." for n in range(SHOWN_MESSAGES + 1)))
    browser = await agent_browser(stage)
    seen = await browser.visit(f"/conversations/{number}")
    [link] = re.findall(r'id="earlier"><a [^>]*href="([^"]+)"', seen.text)
    assert "word 0." not in seen.text.partition('id="thread"')[2]
    whole = await browser.visit(link)
    assert "word 0." in whole.text
    assert 'id="earlier"' not in whole.text


@pytest.mark.parametrize("since", ["0", "-1", "first", str(2**63)])
async def test_a_beginning_that_cannot_be_is_refused(stage: Stage, since: str) -> None:
    number = await customer_waits(stage, "hi")
    seen = await (await agent_browser(stage)).visit(f"/conversations/{number}/thread?since={since}")
    assert seen.status in (400, 422)
