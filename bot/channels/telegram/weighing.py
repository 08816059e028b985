"""As how many messages Telegram counts what is sent towards its limits: each part of an album is one. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.channels.base import Outgoing
from bot.channels.telegram.calls import calls_for

BATCHES = {"sendMediaGroup": "media", "copyMessages": "message_ids", "forwardMessages": "message_ids"}
"""The calls that make several messages, and the parameter with one entry for each."""


def call_weight(method: str, params: Mapping[str, Any]) -> int:
    """The messages a call makes."""
    return len(params[BATCHES[method]]) if method in BATCHES else 1


def message_weight(outgoing: Outgoing) -> int:
    """The messages one of ours makes in the customer's chat."""
    return sum(call_weight(method, params) for method, params in calls_for(outgoing))
