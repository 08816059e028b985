"""How staff prove who they are: passwords, codes that work once, browser sessions, and the lock-out.

Codes and tokens carry 130 and 256 random bits and are kept as SHA-256; passwords as Argon2id (RFC 9106), which takes
about a tenth of a second: call `hash_password` and `password_fits` in a thread.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit, signals
from crm_store.errors import InvalidValue, NotFound, StoreError
from crm_store.models.staff import Agent, AuditEntry, OneTimeCode, SignInFailure, StaffSession
from crm_store.signals import Topic

PASSWORD_LENGTH = range(12, 257)  # ASVS 5.0 6.2.1 and 6.2.9
CODE_LASTS = timedelta(minutes=10)  # ASVS 5.0 6.5.5
SESSION_LASTS = timedelta(hours=12)
CODE_VOUCHES = timedelta(minutes=30)
"""So long after it a browser that a code signed in may set a password without the present one: enough to choose one."""
GUESSES = 5
GUESS_WINDOW = timedelta(minutes=15)
LOCKED_OUT = "sign_in.locked_out"
"""The action under which the audit has it."""
_MAX_NAME = 128
_LOCK_NAME = text("SELECT pg_advisory_xact_lock(7236403, hashtext(:name))")


class Purpose(StrEnum):
    """What a one-time code is good for."""

    SIGN_IN = "sign_in"
    TELEGRAM = "telegram"


class LockedOut(StoreError):
    """Too many wrong guesses; `retry_after` says how long to wait."""

    def __init__(self, retry_after: timedelta) -> None:
        minutes = max(1, round(retry_after.total_seconds() / 60))
        super().__init__(f"too many failed sign-ins; try again in {minutes} min, or use a one-time code")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class NewSession:
    """A browser session and its token, which is shown only now."""

    session_id: int
    token: str
    expires_at: datetime


def digest(secret: str) -> str:
    """The SHA-256 under which a random secret is kept."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """The password's Argon2id hash; raises InvalidValue when it is too short or too long."""
    if len(password) not in PASSWORD_LENGTH:
        raise InvalidValue(f"a password has {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters")
    return _hasher().hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the right one; without a hash it takes as long, so that nobody learns which names exist."""
    try:
        return _hasher().verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def counted_as(name: str, agent_id: int | None) -> tuple[str, str]:
    """Under what a guess counts: the name in whatever case and who is called so; of nobody, twice, too."""
    typed = name.strip().casefold()
    person = f"nobody:{typed}" if agent_id is None else f"agent:{agent_id}"
    return f"name:{typed}"[:_MAX_NAME], person[:_MAX_NAME]


async def count_guess(session: AsyncSession, counted: str, *, now: datetime) -> timedelta | None:
    """Count one guess before it is looked at, so that parallel ones cannot outrun the limit; raises LockedOut.

    For how long nobody can guess on if this one, the last, is wrong; None where more are left.

    Commit, check the password, and call `forget_guesses` when it was right.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_LOCK_NAME, {"name": counted})
    since = now - GUESS_WINDOW
    query = select(func.count(), func.min(SignInFailure.failed_at)).where(
        SignInFailure.name == counted, SignInFailure.failed_at > since
    )
    count, first = (await session.execute(query)).one()
    if count >= GUESSES:
        raise LockedOut(first + GUESS_WINDOW - now)
    session.add(SignInFailure(name=counted, failed_at=now))
    return first + GUESS_WINDOW - now if count == GUESSES - 1 else None


async def count_guesses(
    session: AsyncSession, counted: tuple[str, str], *, now: datetime
) -> tuple[bool, timedelta | None]:
    """Count one guess at a name and at whoever is called so, as `count_guess`; raises LockedOut for the name alone.

    Whether the password may be looked at, and for how long the person is locked out if this guess, the last, is wrong.
    """
    typed, person = counted
    await count_guess(session, typed, now=now)
    try:
        return True, await count_guess(session, person, now=now)
    except LockedOut:  # told to nobody: it would say that two names are one person's
        return False, None


async def note_lock_out(
    session: AsyncSession, agent_id: int, *, actor: str, lasts: timedelta, now: datetime
) -> None:
    """Write down that wrong passwords locked this agent out: once a GUESS_WINDOW, however long somebody guesses on."""
    subject, recent = f"agent:{agent_id}", AuditEntry.happened_at > now - GUESS_WINDOW
    told = select(AuditEntry.id).where(AuditEntry.action == LOCKED_OUT, AuditEntry.subject == subject, recent)
    if await session.scalar(told.limit(1)) is None:
        until = {"until": (now + lasts).isoformat()}
        await audit.record(session, actor=actor, action=LOCKED_OUT, subject=subject, now=now, detail=until)


async def forget_guesses(session: AsyncSession, *counted: str) -> None:
    """The sign-in succeeded: start counting anew."""
    await session.execute(delete(SignInFailure).where(SignInFailure.name.in_(counted)))


async def issue_code(session: AsyncSession, agent_id: int, purpose: Purpose, *, now: datetime) -> str:
    """A code that works once within CODE_LASTS, shown only now; earlier ones for the same purpose end."""
    await _enabled(session, agent_id)
    await session.execute(
        delete(OneTimeCode).where(OneTimeCode.agent_id == agent_id, OneTimeCode.purpose == purpose)
    )
    code = base64.b32encode(secrets.token_bytes(17)).decode()[:26]
    session.add(
        OneTimeCode(
            agent_id=agent_id,
            purpose=purpose,
            code_hash=digest(code),
            created_at=now,
            expires_at=now + CODE_LASTS,
        )
    )
    await session.flush()
    return code


async def has_good_code(session: AsyncSession, agent_id: int, purpose: Purpose, *, now: datetime) -> bool:
    """Whether a code that was given to this agent would still be taken."""
    good = select(OneTimeCode.id).where(
        OneTimeCode.agent_id == agent_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > now,
    )
    return await session.scalar(good.limit(1)) is not None


async def redeem_code(session: AsyncSession, code: str, purpose: Purpose, *, now: datetime) -> Agent | None:
    """The enabled agent whose code it was, now used up; None for a wrong, used or expired one."""
    typed = "".join(code.split()).replace("-", "").upper()
    used = await session.scalar(
        update(OneTimeCode)
        .where(
            OneTimeCode.code_hash == digest(typed),
            OneTimeCode.purpose == purpose,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeCode.agent_id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        return None
    return await session.scalar(select(Agent).where(Agent.id == used, Agent.disabled_at.is_(None)))


async def set_password(session: AsyncSession, agent_id: int, password_hash: str, *, now: datetime) -> None:
    """Change the password; everybody signed in with the old one is out."""
    agent = await _enabled(session, agent_id)
    agent.password_hash = password_hash
    await end_sessions(session, agent_id, now=now)


async def start_session(
    session: AsyncSession, agent_id: int, *, now: datetime, device: str = "", by_code: bool = False
) -> NewSession:
    """A new browser session; `device` says in words which browser it is, `by_code` that a one-time code began it."""
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        agent_id=agent_id,
        token_hash=digest(token),
        device=device,
        by_code=by_code,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LASTS,
    )
    session.add(row)
    await session.flush()
    return NewSession(row.id, token, row.expires_at)


async def has_signed_in(session: AsyncSession, agent_id: int) -> bool:
    """Whether this agent ever had a session."""
    return (
        await session.scalar(select(StaffSession.id).where(StaffSession.agent_id == agent_id).limit(1))
        is not None
    )


async def end_session(session: AsyncSession, token: str, *, now: datetime) -> None:
    """Sign one browser out."""
    await session.execute(
        update(StaffSession).where(StaffSession.token_hash == digest(token)).values(revoked_at=now)
    )
    signals.notify(session, Topic.SESSIONS)


async def end_sessions(session: AsyncSession, agent_id: int, *, now: datetime) -> None:
    """Sign the agent out everywhere."""
    await session.execute(
        update(StaffSession)
        .where(StaffSession.agent_id == agent_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    signals.notify(session, Topic.SESSIONS)


async def _enabled(session: AsyncSession, agent_id: int) -> Agent:
    agent = await session.get(Agent, agent_id)
    if agent is None or agent.disabled_at is not None:
        raise NotFound(f"there is no enabled member of staff {agent_id}")
    return agent
