"""What the Bot API server's log says of deliveries: how often each row arrived, and in which order."""

from collections import Counter
from collections.abc import Container, Mapping
from typing import Any

from tests.botapi.server import BotApiServer


def deliveries(server: BotApiServer, chats: Container[int]) -> Counter[int]:
    """How often each message row arrived in these chats; its buttons carry its number."""
    numbers = (row_number(post) for post in server.world.sent if post.chat_id in chats)
    return Counter(number for number in numbers if number is not None)


def row_number(post: Any) -> int | None:
    """The row that a post of the house is; None where it has no buttons to tell."""
    return int(str(post.rows[0][0]["callback_data"]).partition(":")[0]) if post.rows else None


def disordered_chats(server: BotApiServer, expected: Mapping[int, list[str]]) -> int:
    """Chats whose answers arrived for the first time in another order than the questions were written."""
    found = 0
    for chat, wanted in expected.items():
        earliest: dict[int, str] = {}
        for post in server.sent(chat):
            if (number := row_number(post)) is not None:
                earliest.setdefault(number, post.text)
        said = [text.partition("\n")[0] for text in earliest.values()]
        found += (said != wanted and len(said) == len(wanted)) or [*earliest] != sorted(earliest)
    return found
