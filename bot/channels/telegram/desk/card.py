"""A conversation's card, and its earlier words, as text and buttons. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.telegram.desk.choices import ANYWAY, data
from bot.channels.telegram.drawing import MAX_TEXT, cut, split, units
from bot.rendering import worded
from bot.texts import find, render
from crm_store.desk_cards import Card
from crm_store.desk_lines import Line
from crm_store.desk_posts import WITH_STAFF
from crm_store.lifecycle import Status
from crm_store.queueing import Reason

Json = dict[str, Any]
ICONS = {
    Status.BOT: "🤖",
    Status.QUEUED: "🔴",
    Status.ASSIGNED: "🟡",
    Status.WAITING_CUSTOMER: "🟢",
    Status.SNOOZED: "💤",
    Status.RESOLVED: "✅",
}
UNDELIVERED = "⚠️"
BUTTONS: dict[Status, tuple[tuple[str, ...], ...]] = {
    Status.BOT: (("take", "ban"),),
    Status.QUEUED: (("take", "resolve"), ("snooze", "transfer", "ban")),
    Status.ASSIGNED: (("resolve", "release"), ("snooze", "transfer", "ban")),
    Status.WAITING_CUSTOMER: (("resolve", "release"), ("snooze", "transfer", "ban")),
    Status.SNOOZED: (("take", "resolve"), ("ban",)),
    Status.RESOLVED: (("reopen", "ban"),),
}
BANNED = (("unban",),)
MOMENT = "%Y-%m-%d %H:%M"
LINE_LENGTH = 160
MAX_BEFORE = 2400
"""Earlier words of this length stand in the card; longer ones would leave no room for what is still to come there."""
MAX_TOPIC_NAME = 128
NUMBERED = 20
"""So many of the first in a chat tell their number: they are kept true while the queue around them moves."""


def topic_name(card: Card) -> str:
    """What the customer's topic is called."""
    return cut(" ".join(card.name.split()) or f"#{card.customer_id}", MAX_TOPIC_NAME)


def card_text(card: Card, language: str, most: int = MAX_TEXT) -> str:
    """The card, of so many units at most; words that stand in it already are not its last words once more."""
    told = {line.message_id for line in card.before}
    last = [
        cut(line_text(line, card, language), LINE_LENGTH)
        for line in card.last_lines
        if line.message_id not in told
    ]
    head, end = _head(card, language), "\n".join([render(language, "desk.last"), *last]) if last else ""
    room = most - units(head) - units(end) - len("\n\n") * 2
    before = before_within(room, card.before, card, language) if card.before else ""
    return "\n\n".join(part for part in (head, before, end) if part)


def _head(card: Card, language: str) -> str:
    status = Status(card.status)
    return render(
        language,
        "desk.card",
        icon="🚫" if card.banned_by is not None else UNDELIVERED if card.is_undelivered else ICONS[status],
        name=cut(card.name, 64),
        username=f" (@{card.username})" if card.username else "",
        status=render(
            language,
            "desk.status_undelivered" if card.is_undelivered else f"desk.status_{status}",
            agent=card.agent or "—",
        ),
        facts="\n".join(_facts(card, language)),
    )


def retired_text(card: Card, language: str) -> str:
    """What a card says whose customer is served in another chat: nothing that would have to be kept true."""
    end = f"\n\n{render(language, 'desk.elsewhere')}"
    return card_text(replace(card, place=None, why_next=()), language, MAX_TEXT - units(end)) + end


def _facts(card: Card, language: str) -> list[str]:
    facts = []
    if card.banned_by is not None:
        key = "desk.shadow_fact" if card.ban_is_shadow else "desk.ban_fact"
        facts.append(render(language, key, name=card.banned_by, reason=card.ban_reason or "—"))
        if card.banned_until is not None:
            facts.append(render(language, "desk.ban_until", until=f"{card.banned_until:%Y-%m-%d %H:%M} UTC"))
    if not card.is_reachable:
        facts.append(render(language, "desk.unreachable"))
    if card.reason and card.status != Status.BOT:
        reason = find(language, f"desk.reason_{card.reason}") or card.reason.replace("_", " ")
        facts.append(render(language, "desk.why", reason=reason))
    if card.team and card.status in WITH_STAFF:
        facts.append(render(language, "desk.for_team", name=cut(card.team, 64)))
    facts += _wait(card, language)
    facts.append(render(language, "desk.speaks", code=card.language, channel=card.channel))
    if card.phone:
        facts.append(render(language, "desk.phone_fact", phone=card.phone))
    facts += _worth(card, language)
    return facts


def _wait(card: Card, language: str) -> list[str]:
    """How long, at which place, and what speaks for it."""
    if card.status == Status.SNOOZED and card.snoozed_until is not None:
        return [render(language, "desk.until", time=f"{card.snoozed_until:{MOMENT}}")]
    if card.status != Status.QUEUED or card.queued_at is None:
        return []
    facts = [render(language, "desk.since", time=f"{card.queued_at:{MOMENT}}")]
    if card.place is not None and is_numbered(card.place_here):
        facts.append(render(language, "desk.place", place=card.place))
    elif card.place is not None:
        facts.append(render(language, "desk.place_beyond", count=NUMBERED))
    if card.meant_for is not None:
        key = "desk.kept_for_online" if card.meant_for_is_there else "desk.kept_for"
        facts.append(render(language, key, name=card.meant_for))
    why = [_reason(reason, language) for reason in card.why_next]
    comma = render(language, "desk.comma")
    return [*facts, render(language, "desk.why_next", reasons=comma.join(why))] if why else facts


def is_numbered(place_here: int | None) -> bool:
    """Whether the card with this place among those of its chat tells its number in the queue."""
    return place_here is None or place_here <= NUMBERED


def _reason(reason: Reason, language: str) -> str:
    value = reason.value
    figure = "" if value is None else f"{value:+.0f}" if reason.reason == "priority" else f"{value:.0f}"
    known = find(language, f"desk.next_{reason.reason}")
    words = known.format(value=figure, about=reason.about or "") if known else reason.reason
    return (
        render(language, "desk.next_points", words=words, points=f"{reason.points:+d}")
        if reason.points
        else words
    )


def _worth(card: Card, language: str) -> list[str]:
    """What the business knows of the customer: segment, value, rating, orders."""
    facts = []
    if card.segment is not None:
        name = find(language, f"desk.segment_{_key(card.segment)}") or card.segment
        facts.append(render(language, "desk.segment", name=name))
    if card.value is not None:
        facts.append(render(language, "desk.value", index=f"{card.value:.0f}"))
    if card.rating is None:
        facts.append(render(language, "desk.not_rated"))
    else:
        facts.append(render(language, "desk.rated", rating=f"{1 + card.rating / 25:.1f}"))
    if card.orders:
        facts.append(render(language, "desk.orders", count=card.orders, spent=f"{card.spent:.2f}"))
    for order in card.last_orders:
        amount = f"{order.amount:.2f} {order.currency}"
        day = f"{order.placed_at:%Y-%m-%d}"
        facts.append(f"  #{cut(order.number, 32)} · {amount} · {order.status} · {day}")
    if card.open_cases:
        named = render(language, "desk.comma").join(
            f"{one.number} ({render(language, f'desk.case_state_{one.state}')})" for one in card.open_cases
        )
        facts.append(render(language, "desk.open_cases", cases=named))
    return facts


def _key(name: str) -> str:
    """As the texts call it: "No orders" is no_orders."""
    return name.casefold().replace(" ", "_")


def card_buttons(card: Card, language: str) -> Json:
    """The card's buttons; each names its conversation and what it does, and is checked when it is pressed."""
    shown = BANNED if card.banned_by is not None else BUTTONS[Status(card.status)]
    rows = [
        [
            {
                "text": render(language, f"desk.{action}"),
                "callback_data": data(card.conversation_id, action, _meant(card, action)),
            }
            for action in row
        ]
        for row in shown
    ]
    return {"inline_keyboard": rows}


def _meant(card: Card, action: str) -> str:
    """Who takes what nobody waits in means that; a card that still shows them waiting does not."""
    return ANYWAY if action == "take" and card.status == Status.BOT else ""


def line_text(line: Line, card: Card, language: str) -> str:
    """One message with its author."""
    words = worded(line.text, line.intent or {}, language if line.is_note else card.language)
    if line.attachment is not None:
        shown = find(language, f"media.{line.kind}") or find(language, "media.other") or ""
        words = f"{shown} {words}".strip()
    if line.is_note and line.author == "system":
        return render(language, "desk.system_note", text=words)
    if line.is_note:
        return render(language, "desk.note", name=line.agent or "—", text=words)
    if line.author == "customer":
        return render(language, "desk.customer_said", name=card.name, text=words)
    if line.author == "agent":
        return render(language, "desk.agent_said", name=line.agent or "—", text=words)
    return render(language, "desk.bot_said", text=words)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A part of the earlier words: the last message in it, and whether that ends there."""

    text: str
    message_id: int
    is_whole: bool


def history_parts(lines: Sequence[Line], card: Card, language: str) -> list[Earlier]:
    """The earlier words in as many parts as it takes; only what fits into none by itself goes over several."""
    parts: list[Earlier] = []
    text, last = before_text([], card, language), None
    for line in lines:
        told = line_text(line, card, language)
        if last is not None and units(f"{text}\n{told}") > MAX_TEXT:
            parts.append(Earlier(text, last, is_whole=True))
            text = told
        else:
            text = f"{text}\n{told}"
        *full, text = split(text)
        parts += [Earlier(one, line.message_id, is_whole=False) for one in full]
        last = line.message_id
    return parts if last is None else [*parts, Earlier(text, last, is_whole=True)]


def before_text(lines: Sequence[Line], card: Card, language: str) -> str:
    """The earlier words."""
    head = render(language, "desk.history", name=card.name)
    return "\n".join([head, *(line_text(line, card, language) for line in lines)])


def before_within(room: int, lines: Sequence[Line], card: Card, language: str) -> str:
    """The earlier words in so many units: the longest lines are cut as far as it takes, so that each can be read."""
    head, *told = before_text([], card, language), *(line_text(line, card, language) for line in lines)
    left, longest = room - units(head) - len(told), 0
    for done, length in enumerate(sorted(map(units, told))):
        longest = left // (len(told) - done)
        if length > longest:
            break
        left -= length
        longest = length
    return cut("\n".join([head, *(cut(one, max(longest, 1)) for one in told)]), room)


def fits_in_card(lines: Sequence[Line], card: Card, language: str) -> bool:
    """Whether the earlier words can be a part of the card."""
    return bool(lines) and units(before_text(lines, card, language)) <= MAX_BEFORE


def rating_text(told: Mapping[str, str], name: str, language: str) -> str:
    """What the staff are told of a low rating."""
    owner = told["owner"] or render(language, "desk.anybody")
    lines = [render(language, "desk.low_rating", name=name, stars=told["stars"])]
    if told["comment"]:
        lines.append(f"“{told['comment']}”")
    return "\n".join([*lines, render(language, "desk.follow_up", number=told["number"], owner=owner)])
