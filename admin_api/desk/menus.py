"""What the menus of an open conversation offer: people and teams, times, tags, conversations to merge."""

from dataclasses import dataclass

from admin_api.contract import Context
from admin_api.desk.formats import zone_of
from admin_api.desk.pages import ZONE_COOKIE
from admin_api.desk.snooze_times import Preset, presets
from crm_store import joining, labels, snoozing, staff
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.session import Session

MAX_COLLEAGUES = 200


@dataclass(frozen=True, slots=True)
class Menus:
    """What there is to choose from."""

    colleagues: list[Agent]
    teams: list[str]
    """To hand it on to: not the one it is with."""
    all_teams: list[str]
    presets: list[Preset]
    known_tags: list[str]
    mergeable: list[Conversation]
    merges: list[ConversationMerge]


async def colleagues(session: Session) -> list[Agent]:
    """Everybody who can be given a conversation."""
    everybody = await staff.page(session, limit=MAX_COLLEAGUES)
    return [a for a in everybody if a.disabled_at is None and a.role != "analyst" and not a.is_program]


async def menus_of(context: Context, session: Session, found: Conversation) -> Menus:
    """The menus of this conversation, for who may work in it."""
    teams = await snoozing.teams(session)
    return Menus(
        colleagues=[agent for agent in await colleagues(session) if agent.id != found.agent_id],
        teams=[team for team in teams if team != found.team],
        all_teams=sorted({*teams, *([found.team] if found.team else ())}, key=str.lower),
        presets=presets(context.now, zone_of(context.request.cookies.get(ZONE_COOKIE))),
        known_tags=await labels.known_tags(session),
        mergeable=await joining.others(session, found),
        merges=await joining.of_conversation(session, found.id),
    )
