"""What waits for its turn in the group, in one message: who, and their last words. Pure."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from bot.channels.telegram.desk.kinds import shown_as
from bot.channels.telegram.drawing import MAX_TEXT, cut, units
from bot.texts import find, render
from crm_store.desk_load import Backlog

Json = dict[str, Any]
WORDS_LENGTH = 80
MOST = 25
NEAR = 2
"""So many messages left in the minute are near the limit."""
LARGEST = 10
"""The most files of an album (Bot API: sendMediaGroup): with more left in the minute, whatever is next fits."""


def weight(one: Backlog) -> int:
    """The messages it takes to show what waits about a customer: words go together, files do not."""
    return max(1, one.files)


def is_due(left: int, weights: Sequence[int]) -> bool:
    """Whether what is next hardly fits into this minute, and more customers wait than can be shown one by one."""
    shown = sum(total <= left for total in accumulate(weights))
    is_near = left <= NEAR or any(one > left for one in weights[:1])
    return is_near and len(weights) > shown + 1


def digest(waiting: Sequence[Backlog], chat: int, per_min: int, language: str) -> tuple[str, list[Json]]:
    """The text and its entities: each name leads to the customer's topic, where there is one."""
    text = render(language, "desk.digest", limit=per_min, count=len(waiting))
    entities: list[Json] = []
    for one in waiting[:MOST]:
        name = cut(" ".join((one.name or f"#{one.customer_id}").split()), 48)
        line = f"\n• {name}: {_news(one, language)}"
        if units(text + line) > MAX_TEXT:
            break
        if (url := _topic_url(chat, one.thread)) is not None:
            entity = {"type": "text_link", "offset": units(f"{text}\n• "), "length": units(name), "url": url}
            entities.append(entity)
        text += line
    return text, entities


def _news(one: Backlog, language: str) -> str:
    words = " ".join((one.last_words or "").split())
    if one.last_kind not in (None, "text"):
        what = shown_as(one.last_kind, one.last_attachment or {}, language)
        words = f"{what}: {words}" if words else what
    words = cut(words, WORDS_LENGTH)
    if one.messages:
        return render(language, "desk.digest_said", count=one.messages, text=words)
    return find(language, f"desk.status_{one.status}") or one.status


def _topic_url(chat: int, thread: str | None) -> str | None:
    """Links to a private supergroup name it without the -100 that marks it (Bot API: chat ids)."""
    number = str(chat)
    return f"https://t.me/c/{number[4:]}/{thread}" if thread and number.startswith("-100") else None
