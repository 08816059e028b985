"""Who works here is no customer while their Telegram account is linked, in lists, search, segments and scores."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from crm_store import customer_files, customers, facts, scores, search, search_index, sign_in, staff
from crm_store.engine import Store
from crm_store.filters import Filters
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.scores import RunDraft, ScoreRow
from crm_store.session import Session
from crm_store.sign_in import Purpose
from crm_store.staff import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TOM, ANNA = 7001, 7002


async def speak(session: Session, name: str, account: int) -> int:
    """The id of the customer who said hello from this Telegram account."""
    person, identity = await customers.for_identity(
        session, "telegram", str(account), now=NOW, display_name=name
    )
    talk = Conversation(
        customer_id=person.id,
        identity_id=identity.id,
        channel="telegram",
        status=Status.BOT,
        created_at=NOW,
        last_message_at=NOW,
    )
    session.add(talk)
    await session.flush()
    said = {"conversation_id": talk.id, "customer_id": person.id, "author": "customer", "created_at": NOW}
    await session.execute(insert(table_of(Message)), [{**said, "text": f"hello I am {name}"}])
    return person.id


async def link(session: Session, name: str, account: int) -> int:
    agent = await staff.create_agent(session, name=name, role=Role.AGENT, now=NOW)
    code = await sign_in.issue_code(session, agent.id, Purpose.TELEGRAM, now=NOW)
    return (await staff.link_telegram(session, code, account, now=NOW)).id


async def shown(session: Session, run_id: int) -> list[list[int]]:
    """The ids of customers in each place that tells of them."""
    listed = (await customers.page(session)).customers
    sought = (await customers.page(session, query="tom")).customers + (
        await customers.page(session, query="anna")
    ).customers
    talks = await search.find_conversations(session, Filters())
    hits = await search.find(session, Filters(q="hello"))
    scored = await scores.customer_scores(session, run_id, segment="Champions")
    exported = await customer_files.export_lines(session)
    return [
        [one.id for one in listed],
        [one.id for one in sought],
        sorted(one.customer_id for one in talks),
        sorted(one.message.customer_id for one in hits),
        [one.customer_id for one in await facts.facts(session, LATER, None)],
        [one.customer_id for one in scored],
        list(range(1, await customers.count(session) + 1)),
        list(range(1, len(exported))),
    ]


async def test_a_colleague_is_no_customer_until_the_link_ends(store: Store) -> None:
    async with store.write() as session:
        anna, tom = await speak(session, "Anna", ANNA), await speak(session, "Tom", TOM)
        rows = [ScoreRow(number, {}, "Champions") for number in (anna, tom)]
        draft = RunDraft(NOW, timedelta(days=365), {})
        run = (await scores.save_run(session, draft, rows, now=NOW)).id
        await search_index.catch_up(session)
        everybody = await shown(session, run)
        agent = await link(session, "Tom", TOM)
        besides = await shown(session, run)
        own = await search.find_conversations(session, Filters(customer_id=tom))
        await staff.unlink_telegram(session, agent)
        again = await shown(session, run)
    assert [sorted(one) for one in everybody] == [[anna, tom]] * 8
    assert besides == [[anna]] * 8
    assert [one.customer_id for one in own] == [tom], "what they said is kept, and found by their record"
    assert again == everybody


async def test_a_colleague_whom_a_person_is_to_serve_is_found(store: Store) -> None:
    async with store.write() as session:
        tom = await speak(session, "Tom", TOM)
        await link(session, "Tom", TOM)
        [talk] = await search.find_conversations(session, Filters(customer_id=tom))
        for status, found in ((Status.QUEUED, [talk.id]), (Status.RESOLVED, [])):
            talk.status = status
            await session.flush()
            assert [one.id for one in await search.find_conversations(session, Filters())] == found


async def test_who_was_shut_out_works_here_no_more(store: Store) -> None:
    async with store.write() as session:
        tom = await speak(session, "Tom", TOM)
        agent = await link(session, "Tom", TOM)
        assert await customers.count(session) == 0
        await staff.disable_agent(session, agent, now=NOW)
        assert [one.id for one in (await customers.page(session)).customers] == [tom]


async def test_an_account_on_another_channel_is_nobodys_on_the_staff(store: Store) -> None:
    async with store.write() as session:
        await customers.for_identity(session, "web", str(TOM), now=NOW)
        await link(session, "Tom", TOM)
        assert await customers.count(session) == 1
