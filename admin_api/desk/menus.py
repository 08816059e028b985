"""What the menus of an open conversation offer: people and teams, times, tags, conversations to merge."""

from dataclasses import dataclass
from datetime import datetime

from admin_api.contract import Context
from admin_api.desk.formats import zone_of
from admin_api.desk.pages import ZONE_COOKIE
from admin_api.desk.snooze_times import Preset, presets
from crm_store import attendance, joining, labels, snoozing, staff
from crm_store.attendance import PresenceState
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation
from crm_store.session import Session

MAX_COLLEAGUES = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to hand a conversation on to."""

    id: int
    name: str
    presence: PresenceState


@dataclass(frozen=True, slots=True)
class Menus:
    """What there is to choose from."""

    colleagues: list[Colleague]
    teams: list[str]
    """To hand it on to: not the one it is with."""
    all_teams: list[str]
    presets: list[Preset]
    known_tags: list[str]
    mergeable: list[Conversation]
    merges: list[ConversationMerge]


async def colleagues(session: Session, now: datetime) -> list[Colleague]:
    """Everybody who can be given a conversation, who is there first."""
    everybody = await staff.page(session, limit=MAX_COLLEAGUES)
    able = [a for a in everybody if a.disabled_at is None and a.role != "analyst" and not a.is_program]
    found = [Colleague(agent.id, agent.name, attendance.presence_of(agent, now)) for agent in able]
    return sorted(found, key=lambda one: list(PresenceState).index(one.presence))


async def menus_of(context: Context, session: Session, found: Conversation) -> Menus:
    """The menus of this conversation, for who may work in it."""
    teams = await snoozing.teams(session)
    return Menus(
        colleagues=[agent for agent in await colleagues(session, context.now) if agent.id != found.agent_id],
        teams=[team for team in teams if team != found.team],
        all_teams=sorted({*teams, *([found.team] if found.team else ())}, key=str.lower),
        presets=presets(context.now, zone_of(context.request.cookies.get(ZONE_COOKIE))),
        known_tags=await labels.known_tags(session),
        mergeable=await joining.others(session, found),
        merges=await joining.of_conversation(session, found.id),
    )
