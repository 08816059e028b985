"""From recorded orders and ratings to kept, explained scores, on both databases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from admin_api import score_runs
from admin_api.scoring.customers import ScoringRules
from admin_api.scoring.facts import HISTORY_COLUMNS
from crm_store import conversations, desk_cards, orders, queue, scores
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import Timer
from crm_store.models.ratings import Rating
from crm_store.models.scores import ScoreRun
from crm_store.orders import LineDraft, OrderDraft
from crm_store.scores import ScoreRow
from crm_store.session import Session
from crm_store.timers import TimerKind
from tests.integration.crm_store.test_queue_order import waits

DAY = timedelta(days=1)
AS_OF = datetime(2026, 11, 21, tzinfo=UTC)
LONG_AGO = AS_OF - 500 * DAY


def order(number: str, amount: int, days_ago: int, *skus: str) -> OrderDraft:
    lines = tuple(LineDraft(sku, 1, Decimal(amount)) for sku in skus)
    return OrderDraft(number, Decimal(amount), AS_OF - days_ago * DAY, lines=lines)


async def fill(store: Store) -> None:
    """1 buys and rates, 2 was referred by 1 and buys, 3 only returns, 4 does nothing, 5 objects."""
    async with store.write() as session:
        for number in range(1, 6):
            referrer = 1 if number == 2 else None
            row = Customer(id=number, referred_by_id=referrer, created_at=LONG_AGO, updated_at=LONG_AGO)
            row.profiling_allowed = number != 5
            session.add(row)
        await session.flush()
        for customer_id, draft in (
            (1, order("a", 600, 100, "lamp", "bulb")),
            (1, order("b", 400, 10, "lamp", "vase")),
            (1, order("c", 9, 400, "bell")),
            (2, order("d", 200, 30, "lamp")),
            (3, order("e", -50, 20, "lamp")),
            (5, order("f", 999, 20, "lamp")),
        ):
            await orders.record(session, customer_id, draft, now=AS_OF)
        for aspect, score in (("product_quality", 75.0), ("service_quality", 100.0), ("price", 75.0)):
            session.add(Rating(customer_id=1, aspect=aspect, score=score, rated_at=AS_OF - DAY))


async def run_and_read(store: Store, as_of: datetime = AS_OF) -> tuple[ScoreRun, dict[int, ScoreRow]]:
    run = await score_runs.run_scores(store, as_of=as_of, now=AS_OF)
    async with store.read() as session:
        return run, {row.customer_id: row for row in await scores.customer_scores(session, run.id)}


async def test_everybody_has_scores_by_the_published_formulas(store: Store) -> None:
    await fill(store)
    run, rows = await run_and_read(store)
    assert sorted(rows) == [1, 2, 3, 4]
    first = rows[1].values
    assert first["loyalty"]["raw"] == pytest.approx((2 + 1000 + 3) / 3)
    assert first["value"]["raw"] == pytest.approx(
        (1000 + 200 + 3) / 3
    )  # 3 ratings outside a form, worth 1 each
    assert (first["spend"]["raw"], first["spend"]["rank"]) == (2000, 1)
    assert first["satisfaction"]["raw"] == pytest.approx(250 / 3)
    assert first["inputs"]["recency_days"] == 10
    assert first["inputs"]["purchases_ever"] == 3
    assert (run.window_days, run.context["overall_satisfaction"]) == (365, pytest.approx(250 / 3))
    assert run.versions["loyalty"] == "loyalty-1"


async def test_who_only_returned_is_scored_with_zero_orders_and_flagged(store: Store) -> None:
    await fill(store)
    _, rows = await run_and_read(store)
    inputs = rows[3].values["inputs"]
    assert (inputs["order_count"], inputs["amount"], inputs["only_returns"]) == (0, -50, True)
    assert (inputs["purchases_ever"], inputs["recency_days"]) == (0, None)
    assert rows[4].values["inputs"]["only_returns"] is False


async def test_segments_are_kept_with_their_members(store: Store) -> None:
    await fill(store)
    run, rows = await run_and_read(store)
    assert run.segments is not None
    sizes = {each["name"]: each["size"] for each in run.segments}
    members = [row.segment for row in rows.values()]
    assert sizes == {name: members.count(name) for name in sizes}
    assert sum(sizes.values()) == 4


async def test_whose_segment_changed_while_they_wait_has_their_promises_looked_at(store: Store) -> None:
    await fill(store)
    async with store.write() as session:
        scored, objects, with_bot = [
            await _talk(session, customer_id, status)
            for customer_id, status in ((1, Status.QUEUED), (5, Status.QUEUED), (2, Status.BOT))
        ]
    assert await _looks(store) == []
    await run_and_read(store)
    assert await _looks(store) == [(scored, AS_OF)]
    async with store.write() as session:
        await session.execute(delete(Timer))
    await run_and_read(store)  # nobody is in another segment
    assert await _looks(store) == []
    assert len({scored, objects, with_bot}) == 3


async def _talk(session: Session, customer_id: int, status: Status) -> int:
    then = {"created_at": AS_OF, "last_seen_at": AS_OF}
    identity = Identity(customer_id=customer_id, channel="web", address=str(customer_id), **then)
    session.add(identity)
    await session.flush()
    talk = Conversation(customer_id=customer_id, identity_id=identity.id, channel="web", status=status,
                        queued_at=AS_OF, created_at=AS_OF, last_message_at=AS_OF)  # fmt: skip
    session.add(talk)
    await session.flush()
    return talk.id


async def _looks(store: Store) -> list[tuple[int, datetime]]:
    """At whose promises people's timers look, and when."""
    async with store.read() as session:
        due = select(Timer.subject_id, Timer.due_at).where(Timer.kind == TimerKind.UNANSWERED)
        return [(row[0], row[1]) for row in await session.execute(due)]


async def test_a_customer_of_whom_nothing_is_known_has_no_value_among_the_reasons(store: Store) -> None:
    """1 has bought, 3 only returned; of 4 nothing is known, and the middle of all indexes says nothing of them."""
    await fill(store)
    _, rows = await run_and_read(store)
    assert rows[4].values["value"]["index"] > 0
    talks = {number: await waits(store, str(number), AS_OF, customer_id=number) for number in (1, 3, 4)}
    told = {}
    async with store.read() as session:
        for number, talk in talks.items():
            card = await desk_cards.card(session, talk, now=AS_OF)
            told[number] = ([(why.reason, why.points) for why in card.why_next], card.value)
            entry = await queue.place(session, await conversations.get(session, talk), now=AS_OF)
            assert entry is not None
            assert entry.points == sum(why.points for why in entry.why_next)
    assert told[4] == ([("waiting", 0)], None)
    for number in (1, 3):
        index = rows[number].values["value"]["index"]
        assert told[number] == ([("waiting", 0), ("value", round(index / 10))], index)


async def test_the_same_moment_gives_the_same_scores_later(store: Store) -> None:
    await fill(store)
    _, before = await run_and_read(store)
    async with store.write() as session:
        await orders.record(session, 2, order("g", 5_000, 0, "piano"), now=AS_OF)
    _, again = await run_and_read(store)
    assert again == before
    _, next_day = await run_and_read(store, AS_OF + DAY)
    assert next_day[2].values["spend"]["rank"] == 1


async def test_a_kept_score_is_explained(store: Store) -> None:
    await fill(store)
    run, rows = await run_and_read(store)
    why = score_runs.explain_stored(run, rows[1], "loyalty")
    assert (why.as_of, why.window_days, why.version) == (AS_OF, 365, "loyalty-1")
    assert {part.name: part.value for part in why.parts} == {"frequency": 2, "amount": 1000, "variety": 3}
    assert score_runs.explain_stored(run, rows[3], "spend").flags == (
        "no_orders",
        "only_returns",
        "not_rated",
    )
    nothing = score_runs.explain_stored(run, rows[4], "satisfaction")
    assert (nothing.raw, nothing.index) == (None, None)


async def test_weights_are_kept_with_the_run(store: Store) -> None:
    await fill(store)
    rules = ScoringRules(window=30 * DAY, weights={"service_quality": 3.0, "price": 1.0})
    run = await score_runs.run_scores(store, as_of=AS_OF, now=AS_OF, rules=rules)
    async with store.read() as session:
        row = await scores.customer_score(session, run.id, 1)
    assert row.values["satisfaction"]["raw"] == pytest.approx((3 * 100 + 75) / 4)
    assert (run.window_days, run.context["weights"]) == (30, {"service_quality": 3.0, "price": 1.0})


async def test_a_store_without_customers_has_an_empty_run(store: Store) -> None:
    run, rows = await run_and_read(store)
    assert (run.segments, rows) == ([], {})


async def test_history_for_lifetime_value(store: Store) -> None:
    await fill(store)
    async with store.read() as session:
        history = await score_runs.read_history(session, AS_OF)
    assert tuple(history.columns) == HISTORY_COLUMNS
    first = history.iloc[0]
    assert (first["order_count"], first["amount"], first["first_order_at"]) == (3, 1009, AS_OF - 400 * DAY)
