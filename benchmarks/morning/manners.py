"""What an agent does next, by what they see of a conversation. Pure; the same at either desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.morning.plans import LAST, MARK

GREETINGS = {
    "en": "Hello, {who} here. What can I do for you?",
    "zh": "您好，我是{who}，请问有什么可以帮您？",
}
REPLIES = {
    "en": ("I see. Which order is it about?", "Thank you, I have noted that.", "A new one leaves today."),
    "zh": ("明白了，是哪个订单呢？", "好的，我记下了。", "新的今天就寄出。"),
}
NOTED = "third one of this batch"


class Side(StrEnum):
    """Who wrote a line of a conversation."""

    CUSTOMER = "customer"
    AGENT = "agent"
    NOTE = "note"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is seen at a desk."""

    side: Side
    text: str
    has_failed: bool = False


class Does(StrEnum):
    """The kinds of doing."""

    REPLIES = "replies"
    NOTES = "notes"
    RESOLVES = "resolves"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Act:
    """What to do, with its words."""

    does: Does
    text: str = ""


def next_act(lines: Sequence[Line], who: str, number: int, *, is_over: bool = False) -> Act:
    """Greet who has not been greeted, answer each of their words, note now and then, close after the farewell.

    What nothing reaches is closed at once, what is left when the morning is over as well.
    """
    replies = [line for line in lines if line.side is Side.AGENT]
    if is_over or any(line.has_failed for line in replies):
        return Act(Does.RESOLVES)
    talk = [line for line in lines if line.side in (Side.CUSTOMER, Side.AGENT)]
    language = "zh" if any("\u4e00" <= sign <= "\u9fff" for line in talk for sign in line.text[:12]) else "en"
    reference = f"{who}-{_read_of(talk, number):03}-{len(replies)}"
    if not replies:
        return Act(Does.REPLIES, f"{GREETINGS[language].format(who=who)} {reference}")
    said = [line.text for line in talk if line.side is Side.CUSTOMER]
    # Also where a reply to what they wrote before it crossed it: nothing more is to come.
    if said and any(mark.endswith(f".{LAST}") for mark in MARK.findall(said[-1])):
        return Act(Does.RESOLVES)
    if talk[-1].side is Side.AGENT:
        return Act(Does.WAITS)
    if number % 5 == 0 and not any(line.side is Side.NOTE for line in lines):
        return Act(Does.NOTES, f"{NOTED} {reference}")
    known = REPLIES[language]
    return Act(Does.REPLIES, f"{known[len(replies) % len(known)]} {reference}")


def _read_of(talk: Sequence[Line], number: int) -> int:
    """Whose words were read, by their marks: the reply names them, and so shows when it went to somebody else."""
    marks = [mark for line in talk for mark in MARK.findall(line.text)]
    return int(marks[-1][1:4]) if marks else number


def number_of(name: str) -> int:
    """The number at the end of a customer's name."""
    return int(name.rsplit(" ", 1)[-1])
