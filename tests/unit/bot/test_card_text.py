"""What a card tells of why it stands where it stands, whose it is, and who the customer is."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from bot.channels.telegram.desk.card import card_text
from crm_store.desk_cards import Card
from crm_store.queueing import Reason

CARD = Card(
    conversation_id=1,
    customer_id=1,
    name="Zoe",
    username=None,
    channel="telegram",
    address="5",
    is_reachable=True,
    status="queued",
    reason="transferred",
    queued_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    language="zh",
    agent=None,
    rating=None,
    orders=0,
    spent=Decimal(0),
    last_lines=(),
)


def test_the_team_it_was_handed_on_to() -> None:
    card = replace(CARD, team="night")
    assert "For the team night" in card_text(card, "en")
    assert "转给团队：night" in card_text(card, "zh")
    assert "night" not in card_text(replace(card, status="resolved"), "en")
    assert "For the team" not in card_text(CARD, "en")


def test_why_it_stands_where_it_stands() -> None:
    card = replace(CARD, why_next=(Reason("waiting", 0, 8.0), Reason("mood", 2)))
    told = "Why it stands here: waiting 8 min, sounds unhappy (counts as +2 min)"
    assert told in card_text(card, "en")
    assert "排序依据：已等 8 分钟、语气不满（折合 +2 分钟）" in card_text(card, "zh")


def test_the_segment_in_the_staffs_language() -> None:
    card = replace(CARD, segment="No orders")
    assert "客户分群：没有订单" in card_text(card, "zh")
    assert "Segment: No orders" in card_text(card, "en")
    assert "客户分群：VIP" in card_text(replace(CARD, segment="VIP"), "zh")
