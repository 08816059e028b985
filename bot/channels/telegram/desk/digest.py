"""What waits for its turn in the group, in one message: who, and their last words. Pure."""

from collections.abc import Sequence
from typing import Any

from bot.channels.telegram.desk.kinds import shown_as
from bot.channels.telegram.drawing import MAX_TEXT, cut, units
from bot.texts import render
from crm_store.desk_load import Backlog, Load

Json = dict[str, Any]
WORDS_LENGTH = 80
MOST = 30
"""Named; of the others it is told how many they are."""
NAME_LENGTH = 48
END_LENGTH = 160
"""What is kept for the lines below the names."""


def is_due(left: int, weight: int, others: int) -> bool:
    """Whether a turn of this weight leaves no message of the minute, or does not fit into it, while others wait."""
    return 0 < left <= weight and others > 0


def digest(
    waiting: Sequence[Backlog], load: Load, chat: int, per_min: int, language: str
) -> tuple[str, list[Json]]:
    """The text and its entities: each name leads to the customer's topic (or card), where there is one."""
    text, named = render(language, "desk.digest", limit=per_min, count=load.customers), 0
    entities: list[Json] = []
    for one in waiting[:MOST]:
        name = cut(" ".join((one.name or f"#{one.customer_id}").split()), NAME_LENGTH)
        line = f"\n• {name}: {_news(one, language)}"
        if units(text + line) > MAX_TEXT - END_LENGTH:
            break
        if (url := message_link(chat, one.thread or one.card)) is not None:
            entity = {"type": "text_link", "offset": units(f"{text}\n• "), "length": units(name), "url": url}
            entities.append(entity)
        text, named = text + line, named + 1
    return text + "".join(f"\n{line}" for line in _rest(load, named, language)), entities


def _rest(load: Load, named: int, language: str) -> list[str]:
    """How many more there are than were named, and how many stand nowhere in this chat."""
    lines = []
    if load.customers > named:
        lines.append(render(language, "desk.digest_more", count=load.customers - named))
    if load.unplaced:
        lines.append(render(language, "desk.digest_unplaced", count=load.unplaced))
    return lines


def _news(one: Backlog, language: str) -> str:
    words = " ".join((one.last_words or "").split())
    if one.last_kind not in (None, "text"):
        what = shown_as(one.last_kind, one.last_attachment or {}, language)
        words = f"{what}: {words}" if words else what
    words = cut(words, WORDS_LENGTH)
    if one.messages:
        return render(language, "desk.digest_said", count=one.messages, text=words)
    return render(language, f"desk.status_{one.status}", agent=one.agent or "—")


def message_link(chat: int, message: str | None) -> str | None:
    """Links into a private supergroup name it without the -100 that marks it (Bot API: chat ids)."""
    number = str(chat)
    return f"https://t.me/c/{number[4:]}/{message}" if message and number.startswith("-100") else None
