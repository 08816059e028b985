"""Links that staff make for a customer."""

from crm_store import installation
from tests.admin_stage import Stage


async def test_a_link_is_shown_once_with_its_address_in_telegram(both_stage: Stage) -> None:
    stage = both_stage
    customer = await stage.post("/customers", {"name": "Ada"})
    path = f"/customers/{customer['id']}/links"
    without = await stage.post(path, key="agent")
    assert without["telegram_url"] is None
    async with stage.store.write() as session:
        await installation.set_bot_name(session, "harbour_bot")
    made = await stage.post(path, key="agent")
    assert made["telegram_url"] == f"https://t.me/harbour_bot?start={made['token']}"
    assert made["expires_at"] == "2026-03-03T09:00:00Z"
    exported = await stage.post(f"/customers/{customer['id']}/export")
    assert len(exported["tables"]["customer_link"]) == 2
    for token in (made["token"], without["token"]):
        assert token not in str(exported)


async def test_nobody_gets_a_link_for_whom_there_is_not(stage: Stage) -> None:
    assert (await stage.ask("POST", "/api/v1/customers/999/links")).status == 404
    assert (await stage.ask("POST", "/api/v1/customers/1/links", key="analyst")).status == 403
