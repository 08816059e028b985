"""More people wait than the desk's list shows at first: how many more is told, and the way on leads to them."""

import re

import pytest

from admin_api.desk.listing import MOST_SHOWN, SHOWN_QUEUE
from tests.admin_stage import Stage
from tests.desk_stage import Seen, agent_browser, customer_waits
from tests.query_counter import counted_queries

LINE = re.compile(r'id="line-(\d+)"')
ON = re.compile(r'id="more-waiting".*?href="([^"]+)".*?hx-get="([^"]+)"', re.S)


async def crowd(stage: Stage, count: int, of: str = "nr") -> list[int]:
    return [
        await customer_waits(stage, f"word {n}", name=f"Nr {n}", address=f"{of}-{n}") for n in range(count)
    ]


def shown(seen: Seen) -> list[int]:
    return [int(number) for number in LINE.findall(seen.text)]


async def test_the_rest_of_the_queue_is_told_of_and_can_be_seen(stage: Stage) -> None:
    numbers = await crowd(stage, SHOWN_QUEUE + 30)
    browser = await agent_browser(stage)
    first = await browser.visit("/")
    assert shown(first) == numbers[:SHOWN_QUEUE]
    assert "30 more wait" in first.text
    [(page, part)] = ON.findall(first.text)
    for address in (page, part):
        rest = await browser.visit(address.replace("&amp;", "&"))
        assert shown(rest) == numbers
        assert "more wait" not in rest.text
        assert "<b>130</b>" in rest.text, "the last one's place"
    for path in ("/desk/lists", f"/conversations/{numbers[0]}"):
        kept = await browser.visit(path, **{"Frontdesk-Queue": "200"})
        assert shown(kept) == numbers, "what is drawn again shows as much as before"
    zh = await browser.visit("/", **{"Accept-Language": "zh"})
    assert "还有 30 人在等待" in zh.text


async def test_a_conversation_stays_open_on_the_way_on(stage: Stage) -> None:
    numbers = await crowd(stage, SHOWN_QUEUE + 1)
    browser = await agent_browser(stage)
    opened = await browser.visit(f"/conversations/{numbers[0]}")
    [(page, part)] = ON.findall(opened.text)
    assert page == f"/conversations/{numbers[0]}?queue=200"
    assert part.replace("&amp;", "&") == f"/desk/lists?queue=200&open={numbers[0]}"
    assert shown(await browser.visit(page)) == numbers


async def test_a_queue_that_fits_needs_no_way_on(stage: Stage) -> None:
    await crowd(stage, SHOWN_QUEUE)
    seen = await (await agent_browser(stage)).visit("/")
    assert len(shown(seen)) == SHOWN_QUEUE
    assert "more-waiting" not in seen.text


@pytest.mark.parametrize("asked", ["0", "-5", "many", "999999999999", ""])
async def test_an_odd_wish_is_shown_what_there_is(stage: Stage, asked: str) -> None:
    await crowd(stage, 2)
    browser = await agent_browser(stage)
    seen = await browser.visit("/desk/lists", **{"Frontdesk-Queue": asked})
    assert (seen.status, len(shown(seen))) == (200, 2)
    assert (await browser.visit(f"/?queue={MOST_SHOWN + 1}")).status == 422


async def test_the_first_page_asks_as_many_questions_as_ever(stage: Stage) -> None:
    browser = await agent_browser(stage)
    await crowd(stage, 2)
    await browser.visit("/desk/lists")
    with counted_queries(stage.store) as few:
        await browser.visit("/desk/lists")
    await crowd(stage, SHOWN_QUEUE, "more")
    with counted_queries(stage.store) as many:
        await browser.visit("/desk/lists")
    with counted_queries(stage.store) as all_of_them:
        await browser.visit("/desk/lists?queue=200")
    assert len(few) == len(many) == len(all_of_them)
