"""A customer on the web is told while their message cannot be taken in, and it is taken in afterwards."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.web import conversation
from crm_store.engine import Store
from tests.webchat import open_site


async def test_who_writes_while_the_store_is_away_is_told(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "DELAYED_AFTER_S", 0.05)
    monkeypatch.setattr(conversation, "DELAYED_EVERY_S", 0.05)
    transact, is_away = Store.transact, asyncio.Event()

    async def sometimes(self: Store, work: Any) -> Any:
        if is_away.is_set():
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        return await transact(self, work)

    async with open_site(sqlite_store) as site:
        monkeypatch.setattr(Store, "transact", sometimes)
        visitor, _ = await site.introduced(language="zh")
        is_away.set()
        client_id = await visitor.say("我的订单在哪里？")
        told = [await visitor.next("error") for _ in range(2)]
        assert [frame["code"] for frame in told] == ["delayed", "delayed"]
        assert "不会丢失" in told[0]["text"]
        assert "client_id" not in told[0] or told[0]["client_id"] is None, (
            "the page would count it as refused"
        )
        is_away.clear()
        assert (await visitor.next("accepted"))["client_id"] == client_id
        if not any(frame["type"] == "message" for frame in visitor.told):  # it may have been the faster
            assert (await visitor.next("message"))["author"] == "bot"
