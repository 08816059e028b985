"""What happened to one case, told in a row, and what is owed at its end: counted stretch by stretch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_store.lifecycle import Status

COUNTS = (Status.QUEUED, Status.ASSIGNED)


@dataclass(frozen=True)
class Happened:
    """Something, when, and how the case stood after it."""

    what: str
    at: datetime
    status: str


def owed(story: list[Happened], now: datetime) -> dict[str, timedelta]:
    """What is owed at the end of the story: for how long it has counted, by its kind."""
    found: dict[str, timedelta] = {}
    has_replied = False
    for one, until in zip(story, [*(each.at for each in story[1:]), now], strict=True):
        if one.what == "reply":
            found.pop("first", None)
            found.pop("next", None)
            has_replied = True
        elif one.what == "resolve":
            found, has_replied = {}, False
        elif one.what in ("handoff", "reopen"):
            found = {"first": timedelta(), "resolution": timedelta()}
        elif one.what == "says" and has_replied and not found.keys() & {"first", "next"}:
            found["next"] = timedelta()
        if one.status in COUNTS:
            found = {kind: spent + (until - one.at) for kind, spent in found.items()}
    return found
