"""How staff prove who they are: codes, sessions, passwords, the lock-out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crm_store import sign_in, signed_in, staff
from crm_store.engine import Store
from crm_store.errors import InvalidValue, NotFound
from crm_store.models.staff import Agent
from crm_store.sign_in import CODE_LASTS, GUESS_WINDOW, GUESSES, SESSION_LASTS, LockedOut, Purpose
from crm_store.staff import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


async def hire(store: Store, name: str = "Ada", role: Role = Role.AGENT) -> Agent:
    async with store.write() as session:
        return await staff.create_agent(session, name=name, role=role, now=NOW)


async def issue(store: Store, agent: Agent, purpose: Purpose = Purpose.SIGN_IN) -> str:
    async with store.write() as session:
        return await sign_in.issue_code(session, agent.id, purpose, now=NOW)


async def redeem(store: Store, code: str, purpose: Purpose, now: datetime) -> Agent | None:
    async with store.write() as session:
        return await sign_in.redeem_code(session, code, purpose, now=now)


async def test_a_code_works_once_for_its_purpose_while_it_lasts(store: Store) -> None:
    ada = await hire(store)
    code = await issue(store, ada)
    assert len(code) == 26
    assert await redeem(store, code, Purpose.TELEGRAM, LATER) is None
    assert await redeem(store, code, Purpose.SIGN_IN, NOW + CODE_LASTS) is None
    typed = f" {code[:5].lower()}-{code[5:]} "
    found = await redeem(store, typed, Purpose.SIGN_IN, LATER)
    assert found is not None
    assert found.id == ada.id
    assert await redeem(store, code, Purpose.SIGN_IN, LATER) is None


async def test_a_new_code_ends_the_one_before(store: Store) -> None:
    ada = await hire(store)
    first, second = await issue(store, ada), await issue(store, ada)
    assert await redeem(store, first, Purpose.SIGN_IN, LATER) is None
    assert await redeem(store, second, Purpose.SIGN_IN, LATER) is not None


async def test_parallel_redeems_of_one_code_let_one_in(store: Store) -> None:
    code = await issue(store, await hire(store))
    found = await asyncio.gather(*(redeem(store, code, Purpose.SIGN_IN, LATER) for _ in range(8)))
    assert sum(agent is not None for agent in found) == 1


async def test_nobody_disabled_gets_in_by_code(store: Store) -> None:
    ada = await hire(store)
    code = await issue(store, ada)
    async with store.write() as session:
        await staff.disable_agent(session, ada.id, now=NOW)
    assert await redeem(store, code, Purpose.SIGN_IN, LATER) is None
    with pytest.raises(NotFound):
        await issue(store, ada)


async def test_a_session_lives_until_it_ends_or_its_agent_leaves(store: Store) -> None:
    ada = await hire(store)

    async def who(token: str, now: datetime) -> Agent | None:
        async with store.read() as session:
            found = await signed_in.find(session, token, now=now)
            return found.agent if found else None

    async with store.write() as session:
        assert not await sign_in.has_signed_in(session, ada.id)
        tokens = [(await sign_in.start_session(session, ada.id, now=NOW)).token for _ in range(3)]
        assert await sign_in.has_signed_in(session, ada.id)
    assert await who(tokens[0], NOW + SESSION_LASTS) is None
    assert await who("nobody's", LATER) is None
    async with store.write() as session:
        await sign_in.end_session(session, tokens[0], now=LATER)
    assert [await who(token, LATER) is not None for token in tokens] == [False, True, True]
    async with store.write() as session:
        await staff.disable_agent(session, ada.id, now=LATER)
        await staff.enable_agent(session, ada.id)
    assert [await who(token, LATER) for token in tokens] == [None, None, None]


async def test_parallel_guesses_do_not_outrun_the_limit(store: Store) -> None:
    waits: list[timedelta] = []

    async def guess(name: str, now: datetime) -> bool:
        try:
            async with store.write() as session:
                await sign_in.count_guess(session, name, now=now)
        except LockedOut as refusal:
            waits.append(refusal.retry_after)
            return False
        return True

    counted = await asyncio.gather(*(guess("ada", NOW) for _ in range(50)))
    assert sum(counted) == GUESSES
    assert set(waits) == {GUESS_WINDOW}
    assert await guess("grace", NOW)
    assert not await guess("ada", NOW + GUESS_WINDOW - timedelta(seconds=1))
    assert await guess("ada", NOW + GUESS_WINDOW + timedelta(seconds=1))
    async with store.write() as session:
        await sign_in.forget_guesses(session, "ada")
    assert await guess("ada", NOW)


async def test_a_new_password_ends_every_session(sqlite_store: Store) -> None:
    ada = await hire(sqlite_store)
    hashed = sign_in.hash_password("correct horse battery")
    async with sqlite_store.write() as session:
        token = (await sign_in.start_session(session, ada.id, now=NOW)).token
        await sign_in.set_password(session, ada.id, hashed, now=LATER)
    async with sqlite_store.read() as session:
        assert await signed_in.find(session, token, now=LATER) is None
    assert sign_in.password_fits(hashed, "correct horse battery")
    assert not sign_in.password_fits(hashed, "correct horse")
    assert not sign_in.password_fits(None, "correct horse battery")
    assert not sign_in.password_fits("not a hash", "correct horse battery")


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_bad_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidValue, match="12 to 256"):
        sign_in.hash_password(password)
