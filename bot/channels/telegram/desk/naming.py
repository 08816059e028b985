"""Whom an agent means by a name: a colleague or a team."""

from bot.channels.telegram.desk.choices import can_take
from crm_store import snoozing, staff
from crm_store.models.staff import Agent
from crm_store.session import Session

MOST = 30


async def beginning_with(session: Session, words: str) -> tuple[Agent | str | None, str]:
    """Whom the words begin with, however they are spaced, the longest name first, and the rest of them."""
    known: dict[str, Agent | str] = {_plain(team): team for team in await snoozing.teams(session)}
    here = [agent for agent in await staff.page(session, limit=500) if agent.disabled_at is None]
    known |= {_plain(agent.name): agent for agent in here}
    plain = _plain(words)
    for name in sorted(known, key=len, reverse=True):
        if f"{plain} ".casefold().startswith(f"{name} ".casefold()):
            return known[name], plain[len(name) :].strip()
    return None, ""


async def others(session: Session, agent: Agent) -> list[str]:
    """Whom this agent can hand something to, by name: teams first, `MOST` in all."""
    teams = await snoozing.teams(session)
    agents = [one for one in await staff.page(session, limit=500) if can_take(one) and one.id != agent.id]
    return [*teams, *sorted((one.name for one in agents), key=str.casefold)][:MOST]


def _plain(words: str) -> str:
    return " ".join(words.split())
