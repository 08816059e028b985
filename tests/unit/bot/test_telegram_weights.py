"""What Telegram counts as several messages weighs as many on its way to the customer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Pace
from bot.channels.telegram.weighing import call_weight, message_weight
from bot.pacing import BURST, Pacer
from bot.turns import FRESH, Line, weight_of
from crm_store.outbox import Claimed

Json = dict[str, Any]
TELEGRAM = Pace(30, 1, weigh=message_weight)


def message(number: int, text: str = "hi", attachment: Json | None = None) -> Claimed:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    kind = "photo" if attachment else "text"
    return Claimed(
        number, 1, 1, f"telegram:{number}", "agent", kind, text, None, attachment, None, "en", 1, at
    )


def album(parts: int, **more: Any) -> Json:
    first, *others = [{"type": "photo", "file_id": str(part)} | more for part in range(parts)]
    return first | {"album": others}


@pytest.mark.parametrize(
    ("method", "params", "weight"),
    [
        ("sendMessage", {"text": "one"}, 1),
        ("editMessageText", {"text": "one"}, 1),
        ("sendPhoto", {"photo": "abc"}, 1),
        ("sendMediaGroup", {"media": [{}, {}, {}]}, 3),
        ("copyMessage", {"message_id": 12}, 1),
        ("copyMessages", {"message_ids": [1, 2]}, 2),
        ("forwardMessages", {"message_ids": [1, 2, 3, 4]}, 4),
    ],
)
def test_a_call_weighs_the_messages_it_makes(method: str, params: Json, weight: int) -> None:
    assert call_weight(method, params) == weight


@pytest.mark.parametrize(
    ("text", "attachment", "weight"),
    [
        ("", None, 1),
        ("hi", None, 1),
        ("x" * 4096, None, 1),
        ("x" * 4097, None, 2),
        ("😀" * 4096, None, 2),
        ("below it", {"type": "photo", "file_id": "a"}, 1),
        ("x" * 1025, {"type": "photo", "file_id": "a"}, 2),
        ("below it", album(10), 10),
        ("x" * 1025, album(3), 4),
        ("", album(3, caption="x" * 1025), 5),
        ("", {"album": 5}, 1),  # cannot be drawn; sending it tells so
    ],
)
def test_a_message_weighs_what_is_sent_of_it(text: str, attachment: Json | None, weight: int) -> None:
    assert weight_of(message(1, text, attachment), TELEGRAM) == weight
    assert weight_of(message(1, text, attachment), Pace(30, 1)) == 1


def sent_in_line(line_of: list[tuple[Claimed, int]], pace: Pace) -> list[tuple[float, int]]:
    """When each leaves a line that is looked at every hundredth of a second, with its weight."""
    pacer, sent, now = Pacer(pace), [], 100.0
    for one, weight in line_of:
        while pacer.delay(one.address, now, weight) > 0:
            now += 0.01
        pacer.took(one.address, now, weight)
        sent.append((now, weight))
    return sent


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_the_bots_limit_counts_every_part(weights: list[int]) -> None:
    sent = sent_in_line([(message(n), weight) for n, weight in enumerate(weights)], TELEGRAM)
    for begin, _ in sent:
        assert sum(weight for at, weight in sent if begin <= at < begin + 1.0) <= 30


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_a_chat_takes_one_a_second_and_an_album_only_when_it_is_at_rest(weights: list[int]) -> None:
    sent = sent_in_line([(message(1), weight) for weight in weights], TELEGRAM)
    for first, (begin, _) in enumerate(sent):
        for at, weight in sent[first + 1 :]:
            before = sum(other for when, other in sent[first:] if when < at)
            assert before + min(weight, BURST) <= BURST + (at - begin) + 1e-6


async def test_a_line_lets_no_more_parts_out_than_the_platform_takes() -> None:
    now, started = 100.0, []
    line = Line(
        Pacer(Pace(30, weigh=message_weight)),
        start=lambda one: started.append(one.id),
        turn_away=lambda _one, _delay: None,
        steady=lambda: now,
    )
    for number in range(9):
        line.join(message(number, "", album(10)), FRESH)
    assert started == [0, 1, 2]
    now += 0.5
    line.look()
    assert started == [0, 1, 2]
    line.close(started)
    now += 0.6
    line.look()
    assert started == [0, 1, 2, 3, 4, 5]
