"""A message row as a channel is to draw it: rows that hold only a meaning are worded here."""

from datetime import timedelta
from typing import Any

from bot.channels.base import Outgoing
from bot.events import Choice
from bot.texts import best_language, find, render
from crm_store.coming_back import TOLD
from crm_store.formatting import marks_of
from crm_store.outbox import Claimed
from crm_store.phone_asking import ASKS_PHONE
from crm_store.ratings import STARS
from crm_store.unserved import Why

PLACE_IN = {
    one: f"{one}_at"
    for one in (
        *("back_in_queue", "open_again", "passed_on"),
        *(f"kept_for{why}{known}" for why in ("", "_busy") for known in ("", "_unnamed")),
    )
}
"""How a sentence that knew no place is said with one."""
CANCEL: dict[str, Any] = {"do": "cancel"}
LONG = timedelta(hours=2)
"""From here on a wait is told in hours."""


def outgoing(claimed: Claimed, reply_to_platform_id: str | None = None) -> Outgoing:
    """What the channel gets: text and labels in the conversation's language."""
    intent = claimed.intent or {}
    return Outgoing(
        message_id=claimed.id,
        conversation_id=claimed.conversation_id,
        channel=claimed.channel,
        address=claimed.address,
        author=claimed.author,
        text=worded(claimed.text, intent, claimed.language),
        kind=claimed.kind,
        choices=tuple(str(choice["label"]) for choice in choices_of(intent, claimed.language)),
        question=render(claimed.language, intent["question"]) if "question" in intent else "",
        is_rating="rating_request" in intent,
        asks_phone=render(claimed.language, "button.share_phone") if intent.get(ASKS_PHONE) else "",
        attachment=claimed.attachment,
        signed=claimed.signed or "",
        marks=tuple(marks_of(intent, claimed.text)),
        reply_to_platform_id=reply_to_platform_id or intent.get("quotes"),
        reply_to_id=claimed.reply_to_id if claimed.author == "agent" else None,
        created_at=claimed.created_at,
        at_most_once=claimed.at_most_once,
    )


def marked(said: str, stored: str, marks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """What a row's intent keeps of the formatting: nothing where its words are not the ones that were formatted."""
    return {"marks": marks, "marked": len(stored)} if marks and said == stored else {}


def reformatted(
    intent: dict[str, Any] | None, said: str, stored: str, marks: list[dict[str, Any]] | None
) -> dict[str, Any] | None:
    """A row's intent when its words are others, with their formatting in place of what the old ones had."""
    bare = {name: value for name, value in (intent or {}).items() if name not in ("marks", "marked")}
    return bare | marked(said, stored, marks) or None


def expectation(
    language: str,
    position: int,
    pace: timedelta | None,
    intent: dict[str, Any] | None = None,
    why: Why = Why.NOT_KNOWN,
) -> str:
    """The place in the queue, why nobody takes it now, and how long that usually takes where it is known how long each
    place does; in a message of that meaning."""
    meaning = intent or {}
    key = PLACE_IN.get(meaning.get("say", ""), "handed_off")
    params = meaning.get("params") or {}
    told = ""
    if why is not Why.NOT_KNOWN:
        told = render(language, "besides", words=reason(language, why))
    if why in (Why.NOT_KNOWN, Why.BUSY):  # what is usual is known of those who could, and they are not there
        told += _usually(language, position, pace)
    return render(language, key, position=position, expectation=told, **params)


def reason(language: str, why: Why) -> str:
    """Why nobody takes a customer now, in one sentence; in a language of ours, which then is their own."""
    is_spoken = best_language(language) is not None
    return render(language, f"nobody_{Why.SKILL if why is Why.LANGUAGE and not is_spoken else why}")


def _usually(language: str, position: int, pace: timedelta | None) -> str:
    if not pace:
        return ""
    wait = pace * position
    if wait < LONG:
        return render(language, "expectation", minutes=max(1, round(wait / timedelta(minutes=1))))
    return render(language, "expectation_long", hours=round(wait / timedelta(hours=1)))


def worded(text: str, intent: dict[str, Any], language: str) -> str:
    """The words; where the row has none, those of its meaning."""
    if text or "say" not in intent:
        return text
    request = intent.get("rating_request")
    params = dict(intent.get("params") or {})
    if request:
        aspect = request["aspect"]
        params["aspect"] = find(language, f"aspect.{aspect}") or aspect.replace("_", " ")
    return render(language, intent["say"], **params)


def choices_of(intent: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The buttons with their actions; a rating request's are made from its meaning."""
    if "choices" in intent:
        return list(intent["choices"])
    if TOLD in intent:
        return [{"label": render(language, "button.cancel"), "action": CANCEL}]
    request = intent.get("rating_request")
    if request is None:
        return []
    return [
        {"label": c.label if c.literal else render(language, c.label), "action": c.action}
        for c in star_choices(request["request_id"], request["aspect"])
    ]


def star_choices(request_id: int, aspect: str) -> tuple[Choice, ...]:
    """Five buttons of stars, and one to skip."""
    stars = tuple(
        Choice("★" * n, {"do": "star", "request": request_id, "aspect": aspect, "stars": n}, literal=True)
        for n in STARS
    )
    return (*stars, Choice("button.skip", {"do": "skip", "request": request_id, "aspect": aspect}))
