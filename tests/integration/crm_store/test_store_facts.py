"""The facts scores are computed from, on both databases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import facts, orders
from crm_store.engine import Store
from crm_store.facts import AspectRating, CustomerFacts
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.orders import Order
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.orders import LineDraft, OrderDraft

DAY = timedelta(days=1)
AS_OF = datetime(2026, 11, 21, tzinfo=UTC)
JUST_BEFORE = AS_OF - timedelta(microseconds=1)
WINDOW = 30 * DAY
LONG_AGO = AS_OF - 400 * DAY
ANN, BOB, CAT, DAN, EVE = 1, 2, 3, 4, 5


def line(sku: str, quantity: int = 1) -> LineDraft:
    return LineDraft(sku, quantity, Decimal("0.1"))


ORDERS: list[tuple[int, OrderDraft]] = [
    (ANN, OrderDraft("1", Decimal(100), AS_OF - 100 * DAY, lines=(line("a"), line("z")))),
    (ANN, OrderDraft("2", Decimal("0.1"), AS_OF - WINDOW, lines=(line("a"), line("b"), line("c", -1)))),
    (ANN, OrderDraft("3", Decimal("0.2"), JUST_BEFORE, lines=(line("b"),))),
    (ANN, OrderDraft("4", Decimal("-0.05"), AS_OF - 5 * DAY, lines=(line("d", -1),))),
    (ANN, OrderDraft("5", Decimal(900), AS_OF, lines=(line("e"),))),
    (BOB, OrderDraft("6", Decimal(-7), AS_OF - 3 * DAY)),
    (CAT, OrderDraft("7", Decimal(50), AS_OF - WINDOW - timedelta(microseconds=1))),
    (DAN, OrderDraft("8", Decimal(60), AS_OF - DAY)),
]


async def fill(store: Store) -> None:
    async with store.write() as session:
        session.add(Customer(id=ANN, created_at=LONG_AGO, updated_at=LONG_AGO))
        session.add(Customer(id=DAN, created_at=LONG_AGO, updated_at=AS_OF, profiling_allowed=False))
        session.add(Customer(id=BOB, created_at=LONG_AGO, updated_at=LONG_AGO, referred_by_id=ANN))
        session.add(Customer(id=CAT, created_at=AS_OF + DAY, updated_at=AS_OF, referred_by_id=DAN))
        session.add(Customer(id=EVE, created_at=AS_OF + DAY, updated_at=AS_OF, merged_into_id=None))
        await session.flush()
        for customer_id, draft in ORDERS:
            await orders.record(session, customer_id, draft, now=AS_OF + 2 * DAY)


async def read(store: Store, as_of: datetime = AS_OF) -> dict[int, CustomerFacts]:
    async with store.read() as session:
        return {row.customer_id: row for row in await facts.facts(session, as_of, WINDOW)}


async def test_orders_of_the_window_and_of_ever(store: Store) -> None:
    await fill(store)
    ann = (await read(store))[ANN]
    assert ann == CustomerFacts(
        customer_id=ANN,
        order_count=2,
        return_count=1,
        amount=0.25,
        variety=2,
        first_order_at=AS_OF - WINDOW,
        last_order_at=JUST_BEFORE,
        referred_by=None,
        rating_count=0,
        comment_count=0,
        confirmed_answer_count=0,
        purchases_ever=3,
        returns_ever=1,
    )


async def test_who_only_returned_stays_and_is_flagged(store: Store) -> None:
    await fill(store)
    found = await read(store)
    assert (found[BOB].order_count, found[BOB].amount, found[BOB].only_returned) == (0, -7.0, True)
    assert [who for who, row in found.items() if row.only_returned] == [BOB]
    assert (found[CAT].order_count, found[CAT].purchases_ever, found[CAT].amount) == (0, 1, 0.0)


async def test_who_objected_and_who_was_not_known_yet_are_left_out(store: Store) -> None:
    await fill(store)
    found = await read(store)
    assert sorted(found) == [ANN, BOB, CAT]  # DAN objected; EVE came later, and CAT's order was before
    assert (found[BOB].referred_by, found[CAT].referred_by) == (ANN, None)
    assert EVE in await read(store, AS_OF + 2 * DAY)


async def test_no_window_is_the_whole_history(store: Store) -> None:
    await fill(store)
    async with store.read() as session:
        ann = (await facts.facts(session, AS_OF, None))[0]
    assert (ann.order_count, ann.amount, ann.variety) == (3, 100.25, 3)
    assert (ann.first_order_at, ann.last_order_at) == (AS_OF - 100 * DAY, JUST_BEFORE)


async def test_a_merged_referrer_credits_who_was_kept(store: Store) -> None:
    await fill(store)
    async with store.write() as session:
        await session.execute(update(Customer).where(Customer.id == ANN).values(merged_into_id=CAT))
    found = await read(store)
    assert ANN not in found
    assert found[BOB].referred_by == CAT


async def test_a_cancelled_order_counts_until_it_was_cancelled(store: Store) -> None:
    await fill(store)
    async with store.write() as session:
        (order,) = await orders.with_number(session, "3")
        await orders.update_order(session, order.id, now=AS_OF + 3 * DAY, status="cancelled")
    assert (await read(store))[ANN].order_count == 2
    assert (await read(store, AS_OF + 3 * DAY))[ANN].order_count == 2  # 5 came, 2 left the window
    assert (await read(store, AS_OF + 4 * DAY))[ANN].order_count == 1


async def add_ratings(session: AsyncSession, at: datetime) -> None:
    """One conversation of ANN: a form with two aspects, a comment, an answer that helped and one that did not."""
    identity = Identity(customer_id=ANN, channel="web", address=str(at), created_at=at, last_seen_at=at)
    session.add(identity)
    await session.flush()
    talk = Conversation(
        customer_id=ANN, identity_id=identity.id, channel="web", created_at=at, last_message_at=at
    )
    session.add(talk)
    await session.flush()
    of_ann = {"conversation_id": talk.id, "customer_id": ANN}
    form = RatingRequest(**of_ann, state="done", comment="fine", asked_at=at, finished_at=at, expires_at=at)
    messages = [Message(**of_ann, author="bot", text="?", created_at=at) for _ in range(2)]
    session.add_all([form, *messages])
    await session.flush()
    for aspect, score in (("price", 50.0), ("product_quality", 100.0)):
        session.add(Rating(**of_ann, request_id=form.id, aspect=aspect, score=score, rated_at=at))
    for message, helped in zip(messages, (True, False), strict=True):
        session.add(AnswerFeedback(**of_ann, message_id=message.id, helped=helped, created_at=at))
    session.add(Rating(customer_id=ANN, aspect="price", score=0.0, rated_at=at))


async def test_ratings_comments_and_confirmed_answers(store: Store) -> None:
    await fill(store)
    async with store.write() as session:
        for at in (AS_OF - 2 * DAY, AS_OF - 40 * DAY, AS_OF + DAY):
            await add_ratings(session, at)
    ann = (await read(store))[ANN]
    assert (ann.rating_count, ann.comment_count, ann.confirmed_answer_count) == (2, 1, 1)
    async with store.read() as session:
        ratings = await facts.aspect_ratings(session, AS_OF, WINDOW)
    assert ratings == [AspectRating(ANN, "price", 25.0), AspectRating(ANN, "product_quality", 100.0)]
    async with store.write() as session:
        await session.execute(update(Customer).where(Customer.id == ANN).values(profiling_allowed=False))
        assert await facts.aspect_ratings(session, AS_OF, WINDOW) == []


async def test_what_happens_later_does_not_change_yesterdays_facts(store: Store) -> None:
    await fill(store)
    before = await read(store)
    later = AS_OF + DAY
    async with store.write() as session:
        await orders.record(session, BOB, OrderDraft("9", Decimal(5), later), now=later)
        await add_ratings(session, later)
        for order in await session.scalars(select(Order)):
            if order.status != "cancelled":
                await orders.update_order(session, order.id, now=later, status="cancelled")
    assert await read(store) == before


@pytest.mark.parametrize("customers", [1, 20])
async def test_the_number_of_statements_does_not_grow(sqlite_store: Store, customers: int) -> None:
    async with sqlite_store.write() as session:
        session.add_all([Customer(created_at=LONG_AGO, updated_at=LONG_AGO) for _ in range(customers)])
    statements: list[str] = []
    engine = sqlite_store.reader.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert len(await read(sqlite_store)) == customers
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
