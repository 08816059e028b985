"""What belongs together of a customer's due posts, and which message each copy in the group shows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.telegram.desk.copies import Copy
from crm_store.desk_posts import Claimed


@dataclass(frozen=True, slots=True)
class Copied:
    """A message's copy in the group."""

    message_id: int
    platform_id: str
    side: str = "desk"


def bundles(posts: Sequence[Claimed]) -> list[tuple[Claimed, ...]]:
    """Neighbouring messages go together, everything else alone."""
    found: list[tuple[Claimed, ...]] = []
    for post in posts:
        if found and post.kind == "message" == found[-1][0].kind:
            found[-1] = (*found[-1], post)
        else:
            found.append((post,))
    return found


def linked(copy: Copy, ids: list[str]) -> list[Copied]:
    """The links of a call's posts: one each for an album's parts, to the last for words posted together."""
    if copy.method == "copyMessages":
        if len(ids) != len(copy.shows):
            return []  # the platform left some out without saying which
        return [Copied(message_id, at) for message_id, at in zip(copy.shows, ids, strict=True)]
    return [Copied(copy.shows[-1], ids[0], "desk" if copy.is_exact else "merged")]
