"""What was answered about a person is kept no longer than the person, nor than what they wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from admin_api.repeating import GIVEN_UP
from crm_store import kept_answers, privacy, retention
from crm_store.kept_answers import DONE, Wish
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import KeptAnswer
from crm_store.repeats import asked
from tests.admin_stage import Answer, Stage
from tests.admin_world import conversation

NAMED = {"Idempotency-Key": "wish-1"}


async def opened(stage: Stage, number: int) -> Answer:
    body = {"conversation_id": number, "kind": "return", "reason": "Anna's lamp is broken"}
    return await stage.ask("POST", "/api/v1/cases", key="agent", headers=NAMED, json=body)


async def kept(stage: Stage) -> list[tuple[int | None, object, str | None]]:
    async with stage.store.read() as session:
        rows = await session.scalars(select(KeptAnswer).order_by(KeptAnswer.id))
        return [(row.status, row.headers, row.body) for row in rows]


async def customer_of(stage: Stage, number: int) -> int:
    async with stage.store.read() as session:
        return (await session.get_one(Conversation, number)).customer_id


async def is_told_it_was_done(stage: Stage, number: int) -> bool:
    again = await opened(stage, number)
    async with stage.store.read() as session:
        cases = await session.scalar(select(func.count()).select_from(ServiceCase))
    return (again.status, again.body["kind"]) == (409, "done_once") and cases == 0


async def test_an_erased_persons_answers_say_nothing_and_are_not_being_done(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    assert (await opened(stage, number)).status == 201
    person = await customer_of(stage, number)
    erasing = [await stage.ask("POST", f"/api/v1/customers/{person}/erase", headers=NAMED) for _ in range(2)]
    assert [answer.status for answer in erasing] == [200, 200]
    assert erasing[0].body == erasing[1].body, "that somebody was erased names nobody"
    assert (await kept(stage))[0] == (DONE, None, None)
    assert await is_told_it_was_done(stage, number)


async def test_an_answer_that_was_under_way_is_not_kept_after_the_erasure(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    wish = Wish("key:1", asked("wish-2", ("case",)))
    async with stage.store.write() as session:
        await kept_answers.claim(session, wish, now=stage.clock())
    async with stage.store.write() as session:
        await privacy.erase_person(
            session, await customer_of(stage, number), now=stage.clock(), erased_by="me"
        )
    async with stage.store.write() as session:
        await kept_answers.keep(session, wish, status=201, headers={"ETag": '"1"'}, body='{"name": "Anna"}')
    assert await kept(stage) == [(DONE, None, None)]


async def test_a_deleted_records_answers_say_nothing(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    assert (await opened(stage, number)).status == 201
    gone = await stage.ask("DELETE", f"/api/v1/customers/{await customer_of(stage, number)}")
    assert gone.status == 204
    assert await kept(stage) == [(DONE, None, None)]
    assert await is_told_it_was_done(stage, number)


async def test_answers_go_as_soon_as_what_people_wrote(both_stage: Stage) -> None:
    """An owner may have conversations deleted sooner than names of requests are."""
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    assert (await opened(stage, number)).status == 201
    days = timedelta(days=2)
    assert days < retention.SEEN_FOR
    async with stage.store.write() as session:
        await session.execute(update(Conversation).values(status="resolved", resolved_at=stage.clock()))
        assert await privacy.delete_resolved(session, before=stage.clock()) == 0
    assert [status for status, _, _ in await kept(stage)] == [201]
    stage.clock.now += days + timedelta(seconds=1)
    async with stage.store.write() as session:
        assert await privacy.delete_resolved(session, before=stage.clock() - days) == 1
    assert await kept(stage) == [(DONE, None, None)]


async def test_what_was_done_is_answered_though_the_answer_cannot_be_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **said: object) -> None:
        raise OperationalError("UPDATE kept_answer", said, Exception("database or disk is full"))

    number = await conversation(stage.store, stage.clock())
    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(kept_answers, "keep", full)
        first = await opened(stage, number)
    assert (first.status, first.body["number"]) == (201, "RET-1")
    [told] = [one for one in logs if one["log_level"] == "error"]
    assert (told["action"], "Anna" in repr(told)) == ("cases.create", False)
    stage.clock.now += GIVEN_UP * 2
    again = await opened(stage, number)
    assert (again.status, again.body["kind"]) == (409, "done_once")
