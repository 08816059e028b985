"""/online, /away and /offline: agents say whether conversations may be given to them, in the group or in private."""

from datetime import datetime

from bot.texts import render
from crm_store import attendance
from crm_store.attendance import SHIFT_LASTS, PresenceState
from crm_store.models.staff import Agent
from crm_store.session import Session

_COMMANDS = {f"/{state}": state for state in PresenceState}


def read_presence(text: str) -> PresenceState | None:
    """What the command says, None when it is none."""
    words = text.split()
    return _COMMANDS.get(words[0].partition("@")[0].lower()) if len(words) == 1 else None


async def attend(
    session: Session, agent: Agent, state: PresenceState, language: str, *, now: datetime, pushes: bool
) -> str:
    """Keep it; what to tell the agent, which is something else where nobody is given anything by itself."""
    await attendance.set_presence(session, agent, state, now=now, lasts=SHIFT_LASTS)
    key = f"desk.now_{state}" if pushes else f"desk.now_{state}_pull"
    return render(language, key, hours=int(SHIFT_LASTS.total_seconds() // 3600))
