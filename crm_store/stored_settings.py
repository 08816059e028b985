"""Settings that are changed while everything runs: what is stored counts more than what the environment says.

They are kept as small facts of the installation, each with who changed it and when. What has to do with the machine
(ports, addresses, tokens, folders, the database) is not among them: the environment alone sets that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, privacy, signals, timers, turns
from crm_store.case_states import CaseKind
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.lifecycle import WITH_A_PERSON, Status
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.plumbing import KeyValue
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind
from crm_store.turns import Turn

log = structlog.get_logger(__name__)
PREFIX = "setting:"
CHANGEABLE = (
    "working_hours", "time_zone", "holidays", "team_hours", "team_time_zones", "team_holidays",
    "dispatch", "default_capacity", "first_reply_minutes", "handoff_notice_minutes", "handed_on_minutes",
    "response_targets", "needed_skills", "skill_minutes",
    "return_days", "refund_days", "repair_days", "follow_up_days",
    "rating_aspects", "rating_weights", "rating_shrinkage", "rating_expiry_hours", "rating_reminder_hours",
    "low_rating_stars", "customer_silence_hours", "scores_at",
    "wrong_budget", "learn_from_log", "phrasing_agreement", "first_contact_check", "idle_close_hours",
    "retention_days",
)  # fmt: skip
"""In the order in which they are shown."""
KEEPS = "retention_days"
OF_CLOCKS = frozenset(CHANGEABLE[:6]) | {
    "first_reply_minutes", "handoff_notice_minutes", "response_targets", "needed_skills", "skill_minutes",
}  # fmt: skip
"""What says when a person has to have answered, and which."""
OF_CASES = frozenset(CHANGEABLE[:6]) | {f"{kind}_days" for kind in CaseKind}
"""What says when the owner of a case is warned, and when anybody is there to be told; deadlines stay as they are."""
SETTLED_AFTER = timedelta(seconds=10)
"""By then every process has read a change."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that counts instead of the environment's."""

    value: Any
    by: str
    at: datetime


class UnfitValue(InvalidValue):
    """A value that a setting cannot have: `setting` names it, `told` says what is wrong."""

    def __init__(self, setting: str, told: str) -> None:
        super().__init__(f"{setting}: {told}")
        self.setting, self.told = setting, told


class Unconfirmed(Conflict):
    """What would delete conversations must be meant: `count` of them, resolved before `before`."""

    def __init__(self, count: int, before: datetime) -> None:
        super().__init__(
            f"this deletes {count} conversations resolved before {before:%Y-%m-%d %H:%M} UTC, for good and within the "
            "hour; send it again as confirmed if that is meant"
        )
        self.count, self.before = count, before


class _Overridden(StoreSettings):
    """Settings made of values alone: the environment was read before."""

    model_config = SettingsConfigDict(toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def overridden(base: StoreSettings, name: str, value: object) -> StoreSettings:
    """The settings with another value; raises UnfitValue saying what is wrong with it."""
    if isinstance(value, bool) and StoreSettings.model_fields[name].annotation is not bool:
        raise UnfitValue(name, "this is not switched on or off; give it a value of its own")
    try:
        return _Overridden(**{**base.model_dump(), name: value})
    except ValidationError as error:
        told = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise UnfitValue(name, told) from None


def with_stored(base: StoreSettings, stored: Mapping[str, Stored]) -> StoreSettings:
    """The settings as they count; a stored value that a newer version no longer takes is left out, and logged."""
    found = base
    for name, one in stored.items():
        try:
            found = overridden(found, name, one.value)
        except InvalidValue as error:
            log.error("a stored setting cannot be used; the environment's counts", setting=str(error))
    return found


async def read(session: AsyncSession) -> dict[str, Stored]:
    """What is stored, by the setting's name."""
    query = select(KeyValue.key, KeyValue.value).where(KeyValue.key.startswith(PREFIX, autoescape=True))
    kept = {key.removeprefix(PREFIX): json.loads(value) for key, value in await session.execute(query)}
    return {
        name: Stored(kept[name]["value"], kept[name]["by"], datetime.fromisoformat(kept[name]["at"]))
        for name in CHANGEABLE
        if name in kept
    }


async def in_force(session: AsyncSession, base: StoreSettings) -> StoreSettings:
    """The settings as they count now."""
    return with_stored(base, await read(session))


async def hold(session: AsyncSession) -> None:
    """Let nobody else change a setting until this transaction ends: what is made of one that is read here counts."""
    await turns.take(session, Turn.SETTINGS)


async def change(
    session: AsyncSession,
    name: str,
    value: object,
    *,
    base: StoreSettings,
    by: str,
    now: datetime,
    is_confirmed: bool = False,
) -> Stored:
    """Store a value.

    Raises NotFound for a setting that is not changed here, UnfitValue saying what is wrong, and Unconfirmed for what
    would delete conversations and was not confirmed.
    """
    refuse_unknown(name)
    checked = overridden(base, name, value)
    await hold(session)
    if not is_confirmed and name == KEEPS:
        await _refuse_unmeant(session, base, checked, now)
    stored = Stored(getattr(checked, name), by, now)
    written = json.dumps({"value": stored.value, "by": by, "at": now.isoformat()}, ensure_ascii=False)
    await key_values.keep(session, PREFIX + name, written)
    await _take_effect(session, name, now)
    return stored


async def back_to_default(
    session: AsyncSession, name: str, *, base: StoreSettings, now: datetime, is_confirmed: bool = False
) -> None:
    """Let the environment's value count again; raises NotFound and Unconfirmed as `change` does."""
    refuse_unknown(name)
    await hold(session)
    if not is_confirmed and name == KEEPS:
        await _refuse_unmeant(session, base, base, now)
    await key_values.forget(session, PREFIX + name)
    await _take_effect(session, name, now)


async def _refuse_unmeant(
    session: AsyncSession, base: StoreSettings, wanted: StoreSettings, now: datetime
) -> None:
    """Raises Unconfirmed where conversations are kept for less time than now, and some are older."""
    present = (await in_force(session, base)).retention
    if wanted.retention is None or (present is not None and wanted.retention >= present):
        return
    before = now - wanted.retention
    if count := await privacy.count_resolved(session, before=before):
        raise Unconfirmed(count, before)


def refuse_unknown(name: str) -> None:
    """Raises NotFound for what is no setting that is changed here."""
    if name not in CHANGEABLE:
        raise NotFound(
            f"'{name[:64]}' is no setting that is changed here; these are: {', '.join(CHANGEABLE)}"
        )


async def _take_effect(session: AsyncSession, name: str, now: datetime) -> None:
    """Have timers that were set by the old value looked at again, once every process knows the new one."""
    signals.notify(session, Topic.SETTINGS)
    soon = now + SETTLED_AFTER
    if name in OF_CLOCKS:
        is_owed = exists().where(Promise.conversation_id == Conversation.id, Promise.ended_at.is_(None))
        with_person = Conversation.status.in_(WITH_A_PERSON)
        looked_at = select(Conversation.id).where(or_(with_person, is_owed))
        await timers.restart_all(session, TimerKind.UNANSWERED, looked_at, soon)
    if name in OF_CASES:
        running = select(ServiceCase.id).where(ServiceCase.closed_at.is_(None))
        for kind in (TimerKind.CASE_DUE_SOON, TimerKind.CASE_OVERDUE):
            await timers.bring_forward(session, kind, running, soon)
    if name == "idle_close_hours":
        with_bot = select(Conversation.id).where(Conversation.status == Status.BOT)
        await timers.bring_forward(session, TimerKind.IDLE_CLOSE, with_bot, soon)
