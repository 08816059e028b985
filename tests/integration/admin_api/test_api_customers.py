"""Customers, their merges and orders, through the API."""

from typing import Any

import pytest

from tests.admin_stage import Stage
from tests.admin_world import conversation, order, visitor

ADA = {"name": "Ada Lovelace", "email": "Ada@Example.com", "phone": "+44 20 1234 567", "age": 36}


async def test_a_customer_from_first_to_last(both_stage: Stage) -> None:
    stage = both_stage
    made = await stage.ask("POST", "/api/v1/customers", key="agent", json=ADA | {"attributes": {"tier": 2}})
    assert made.status == 201
    path = made.headers["Location"]
    read = await stage.ask("GET", path)
    assert (read.body["email"], read.body["attributes"]) == ("ada@example.com", {"tier": 2})
    assert read.headers["ETag"] == '"1"'
    fresh = {"If-Match": read.headers["ETag"]}
    first = await stage.ask("PATCH", path, json={"gender": "f", "age": None}, headers=fresh)
    assert (first.status, first.body["gender"], first.body["age"]) == (200, "f", None)
    assert first.body["name"] == "Ada Lovelace"
    stale = await stage.ask("PATCH", path, json={"gender": "x"}, headers=fresh)
    assert stale.status == 412
    assert (await stage.ask("DELETE", path, headers=fresh)).status == 412
    assert (await stage.ask("DELETE", path)).status == 204
    assert (await stage.ask("GET", path)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody"},
        {"phone": "call me"},
        {"age": 151},
        {"age": "36"},
        {"age": True},
        {"name": "x" * 257},
        {"name": ["x"]},
        {"attributes": {"deep": {"er": 1}}},
        {"attributes": {"big": 2**70}},
        {"attributes": []},
        {"referred_by_id": 999},
        {"language": "not a language"},
        {"order_amount": 5},
        {"merged_into_id": 1},
        {"id": 5},
    ],
)
async def test_what_a_customer_cannot_be(stage: Stage, body: dict[str, Any]) -> None:
    answer = await stage.ask("POST", "/api/v1/customers", json=body)
    assert answer.status == 422, answer.body


async def test_an_external_id_belongs_to_one(both_stage: Stage) -> None:
    await both_stage.post("/customers", {"external_id": "17850"})
    answer = await both_stage.ask("POST", "/api/v1/customers", json={"external_id": "17850"})
    assert answer.status == 409


async def test_search_in_pages(both_stage: Stage) -> None:
    stage = both_stage
    for n in range(5):
        await stage.post("/customers", {"name": f"Grace {n}", "email": f"g{n}@example.com"})
    await stage.post("/customers", {"name": "Алиса 100%", "phone": "+44 20 1234 567"})
    found = await stage.get("/customers", params={"q": "gRACE", "limit": 3})
    rest = await stage.ask("GET", found["next"])
    assert [row["name"] for row in found["items"] + rest.body["items"]] == [f"Grace {n}" for n in range(5)]
    assert rest.body["next"] is None
    for words in ("алиса", "100%", "2012345"):
        assert len((await stage.get("/customers", params={"q": words}))["items"]) == 1, words
    for words in ("%", "_", "'; drop table customer; --", "x" * 128, "🙂"):
        assert len((await stage.get("/customers", params={"q": words}))["items"]) == (words == "%"), words


async def test_two_records_of_one_person(both_stage: Stage) -> None:
    stage = both_stage
    first = (await stage.post("/customers", ADA))["id"]
    second = (await stage.post("/customers", {"email": "ada@example.com", "gender": "f"}))["id"]
    await order(stage.store, second, stage.clock(), "tea", amount="7.5")
    likely = await stage.get("/customers/duplicates")
    assert [(one["first_id"], one["second_id"]) for one in likely["items"]] == [(first, second)]
    merged = await stage.post(f"/customers/{first}/merge", {"merged_id": second}, key="agent")
    kept = await stage.get(f"/customers/{first}")
    assert (kept["gender"], kept["order_count"], kept["order_amount"]) == ("f", 1, "7.5")
    assert [one["id"] for one in (await stage.get("/customers"))["items"]] == [first]
    again = await stage.ask("POST", f"/api/v1/customers/{first}/merge", json={"merged_id": second})
    assert again.status == 409
    await stage.post(f"/merges/{merged['merge_id']}/undo", key="agent")
    assert (await stage.get(f"/customers/{first}"))["order_count"] == 0
    listed = (await stage.get(f"/customers/{second}/merges"))["items"]
    assert listed[0]["undone_at"] is not None
    same = await stage.ask("POST", f"/api/v1/customers/{first}/merge", json={"merged_id": first})
    assert same.status == 422


async def test_export_and_erase(both_stage: Stage) -> None:
    stage = both_stage
    ada = await visitor(stage.store, stage.clock(), "Ada Canary")
    await conversation(stage.store, stage.clock(), customer_id=ada, text="canary words")
    told = await stage.post(f"/customers/{ada}/export", key="supervisor")
    assert "canary words" in str(told["tables"]["message"])
    gone = await stage.post(f"/customers/{ada}/erase", key="supervisor")
    assert gone["rows"]["customer"] == 1
    assert gone["scrubbed"] is True
    assert (await stage.ask("GET", f"/api/v1/customers/{ada}")).status == 404
    assert "canary" not in str(await stage.get("/audit")).lower()


async def test_identities_of_a_visitor(stage: Stage) -> None:
    ada = await visitor(stage.store, stage.clock())
    found = await stage.get(f"/customers/{ada}/identities")
    assert [one["channel"] for one in found["items"]] == ["web"]
    assert "secret_hash" not in found["items"][0]
    assert (await stage.get(f"/customers/{ada}"))["identities"] == found["items"]


async def test_an_order_from_recorded_to_cancelled(both_stage: Stage) -> None:
    stage = both_stage
    ada = await visitor(stage.store, stage.clock())
    body = {
        "number": "A-1",
        "amount": "12.50",
        "placed_at": "2026-03-01T10:00:00+01:00",
        "lines": [{"sku": "tea", "quantity": 5, "unit_price": 2.5}],
    }
    made = await stage.post(f"/customers/{ada}/orders", body, key="agent")
    assert (made["kind"], made["placed_at"]) == ("purchase", "2026-03-01T09:00:00Z")
    assert (await stage.ask("POST", f"/api/v1/customers/{ada}/orders", json=body)).status == 409
    read = await stage.get(f"/orders/{made['id']}")
    assert read["lines"] == [{"sku": "tea", "description": None, "quantity": 5, "unit_price": "2.5"}]
    sent = await stage.post(f"/orders/{made['id']}", {"status": "shipped", "tracking": "X1"}, method="PATCH")
    assert (sent["status"], sent["tracking"]) == ("shipped", "X1")
    assert [one["id"] for one in (await stage.get("/orders?number=A-1"))["items"]] == [made["id"]]
    await stage.post(f"/customers/{ada}/orders", body | {"number": "A-2", "amount": -2.5})
    assert (await stage.get(f"/customers/{ada}"))["order_amount"] == "10"
    await stage.post(f"/orders/{made['id']}", {"status": "cancelled"}, method="PATCH")
    late = await stage.ask("PATCH", f"/api/v1/orders/{made['id']}", json={"status": "shipped"})
    assert late.status == 409


async def test_orders_of_one_moment_lose_none_between_pages(both_stage: Stage) -> None:
    stage = both_stage
    ada = await visitor(stage.store, stage.clock())
    for days in (1, 1, 1, 2, 0.5):
        await order(stage.store, ada, stage.clock(), "tea", days_ago=days)
    address, seen = f"/api/v1/customers/{ada}/orders?limit=2", []
    while address:
        answer = await stage.ask("GET", address)
        seen += [(one["placed_at"], one["id"]) for one in answer.body["items"]]
        address = answer.body["next"]
    assert len(seen) == 5
    assert seen == sorted(set(seen), reverse=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "much"},
        {"amount": "NaN"},
        {"amount": "1e30"},
        {"amount": "1.23456"},
        {"placed_at": "2026-03-01T10:00:00"},
        {"placed_at": 5},
        {"number": ""},
        {"currency": "euro"},
        {"lines": [{"sku": "tea", "quantity": 1.5, "unit_price": 1}]},
        {"lines": [{"sku": "tea", "quantity": 2**40, "unit_price": 1}]},
    ],
)
async def test_what_is_no_order(stage: Stage, wrong: dict[str, Any]) -> None:
    ada = await visitor(stage.store, stage.clock())
    body = {"number": "A-1", "amount": 1, "placed_at": "2026-03-01T10:00:00Z"} | wrong
    answer = await stage.ask("POST", f"/api/v1/customers/{ada}/orders", json=body)
    assert answer.status == 422, answer.body
    assert (await stage.get(f"/customers/{ada}/orders"))["items"] == []


async def test_of_the_attributes_those_named_are_set_and_null_removes_one(both_stage: Stage) -> None:
    stage = both_stage
    made = await stage.post(
        "/customers", ADA | {"attributes": {"tier": 2, "plan": "gold", "seats": 5}}, "agent"
    )
    path = f"/customers/{made['id']}"
    told = await stage.post(path, {"attributes": {"tier": 3, "plan": None, "vip": True}}, "agent", "PATCH")
    assert told["attributes"] == {"tier": 3, "seats": 5, "vip": True}
    told = await stage.post(path, {"attributes": {"gone": None}}, "agent", "PATCH")
    assert told["attributes"] == {"tier": 3, "seats": 5, "vip": True}
    too_many = {"attributes": {f"a{n}": n for n in range(48)}}
    refused = await stage.ask("PATCH", f"/api/v1{path}", key="agent", json=too_many)
    assert refused.status == 422
