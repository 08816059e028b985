"""An agent who works at the web desk, in a real browser: sees what stands on the page, presses what can be pressed."""

import asyncio
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as BrowserError
from playwright.async_api import TimeoutError as PatienceError

from benchmarks.morning.manners import Act, Does, Line, Side, next_act, number_of
from benchmarks.morning.record import Notebook, Written
from tests.browser import Watched, watch

HOLDS_AT_MOST = 4
LOOKS_EVERY_S = 0.15
WITHIN_MS = 30_000
OPENS_WITHIN_MS = 5_000
LIST = """(lists) => [...lists.querySelectorAll("a.line[data-conversation]")].map((line) => [
  line.closest("section").querySelector("h2").textContent.trim().split(/\\s/)[0], line.dataset.conversation,
  line.querySelector(".who").textContent.trim(), line.dataset.unanswered])"""
THREAD = """(thread) => [...thread.querySelectorAll("li.message:not(.pressed)")].map((line) => [
  ["customer", "agent", "note"].find((side) => line.classList.contains(side)) || "other",
  line.querySelector(".bubble").textContent.trim(), line.querySelector(".tick.failed") !== null])"""


class DeskAgent:
    """Takes the next from the queue, opens, reads, answers and resolves."""

    def __init__(self, watched: Watched, base: str, name: str) -> None:
        self.notebook = Notebook()
        self.watched, self._page, self._base, self._name = watched, watched.page, base, name
        self._turn, self._over = 0, asyncio.Event()

    @classmethod
    async def arrive(
        cls, browser: Browser, base: str, name: str, code: str, **context: object
    ) -> "DeskAgent":
        """Sign in by a code, let replies leave at once, and say that one is there."""
        watched = await watch(await browser.new_context(locale="en-GB", **context))  # type: ignore[arg-type]
        agent, page = cls(watched, base, name), watched.page
        page.set_default_timeout(WITHIN_MS)
        await page.goto(f"{base}/sign-in#{code}")
        await expect(page.locator("#code")).to_have_value(code)
        await page.click("#by-code button")
        await page.get_by_role("link", name="Not now").click()
        # A customer who is answered writes again: held back, a morning would be a matter of waiting.
        await page.goto(f"{base}/preferences")
        await page.locator("select[name=undo_s]").select_option("0")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("status").filter(has_text="Saved").wait_for()
        await page.goto(base)
        await page.get_by_role("button", name="Online").click()
        await page.locator("#presence[data-presence=online]").wait_for()
        return agent

    @property
    def page(self) -> Page:
        """The page."""
        return self._page

    async def leave(self) -> None:
        """Say that one goes."""
        await self._page.goto(self._base)
        await self._page.get_by_role("button", name="Offline").click()
        await self._page.locator("#presence[data-presence=offline]").wait_for()

    async def picture(self, folder: Path | None, name: str, path: str = "") -> None:
        """Keep what a page looks like."""
        if folder is not None:
            if path:
                await self._page.goto(self._base + path)
            await self._page.screenshot(path=folder / f"{name}.png")

    async def work(self, over: asyncio.Event) -> None:
        """Until the morning is over and nothing is held any more."""
        self._over = over
        while True:
            try:
                held = await self._look()
            except (BrowserError, AssertionError) as trouble:  # a click that found nothing to click
                self.notebook.troubles.append(f"{type(trouble).__name__}: {str(trouble)[:300]}")
                await self._page.goto(self._base)
                continue
            if over.is_set() and not held:
                return
            await asyncio.sleep(LOOKS_EVERY_S)

    async def _look(self) -> int:
        """Serve one of those that are held, or take the next; how many are held."""
        lines = await self._page.locator("#lists").evaluate(LIST)
        mine = [
            (int(number), who, bool(unanswered)) for part, number, who, unanswered in lines if part == "Mine"
        ]
        if len(mine) < HOLDS_AT_MOST and any(part == "Queue" for part, *_ in lines):
            await self._take_next()
        elif mine:
            waiting = [line for line in mine if line[2]]
            self._turn += 1
            # Who wrote nothing is looked at now and then: a reply of ours may not have arrived.
            number, who, _ = (waiting or mine)[self._turn % len(waiting or mine)]
            await self._serve(number, number_of(who))
        return len(mine)

    async def _take_next(self) -> None:
        button = self._page.get_by_role("button", name="Take next")
        if await button.count():
            was_open = await self._page.locator("#desk").get_attribute("data-open")
            await button.click()
            # Nothing opens where a colleague was quicker.
            with suppress(PatienceError):
                changed = "(was) => document.querySelector('#desk').dataset.open !== was"
                await self._page.wait_for_function(changed, arg=was_open, timeout=OPENS_WITHIN_MS)

    async def _serve(self, conversation: int, customer: int) -> None:
        thread = self._page.locator(f"#thread[data-conversation='{conversation}']")
        if not await thread.count():
            await self._page.locator(f"#line-{conversation}").click()
            await thread.wait_for()
        found = await thread.evaluate(THREAD)
        lines = [Line(Side(side), text, has_failed=failed) for side, text, failed in found]
        act = next_act(lines, self._name, customer, is_over=self._over.is_set())
        await self._do(act, conversation, customer, lines)

    async def _do(self, act: Act, conversation: int, customer: int, lines: list[Line]) -> None:
        if act.does is Does.RESOLVES:
            self.notebook.seen[customer] = [line.text for line in lines if line.side is Side.CUSTOMER]
            self.notebook.resolved.append(customer)
            await self._page.get_by_role("button", name="Resolve", exact=True).click()
            badge = f"#thread[data-conversation='{conversation}'] .badge.resolved"
            await self._page.locator(badge).wait_for()
        elif act.does in (Does.REPLIES, Does.NOTES):
            is_note = act.does is Does.NOTES
            composer = self._page.locator(f"#composer[data-conversation='{conversation}'] #words")
            await composer.fill(f"// {act.text}" if is_note else act.text)
            await composer.press("Enter")
            self.notebook.written.append(Written(self._name, customer, act.text, is_note))
            await expect(composer).to_have_value("", timeout=WITHIN_MS)
            side = "note" if is_note else "agent"
            shown = self._page.locator(f".message.{side} .bubble", has_text=act.text)
            await expect(shown).to_have_count(1, timeout=WITHIN_MS)
