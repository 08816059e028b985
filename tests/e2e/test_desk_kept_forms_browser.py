"""What was half written on any page of the desk is there again after signing in anew, for the same person alone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from crm_store import sign_in, staff
from crm_store.engine import Store
from tests.served_desk import Desk, open_desk, page_of, taken

pytestmark = pytest.mark.browser
KEPT = "sessionStorage.getItem('frontdesk-forms')"
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
TOLD = "You had to sign in again. What you had written is back in this form; it is not saved yet."


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def goes_out_and_in(desk: Desk, page: Page, how: str) -> None:
    """The session ends; they find out by saving or by the page's own look, and sign in again."""
    await page.context.clear_cookies()
    if how == "look":
        await page.evaluate(LOOK)
    else:
        await page.get_by_role("button", name=how).first.click()
    await expect(page.locator("#by-password")).to_be_visible()
    await page.context.add_cookies([await desk.cookie()])
    await page.reload()  # signed in already, as by the form: back to where they were


@pytest.mark.parametrize("how", ["Publish", "look"])
async def test_an_article_half_written_is_there_after_signing_in_again(
    desk: Desk, browser: Browser, how: str
) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/articles/new")
    await page.fill("[name=key]", "moon")
    await page.fill("[name=question]", "Do you ship to the moon?")
    await page.fill("textarea[name=answer]", "Not yet.\nAsk again in a year.")
    await page.uncheck("[name=enabled]")
    await goes_out_and_in(desk, page, how)
    await expect(page).to_have_url(f"{desk.base}/articles/new")
    await expect(page.locator("[name=question]")).to_have_value("Do you ship to the moon?")
    await expect(page.locator("textarea[name=answer]")).to_have_value("Not yet.\nAsk again in a year.")
    await expect(page.locator("[name=enabled]")).not_to_be_checked()
    await expect(page.get_by_text(TOLD).first).to_be_visible()
    await expect(page.locator("#told")).to_have_text(TOLD)
    await watched.picture("desk-kept-form")
    assert await page.evaluate(KEPT) is None
    await page.reload()
    await expect(page.locator("[name=question]")).to_have_value("")


async def test_rows_that_were_added_are_there_with_what_was_chosen(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/settings/hours")
    await page.locator("form.hours input[name=hours][value=week]").check()
    await page.locator("form.hours .add-row").first.click()
    fields = page.locator("form.hours ul").first.locator("input")
    count = await fields.count()
    for n in range(count):
        await fields.nth(n).fill(f"{8 + n:02}:00")
    await goes_out_and_in(desk, page, "Save")
    again = page.locator("form.hours ul").first.locator("input")
    await expect(again).to_have_count(count)
    assert [await again.nth(n).input_value() for n in range(count)] == [
        f"{8 + n:02}:00" for n in range(count)
    ]
    await expect(page.locator("form.hours input[name=hours][value=week]")).to_be_checked()


async def test_what_was_not_touched_is_not_kept_and_no_password_ever(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/settings")
    await goes_out_and_in(desk, page, "look")
    assert await page.evaluate(KEPT) is None
    await page.goto(f"{desk.base}/articles/new")
    await page.fill("[name=question]", "What is it?")
    await page.evaluate("""() => {
        const field = Object.assign(document.createElement("input"), { name: "secret", type: "password" });
        document.querySelector("#writing").append(field);
        field.value = "correct horse battery staple";
    }""")
    await page.context.clear_cookies()
    await page.evaluate(LOOK)
    await expect(page.locator("#by-password")).to_be_visible()
    assert await page.evaluate(KEPT) is None


async def test_nobody_else_who_signs_in_there_sees_it(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/articles/new")
    await page.fill("[name=question]", "Who gets a raise?")
    await page.context.clear_cookies()
    await page.evaluate(LOOK)
    await expect(page.locator("#by-password")).to_be_visible()
    assert "raise" in await page.evaluate(KEPT)
    async with desk.store.write() as session:
        other = await staff.create_agent(session, name="Noor", role=staff.Role.ADMIN, now=desk.clock())
        started = await sign_in.start_session(session, other.id, now=desk.clock())
    await page.context.add_cookies([{"name": "frontdesk_staff", "value": started.token, "url": desk.base}])
    await page.goto(f"{desk.base}/articles/new")
    await expect(page.locator("[name=question]")).to_have_value("")
    assert await page.evaluate(KEPT) is None


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/articles")
    await page.locator("#main ul.rows a, #main li a").first.click()
    await page.locator("#writing textarea[name=answer]").wait_for()
    version = await page.locator("[name=version]").first.input_value()
    await page.fill("textarea[name=answer]", "Something else.")
    await page.locator("[name=version]").first.evaluate("field => { field.value = '7777'; }")
    await goes_out_and_in(desk, page, "look")
    await expect(page.locator("textarea[name=answer]")).to_have_value("Something else.")
    assert await page.locator("[name=version]").first.input_value() == "7777" != version


async def left_half_written(desk: Desk, page: Page, words: str = "Do you ship to the moon?") -> None:
    """A form half filled, whose session ended and was found out about."""
    await page.goto(f"{desk.base}/articles/new")
    await page.fill("[name=question]", words)
    await page.context.clear_cookies()
    await page.evaluate(LOOK)
    await expect(page.locator("#by-password")).to_be_visible()
    assert words in await page.evaluate(KEPT)


async def test_what_was_kept_is_dropped_after_an_hour_on_whatever_page(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.clock.install()
    await left_half_written(desk, page)
    await page.clock.fast_forward("59:00")
    assert await page.evaluate(KEPT) is not None
    await page.clock.fast_forward("02:00")
    assert await page.evaluate(KEPT) is None, "the sign-in page stands open"
    await page.context.add_cookies([await desk.cookie()])
    for address, hours in (("/customers", 0), ("/customers", 1), ("/articles/new", 1)):
        await left_half_written(desk, page)
        await page.context.add_cookies([await desk.cookie()])
        await page.goto("about:blank")
        await page.clock.fast_forward(hours * 3_600_000 + 1000)
        await page.goto(f"{desk.base}{address}")
        await page.locator("#main").wait_for()
        assert (await page.evaluate(KEPT) is None) == bool(hours)
    await expect(page.locator("[name=question]")).to_have_value("")


async def test_who_signs_out_leaves_nothing_in_the_tab(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await left_half_written(desk, page)
    await page.context.add_cookies([await desk.cookie()])
    await taken(desk, page)
    await page.fill("#words", "Your lamp, Anna, is on its way to Elm Street")
    await page.locator("button.account").click()
    await page.locator("form[action='/sign-out'] button").click()
    await expect(page.locator("#by-password")).to_be_visible()
    left = await page.evaluate("JSON.stringify(sessionStorage)")
    assert left == "{}"
    await page.context.add_cookies([await desk.cookie()])
    await page.goto(f"{desk.base}/articles/new")
    await expect(page.locator("[name=question]")).to_have_value("")


async def test_a_form_is_not_kept_anew_while_they_sign_out(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/articles/new")
    await page.fill("[name=question]", "Do you ship to the moon?")

    async def late(route: Route) -> None:
        await route.fulfill(status=204)  # the page is not left yet

    await page.route("**/sign-out", late)
    await page.context.clear_cookies()  # the server has ended the session; its answer is on the way
    await page.locator("button.account").click()
    await page.locator("form[action='/sign-out'] button").click(no_wait_after=True)
    await page.evaluate(LOOK)
    await expect(page.locator("#by-password")).to_be_visible()
    assert await page.evaluate(KEPT) is None


async def test_drafts_outlive_a_session_that_ended_by_itself(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await taken(desk, page)
    await page.fill("#words", "Your lamp is on its way")
    await page.context.clear_cookies()
    await page.evaluate(LOOK)
    await expect(page.locator("#by-password")).to_be_visible()
    await page.context.add_cookies([await desk.cookie()])
    await page.reload()
    await expect(page.locator("#words")).to_have_value("Your lamp is on its way")
