"""The steps a customer's due posts are made in: what belongs together, and which message each copy shows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.channels.telegram.desk.copies import Copy
from crm_store.desk_cards import Card
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place


@dataclass(frozen=True, slots=True)
class Copied:
    """A message's copy in the group."""

    message_id: int
    platform_id: str
    side: str = "desk"


Act = Callable[[Place, Card], Awaitable[tuple[Place, list[Copied]]]]


@dataclass(frozen=True, slots=True)
class Draft:
    """One step: the posts it settles, and what it does."""

    posts: tuple[Claimed, ...]
    act: Act
    history_up_to: int | None = None
    begins: tuple[int, ...] = ()
    """Posts that it makes a call of without settling them: a new try goes on after that."""


def unmade(calls: Sequence[Copy], posts: Sequence[Claimed]) -> list[Copy]:
    """Those of the calls that were not made in an earlier try. A message of several shares none with others."""
    made = {post.message_id: post.calls_done for post in posts}
    left = []
    for call in calls:
        own = call.shows[0] if len(call.shows) == 1 else None
        if own is not None and made.get(own, 0) > 0:
            made[own] -= 1
        else:
            left.append(call)
    return left


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
