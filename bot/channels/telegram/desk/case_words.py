"""A customer's cases in the words the staff read in Telegram. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.channels.telegram.drawing import calling
from bot.texts import render
from crm_store.amounts import typed
from crm_store.case_lateness import missed_at
from crm_store.case_states import CaseKind, CaseState, following
from crm_store.desk_given import Called
from crm_store.models.casework import ServiceCase

Json = dict[str, Any]


def deadline_text(
    what: str, told: Mapping[str, Any], owner: Called | None, name: str, language: str
) -> tuple[str, Json]:
    """What is said of a deadline, and the entities that make the owner's name call them."""
    kind = render(language, f"desk.case_kind_{told['kind']}")
    due = f"{told['due_at']} UTC"
    head = render(language, f"desk.{what}", kind=kind, number=told["number"], name=name, due=due)
    if owner is None:
        whose = (
            render(language, "desk.case_of_team", team=told["team"], number=told["number"])
            if told["team"]
            else ""
        )
        whose = whose or render(language, "desk.case_of_nobody", number=told["number"])
        return f"{head}\n{whose}", {}
    end = render(language, "desk.case_of", owner=owner.name)
    text = f"{head}\n{end}"
    return text, calling(text, owner.name, owner.account, after=len(head) + 1)


def list_text(rows: Sequence[ServiceCase], names: Mapping[int, str], now: datetime, language: str) -> str:
    """A line for each case, and how the command is used."""
    lines = [_line(row, names, now, language) for row in rows] or [render(language, "desk.case_none")]
    return "\n".join([*lines, render(language, "desk.case_how")])


def case_text(row: ServiceCase, names: Mapping[int, str], now: datetime, language: str) -> str:
    """All that the case holds, and what may follow."""
    lines = [_line(row, names, now, language)]
    if row.amount is not None:
        lines.append(
            render(
                language,
                "desk.case_amount",
                amount=f"{typed(row.amount, row.currency)} {row.currency or ''}".strip(),
            )
        )
    if row.reason:
        lines.append(render(language, "desk.case_reason", words=row.reason))
    if row.told:
        lines.append(render(language, "desk.case_told", words=row.told))
    states = following(CaseKind(row.kind), CaseState(row.state))
    if states:
        comma = render(language, "desk.comma")
        named = comma.join(render(language, f"desk.case_state_{state}") for state in states)
        lines.append(render(language, "desk.case_next", states=named, number=row.number))
    return "\n".join(lines)


def _line(row: ServiceCase, names: Mapping[int, str], now: datetime, language: str) -> str:
    kind = render(language, f"desk.case_kind_{row.kind}")
    state = render(language, f"desk.case_state_{row.state}")
    owner = names.get(row.owner_id or 0) or row.team or render(language, "desk.anybody")
    parts = [f"{kind} {row.number}", state, *_deadline(row, now, language), owner]
    return "• " + " · ".join(parts)


def _deadline(row: ServiceCase, now: datetime, language: str) -> list[str]:
    if row.closed_at is not None or row.due_at is None:
        return []
    if missed_at(row, now) is not None:
        return [render(language, "desk.case_late", due=f"{row.due_at:%Y-%m-%d %H:%M} UTC")]
    if row.stood_since is not None:
        return [render(language, "desk.case_stands")]
    return [render(language, "desk.case_due", due=f"{row.due_at:%Y-%m-%d %H:%M} UTC")]
