"""Receipts beside the store: what they tell of is marked, and only that."""

from datetime import timedelta
from pathlib import Path

from crm_store import outbox
from crm_store.engine import Store
from crm_store.outbox import Sent, Unsent
from crm_store.receipts import Receipt, Receipts, mark_noted, receipts_beside
from tests.house import NOON
from tests.outbox_rows import fill, row


async def sending(store: Store, tmp_path: Path) -> tuple[int, Receipt]:
    """A message that is being sent, and the receipt of its arrival."""
    (number,) = await fill(store, ("a", {"text": "", "intent": {"say": "welcome"}}))
    (claimed,) = await store.transact(lambda c, _t: outbox.claim(c, ("web",), now=NOON))
    receipts = Receipts(tmp_path / "sent")
    receipts.note(claimed, Sent(number, "77", "as it was worded"))
    (receipt,) = receipts.read()
    return number, receipt


async def mark(store: Store, receipt: Receipt) -> int:
    return await store.transact(lambda c, _t: mark_noted(c, [receipt], now=NOON))


async def test_what_was_still_being_sent_is_marked_with_all_that_is_known(
    store: Store, tmp_path: Path
) -> None:
    number, receipt = await sending(store, tmp_path)
    assert await mark(store, receipt) == 1
    found = await row(store, number)
    assert (found.delivery, found.platform_id, found.text) == ("sent", "77", "as it was worded")
    assert await mark(store, receipt) == 0


async def test_another_attempt_is_not_meant(store: Store, tmp_path: Path) -> None:
    number, receipt = await sending(store, tmp_path)
    await store.transact(lambda c, _t: outbox.settle(c, (), [Unsent(number, "pending", "", 1)], now=NOON))
    await store.transact(lambda c, _t: outbox.claim(c, ("web",), now=NOON))
    assert await mark(store, receipt) == 0
    assert (await row(store, number)).delivery == "sending"


async def test_another_databases_message_is_not_meant(store: Store, tmp_path: Path) -> None:
    """A backup may have been put where the database was; the numbers are then other messages' numbers."""
    number, receipt = await sending(store, tmp_path)
    strange = Receipt(number, receipt.attempt, receipt.created_at - timedelta(microseconds=1), "77", None)
    assert await mark(store, strange) == 0
    assert (await row(store, number)).delivery == "sending"


async def test_they_lie_beside_an_sqlite_file_and_nowhere_else(store: Store) -> None:
    assert receipts_beside(store)._path == (Path(f"{store.url.database}-sent") if store.is_sqlite else None)
