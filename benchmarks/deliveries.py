"""What the Bot API server's log says of deliveries: how often each row arrived, and in which order."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.botapi.server import BotApiServer


def deliveries(server: BotApiServer) -> Counter[int]:
    """How often each message row arrived; its buttons carry its number."""
    return Counter(row_number(post) for post in server.world.sent)


def row_number(post: Any) -> int:
    return int(str(post.rows[0][0]["callback_data"]).partition(":")[0])


def disordered_chats(server: BotApiServer, expected: Mapping[int, list[str]]) -> int:
    """Chats whose answers arrived for the first time in another order than the questions were written."""
    found = 0
    for chat, wanted in expected.items():
        earliest: dict[int, str] = {}
        for post in server.sent(chat):
            earliest.setdefault(row_number(post), post.text)
        said = [text.partition("\n")[0] for text in earliest.values()]
        found += said != wanted and len(said) == len(wanted)
        numbers = list(earliest)
        found += numbers != sorted(numbers)
    return found
