"""A real Chromium for tests, and pages that report what went wrong in them."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
MISSING = f"the browser tests need Chromium at {CHROMIUM}: run 'make test' or 'apt-get install chromium'"
SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
WATCH_POLICY = """
window.policyReports = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.policyReports.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
expect.set_options(timeout=20_000)  # what comes comes soon; the rest is for a machine on which much else runs


@dataclass
class Watched:
    """A page with everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def all_complaints(self) -> list[str]:
        """Errors on the console, uncaught exceptions and broken policies, of the page and its frames."""
        reports: list[str] = []
        for frame in self.page.frames:
            reports += await frame.evaluate("window.policyReports ?? []")
        return self.complaints + reports

    async def picture(self, name: str) -> None:
        """Keep what the page looks like, when FRONTDESK_SCREENSHOTS is set."""
        if os.environ.get("FRONTDESK_SCREENSHOTS"):
            SCREENSHOTS.mkdir(exist_ok=True)
            await self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


async def watch(context: BrowserContext) -> Watched:
    """A new page of this context, watched from its first script on."""
    page = await context.new_page()
    watched = Watched(page)

    def heard(message: ConsoleMessage) -> None:
        # A connection that breaks because the server was stopped is told by the browser itself.
        if message.type == "error" and "WebSocket connection" not in message.text:
            watched.complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    await page.add_init_script(WATCH_POLICY)
    return watched


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A running Chromium; a failure that says what to do, never a skip, where there is none."""
    if not shutil.which(CHROMIUM):
        pytest.fail(MISSING, pytrace=False)
    async with async_playwright() as playwright:
        # Without a sandbox, because tests often run as root in a container.
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        await launched.close()


PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
