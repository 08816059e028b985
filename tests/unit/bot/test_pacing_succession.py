"""Who takes a channel over cannot know what the process before has just sent, and keeps the limits all the same."""

import pytest

from bot.channels.base import Pace
from bot.pacing import BURST, Pacer


def send_all(pacer: Pacer, chats: list[str], now: float, until: float) -> list[tuple[float, str]]:
    """Send as soon as may be, in steps of a hundredth of a second."""
    sent = []
    while now < until:
        for chat in chats:
            if pacer.delay(chat, now) == 0:
                pacer.took(chat, now)
                sent.append((now, chat))
        now = round(now + 0.01, 2)
    return sent


@pytest.mark.parametrize("chats", [["a"], [str(n) for n in range(50)]])
def test_both_together_stay_within_what_one_alone_may_send(chats: list[str]) -> None:
    pace = Pace(overall_per_s=30, per_chat_per_s=1)
    before, after = Pacer(pace), Pacer(pace)
    sent = send_all(before, chats, 100.0, 100.5)
    after.take_over(100.5)
    sent += send_all(after, chats, 100.5, 110.0)
    for begin, _ in sent:
        window = [chat for at, chat in sent if begin <= at < begin + 1.0]
        assert len(window) <= 30
    for chat in chats:
        times = [at for at, whose in sent if whose == chat]
        for begin in times:
            for span in range(1, 9):
                assert sum(begin <= at < begin + span - 1e-6 for at in times) <= BURST + span


def test_without_limits_nothing_is_waited_for() -> None:
    pacer = Pacer(Pace())
    pacer.take_over(5.0)
    assert pacer.delay("a", 5.0) == 0
