"""A conversation's card, and its earlier words, as text and buttons. Pure."""

from collections.abc import Sequence
from typing import Any

from bot.channels.telegram.drawing import cut, split
from bot.rendering import worded
from bot.texts import find, render
from crm_store.desk_cards import Card, Line
from crm_store.lifecycle import Status

Json = dict[str, Any]
ICONS = {
    Status.BOT: "🤖",
    Status.QUEUED: "🔴",
    Status.ASSIGNED: "🟡",
    Status.WAITING_CUSTOMER: "🟢",
    Status.SNOOZED: "💤",
    Status.RESOLVED: "✅",
}
BUTTONS: dict[Status, tuple[str, ...]] = {
    Status.BOT: ("take",),
    Status.QUEUED: ("take", "resolve"),
    Status.ASSIGNED: ("resolve", "release"),
    Status.WAITING_CUSTOMER: ("resolve", "release"),
    Status.SNOOZED: ("take", "resolve"),
    Status.RESOLVED: ("reopen",),
}
PREFIX = "desk"
LINE_LENGTH = 160
MAX_TOPIC_NAME = 128


def topic_name(card: Card) -> str:
    """What the customer's topic is called."""
    return cut(" ".join(card.name.split()) or f"#{card.customer_id}", MAX_TOPIC_NAME)


def card_text(card: Card, language: str) -> str:
    """The card."""
    status = Status(card.status)
    return render(
        language,
        "desk.card",
        icon=ICONS[status],
        name=cut(card.name, 64),
        username=f" (@{card.username})" if card.username else "",
        status=render(language, f"desk.status_{status}", agent=card.agent or "—"),
        facts="\n".join(_facts(card, language)),
    )


def _facts(card: Card, language: str) -> list[str]:
    facts = []
    if not card.is_reachable:
        facts.append(render(language, "desk.unreachable"))
    if card.reason and card.status != Status.BOT:
        reason = find(language, f"desk.reason_{card.reason}") or card.reason.replace("_", " ")
        facts.append(render(language, "desk.why", reason=reason))
    if card.queued_at is not None and card.status == Status.QUEUED:
        facts.append(render(language, "desk.since", time=f"{card.queued_at:%Y-%m-%d %H:%M}"))
    facts.append(render(language, "desk.speaks", code=card.language, channel=card.channel))
    if card.rating is None:
        facts.append(render(language, "desk.not_rated"))
    else:
        facts.append(render(language, "desk.rated", rating=f"{1 + card.rating / 25:.1f}"))
    if card.orders:
        facts.append(render(language, "desk.orders", count=card.orders, spent=f"{card.spent:.2f}"))
    if card.last_lines:
        facts += ["", render(language, "desk.last")]
        facts += [cut(line_text(line, card, language), LINE_LENGTH) for line in card.last_lines]
    return facts


def card_buttons(card: Card, language: str) -> Json:
    """The card's buttons; each names its conversation and what it does, and is checked when it is pressed."""
    row = [
        {
            "text": render(language, f"desk.{action}"),
            "callback_data": f"{PREFIX}:{card.conversation_id}:{action}",
        }
        for action in BUTTONS[Status(card.status)]
    ]
    return {"inline_keyboard": [row]}


def line_text(line: Line, card: Card, language: str) -> str:
    """One message with its author."""
    words = worded(line.text, line.intent or {}, card.language)
    if line.attachment is not None:
        shown = find(language, f"media.{line.kind}") or find(language, "media.other") or ""
        words = f"{shown} {words}".strip()
    if line.is_note:
        return render(language, "desk.note", name=line.agent or "—", text=words)
    if line.author == "customer":
        return render(language, "desk.customer_said", name=card.name, text=words)
    if line.author == "agent":
        return render(language, "desk.agent_said", name=line.agent or "—", text=words)
    return render(language, "desk.bot_said", text=words)


def history_texts(lines: Sequence[Line], card: Card, language: str) -> list[str]:
    """The earlier words as one text, in as many parts as it takes."""
    head = render(language, "desk.history", name=card.name)
    return split("\n".join([head, *(line_text(line, card, language) for line in lines)]))
