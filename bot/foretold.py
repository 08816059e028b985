"""A message whose edit is handled first: how it is known when it comes. Pure.

Whoever handles an edit without its message takes it for the message, and keeps a mark among the updates that were
seen. Any process that is handed the message later looks for the mark where it looks for repeats, in the same query.
"""

from hashlib import sha256

from bot.channels.base import Inbound


def mark_of(inbound: Inbound) -> tuple[str, str]:
    """What is kept of the message that this is, or is an edit of; it names nobody."""
    place = f"{inbound.lane} {inbound.platform_id}"
    return inbound.source, "edit:" + sha256(place.encode(errors="replace")).hexdigest()[:40]
