"""How fast this machine is beside the one on which ../shared/BARS.md was measured: the same small work on both.

What python-telegram-bot takes to make its objects of one update: 65 µs there (section 2e, "Parts"). A processor
time divided by this tells what of it is the program's and what the machine's.
"""

import time
from typing import Any, Final

from telegram import Update

THERE_US: Final = 65.0
_TIMES: Final = 1000
_PERSON: Final = {"id": 10_001, "first_name": "Customer 10001"}
_UPDATE: Final[dict[str, Any]] = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": {**_PERSON, "type": "private"},
        "from": {**_PERSON, "is_bot": False, "language_code": "en"},
        "text": "I am still waiting on my card?",
    },
}


def update_us() -> float:
    """Processor µs of this process for one update, of a text message in a private chat."""
    began = time.process_time()
    for _ in range(_TIMES):
        Update.de_json(_UPDATE, None)
    return (time.process_time() - began) / _TIMES * 1e6
