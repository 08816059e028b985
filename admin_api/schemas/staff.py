"""Staff, keys, signing in, audit."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from admin_api.paging import PageQuery
from admin_api.schemas.base import RowId, Shown, Written
from crm_store.staff import MAX_CAPACITY, MAX_LABEL, MAX_LABELS, MAX_NAME, Role

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Label = Annotated[str, Field(min_length=1, max_length=MAX_LABEL)]
Email = Annotated[str, Field(max_length=320, pattern=r"^[^@\s]{1,64}@[^@\s]{1,255}$")]
Capacity = Annotated[int, Field(ge=1, le=MAX_CAPACITY, description="Conversations held at once")]
Password = Annotated[str, Field(min_length=12, max_length=256)]
Presence = Literal["online", "away", "offline"]


class NewAgent(Written):
    """Somebody who joins."""

    name: Name
    role: Role
    email: Email | None = None
    capacity: Capacity | None = Field(None, description="Left out: as the settings say")
    skills: list[Label] = Field([], max_length=MAX_LABELS)
    languages: list[Label] = Field([], max_length=MAX_LABELS)
    team: Label | None = None


class AgentChange(Written):
    """What is to change; what is left out stays."""

    name: Name | None = None
    role: Role | None = None
    email: Email | None = None
    capacity: Capacity | None = None
    skills: list[Label] | None = Field(None, max_length=MAX_LABELS)
    languages: list[Label] | None = Field(None, max_length=MAX_LABELS)
    team: Label | None = None
    disabled: bool | None = None

    def changes(self) -> dict[str, Any]:
        """Columns and their new values; null clears e-mail and team, and leaves everything else as it is."""
        named = self.model_dump(exclude_unset=True, exclude={"disabled"})
        return {
            name: value for name, value in named.items() if value is not None or name in ("email", "team")
        }


class OwnChange(Written):
    """What agents may change about themselves."""

    presence: Presence | None = None
    languages: list[Label] | None = Field(None, max_length=MAX_LABELS)
    undo_s: int | None = Field(
        None, ge=0, le=60, description="Seconds a reply is held back, to be taken back; 0 sends at once"
    )


class NewPassword(Written):
    """A password, with the present one if there is one."""

    password: Password
    present_password: str | None = Field(None, max_length=256)


class AgentShown(Shown):
    """A member of staff."""

    id: int
    name: str
    email: str | None
    role: Role
    presence: Presence
    seen_at: datetime | None
    present_until: datetime | None = Field(description="Until when online lasts unless it is renewed")
    capacity: int
    skills: list[str]
    languages: list[str]
    team: str | None
    telegram_user_id: int | None
    created_at: datetime
    disabled_at: datetime | None
    is_program: bool = Field(description="A key that acts by itself, not a person")


class SessionShown(Shown):
    """A signed-in browser."""

    id: int
    device: str = Field(
        description="Browser and system, such as Firefox · Windows; empty when it did not say"
    )
    signed_in_at: datetime
    seen_at: datetime = Field(description="About the last time it asked for anything")
    expires_at: datetime
    is_this: bool = Field(description="Whether it is the browser that asks")


class SessionList(Shown):
    """Signed-in browsers, the one seen last first."""

    items: list[SessionShown]


class EndedShown(Shown):
    """How many browsers were signed out."""

    ended: int


class CallerShown(Shown):
    """Who is asking."""

    name: str
    roles: list[Role]
    agent: AgentShown | None


class CodeRequest(Written):
    """Which code is wanted."""

    purpose: Literal["telegram", "sign_in"] = "telegram"


class CodeShown(Shown):
    """A code that works once; it is shown only now."""

    code: str
    purpose: str
    expires_at: datetime
    how: str


class Credentials(Written):
    """A one-time code, or a name (or e-mail address) with its password."""

    code: str | None = Field(None, max_length=64)
    name: str | None = Field(None, max_length=320)
    password: str | None = Field(None, max_length=256)


class NewKeyBody(Written):
    """A key to make."""

    name: Name
    role: Role
    agent_id: RowId | None = Field(None, description="In whose name it acts; none: a program of its own")
    expires_at: datetime | None = None


class KeyShown(Shown):
    """A key without its secret."""

    id: int
    name: str
    role: Role
    agent_id: int | None
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyShown(KeyShown):
    """A new key, shown only now."""

    key: str


class AuditQuery(PageQuery):
    """Which audit entries."""

    subject: str | None = Field(None, max_length=128, description="Such as customer:12")


class AuditShown(Shown):
    """One change somebody made."""

    id: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    happened_at: datetime
