"""Why nobody takes somebody who waits, as far as the store knows it: what a customer may be told of it. Pure.

Only what is certain is said. Where nobody says that they are there, people may be there all the same; so may who never
says where they are (who works in Telegram alone, say); and who is not online but serves somebody may be about to take
the next.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from crm_store.lines import Need, Staff
from crm_store.queueing import Candidate, is_served


class Why(StrEnum):
    """What stands between a customer and a person."""

    NOT_KNOWN = ""
    """Nothing, or nothing that is known."""
    LANGUAGE = "language"
    """Nobody who is there speaks the customer's language."""
    SKILL = "skill"
    """Nobody who is there deals with such a matter."""
    BUSY = "busy"
    """All who are there and could take it hold as many as they can."""


def why(staff: Staff, need: Need) -> Why:
    """Why none of the staff takes such a conversation now; what is kept for one agent says so itself."""
    there = [one for one in staff.agents if one.agent_id in staff.there]
    if need.kept_for is not None or not there:
        return Why.NOT_KNOWN
    able = staff.able(need)
    ready = [one for one in there if one.agent_id in able]
    unseen = [one for one in staff.agents if one.agent_id in able and _may_be_there(one, staff)]
    if ready and all(one.load >= one.capacity for one in (*ready, *unseen)):
        return Why.BUSY
    return Why.NOT_KNOWN if ready or unseen else lacks(there, need.language)


def _may_be_there(one: Candidate, staff: Staff) -> bool:
    """Whether somebody may be at work who is not online."""
    return one.agent_id not in staff.there and (one.load > 0 or one.agent_id in staff.untold)


def lacks(there: Collection[Candidate], language: str) -> Why:
    """What these lack, none of whom can take a conversation in that language; not known of nobody."""
    if not there:
        return Why.NOT_KNOWN
    return Why.SKILL if is_served(there, language, None) else Why.LANGUAGE


def whys(staff: Staff, needs: Iterable[Need]) -> dict[Need, Why]:
    """The same of each: of thousands who wait most ask for the same."""
    return {need: why(staff, need) for need in set(needs)}
