"""Agents, their Telegram link, keys and the audit."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import api_keys, audit, installation, sign_in, staff
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.staff import ApiKey, OneTimeCode, StaffSession
from crm_store.staff import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


async def hire(store: Store, name: str, role: Role = Role.AGENT, **details: Any) -> int:
    async with store.write() as session:
        return (await staff.create_agent(session, name=name, role=role, now=NOW, **details)).id


async def test_names_and_addresses_belong_to_one(store: Store) -> None:
    ada = await hire(store, "Ada", email="ada@example.com")
    with pytest.raises(Conflict, match="name 'Ada'"):
        await hire(store, "Ada")
    with pytest.raises(Conflict, match="e-mail"):
        await hire(store, "Grace", email="ada@example.com")
    async with store.write() as session:
        changed = await staff.change_agent(session, ada, now=NOW, name="Ada", capacity=9)
    assert changed.capacity == 9
    async with store.read() as session:
        by_email = await staff.find_agent(session, "ada@example.com")
    assert by_email is not None
    assert by_email.id == ada


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 129},
        {"role": "boss"},
        {"capacity": 0},
        {"password_hash": "x"},
        {"id": 5},
    ],
)
async def test_what_an_agent_cannot_be(sqlite_store: Store, wrong: dict[str, Any]) -> None:
    ada = await hire(sqlite_store, "Ada")
    with pytest.raises(InvalidValue):
        async with sqlite_store.write() as session:
            await staff.change_agent(session, ada, now=NOW, **wrong)


async def test_the_last_admin_stays(store: Store) -> None:
    only = await hire(store, "Ada", Role.ADMIN)
    attempts: list[Callable[[AsyncSession], Awaitable[object]]] = [
        lambda session: staff.disable_agent(session, only, now=NOW),
        lambda session: staff.change_agent(session, only, now=NOW, role=Role.AGENT),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="only admin"):
            async with store.write() as session:
                await attempt(session)
    await hire(store, "Grace", Role.ADMIN)
    async with store.write() as session:
        assert (await staff.disable_agent(session, only, now=NOW)).disabled_at == NOW


async def test_a_telegram_account_is_linked_by_code_to_one_agent(store: Store) -> None:
    ada, grace = await hire(store, "Ada"), await hire(store, "Grace")
    async with store.write() as session:
        codes = [
            await sign_in.issue_code(session, agent, sign_in.Purpose.TELEGRAM, now=NOW)
            for agent in (ada, grace)
        ]
    for code, agent in zip(codes, (ada, grace), strict=True):
        async with store.write() as session:
            assert (await staff.link_telegram(session, code, 77, now=LATER)).id == agent
        async with store.read() as session:
            found = await staff.find_by_telegram(session, 77)
        assert found is not None
        assert found.id == agent
    with pytest.raises(InvalidValue, match="ask for a new one"):
        async with store.write() as session:
            await staff.link_telegram(session, codes[0], 78, now=LATER)
    async with store.write() as session:
        await staff.disable_agent(session, grace, now=LATER)
    async with store.read() as session:
        assert await staff.find_by_telegram(session, 77) is None


async def test_secrets_are_kept_as_hashes_only(sqlite_store: Store) -> None:
    ada = await hire(sqlite_store, "Ada")
    async with sqlite_store.write() as session:
        key = await api_keys.create(session, name="k", role=Role.AGENT, now=NOW)
        code = await sign_in.issue_code(session, ada, sign_in.Purpose.SIGN_IN, now=NOW)
        token = (await sign_in.start_session(session, ada, now=NOW)).token
    async with sqlite_store.read() as session:
        rows = [await session.scalar(select(table)) for table in (ApiKey, OneTimeCode, StaffSession)]
    kept = " ".join(str(vars(row)) for row in rows)
    assert all(secret not in kept for secret in (key.key, code, token))
    assert key.key.startswith(key.row.prefix)


async def test_a_programs_key_becomes_one_agent_when_it_talks(store: Store) -> None:
    await hire(store, "shop sync")
    async with store.write() as session:
        key = await api_keys.create(session, name="shop sync", role=Role.AGENT, now=NOW)
    async with store.write() as session:
        first = await api_keys.acting_agent(session, key.row.id, now=NOW)
        again = await api_keys.acting_agent(session, key.row.id, now=NOW)
    assert first.id == again.id
    assert first.name == f"shop sync (key {key.row.id})"
    assert first.role == Role.AGENT
    assert first.undo_s == 0, "nobody reads what a program wrote before it leaves"


async def test_bad_keys_are_not_made(sqlite_store: Store) -> None:
    for wrong, error in (
        ({"name": ""}, InvalidValue),
        ({"role": "boss"}, InvalidValue),
        ({"expires_at": NOW}, InvalidValue),
        ({"agent_id": 99}, NotFound),
    ):
        wanted: dict[str, Any] = {"name": "k", "role": Role.AGENT, **wrong}
        with pytest.raises(error):
            async with sqlite_store.write() as session:
                await api_keys.create(session, now=NOW, **wanted)
    with pytest.raises(NotFound):
        async with sqlite_store.write() as session:
            await api_keys.revoke(session, 99, now=NOW)


async def test_use_is_noted_now_and_then(sqlite_store: Store) -> None:
    async with sqlite_store.write() as session:
        key = await api_keys.create(session, name="k", role=Role.AGENT, now=NOW)
        assert api_keys.use_is_due(key.row, NOW)
        await api_keys.note_use(session, key.row.id, now=NOW)
    async with sqlite_store.read() as session:
        holder = await api_keys.find_holder(session, key.key, now=LATER)
    assert holder is not None
    assert not api_keys.use_is_due(holder.key, LATER)
    assert api_keys.use_is_due(holder.key, NOW + api_keys.USE_NOTED_EVERY)


async def test_the_audit_is_read_newest_first(store: Store) -> None:
    async with store.write() as session:
        for number in range(5):
            subject = f"customer:{number % 2}"
            await audit.record(session, actor="a" * 500, action="x", subject=subject, now=NOW)
    async with store.read() as session:
        newest = await audit.page(session, limit=2)
        older = await audit.page(session, before_id=newest[-1].id, limit=9)
        of_one = await audit.page(session, subject="customer:1")
    assert [row.subject[-1] for row in newest + older] == ["0", "1", "0", "1", "0"]
    assert [row.subject for row in of_one] == ["customer:1"] * 2


async def test_the_installations_secret_is_made_once(store: Store) -> None:
    async with store.write() as session:
        first = await installation.secret(session)
    async with store.write() as session:
        assert await installation.secret(session) == first
    assert len(first) >= 43
