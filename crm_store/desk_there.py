"""Agents' private chats in the place of a group: who waits stands where somebody is, not with who went."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, cast, func, select

from crm_store import attendance
from crm_store.models.base import Moment
from crm_store.models.plumbing import DeskTopic
from crm_store.models.staff import Agent

CHAT = cast(Agent.telegram_user_id, String)
"""An agent's private chat."""


def chat_there(private: Sequence[str], now: Moment, customer_id: Any) -> ScalarSelect[str | None]:
    """In which of these chats of agents who are online the customer stands already, the newest of several; else which
    one they are dealt to in turn; null while nobody is online."""
    known = (
        select(DeskTopic.chat)
        .join(Agent, DeskTopic.chat == CHAT)
        .where(DeskTopic.customer_id == customer_id, *_is_there(private, now))
        .order_by(DeskTopic.id.desc())
        .limit(1)
        .correlate_except(DeskTopic, Agent)
        .scalar_subquery()
    )
    return select(func.coalesce(known, _dealt(private, now, customer_id).scalar_subquery())).scalar_subquery()


def _dealt(private: Sequence[str], now: Moment, customer_id: Any) -> Select[tuple[str]]:
    turn = (func.row_number().over(order_by=Agent.id) - 1).label("turn")
    online = (
        select(CHAT.label("chat"), turn, func.count().over().label("count"))
        .where(*_is_there(private, now))
        .correlate(None)
        .subquery("online")
        .c
    )
    return select(online.chat).where(online.turn == customer_id % online.count).limit(1)


def _is_there(private: Sequence[str], now: Moment) -> tuple[Any, ...]:
    return attendance.is_online(now), CHAT.in_(private)
