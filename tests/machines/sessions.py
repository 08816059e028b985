"""Who is signed in: staff's codes, sessions and guesses, and the web visitors' secrets, beside sets of what is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from bot.channels.web.sessions import hashed
from crm_store import sign_in, signed_in, staff, visitors
from crm_store.errors import Conflict, NotFound
from crm_store.models.customers import Identity
from crm_store.sign_in import LockedOut, Purpose
from tests.machines.base import Machine, add_person

AGENTS = st.integers(1, 3)
NAMES = st.sampled_from(("A1", "A2", "nobody"))
PURPOSES = st.sampled_from(tuple(Purpose))


@dataclass
class Secret:
    """A code or a session, and until when it is good."""

    agent_id: int
    until: datetime
    purpose: Purpose | None = None
    is_ended: bool = False


class SessionsMachine(Machine):
    """The model holds every secret ever given out; the store must agree about each of them, any time."""

    @initialize()
    def open(self) -> None:
        """Three members of staff, one of them admin."""
        self.codes: dict[str, Secret] = {}
        self.sessions: dict[str, Secret] = {}
        self.enabled = {1: True, 2: True, 3: True}
        self.guesses: dict[str, list[datetime]] = {}
        self.visitors: dict[str, str] = {}
        for number in self.enabled:
            role = staff.Role.ADMIN if number == 1 else staff.Role.AGENT
            self.do(partial(staff.create_agent, name=f"A{number}", role=role, now=self.now))

    @rule(agent_id=AGENTS, purpose=PURPOSES)
    def issue(self, agent_id: int, purpose: Purpose) -> None:
        """A code for somebody; the earlier ones of its purpose are good no more."""
        try:
            code = self.do(lambda s: sign_in.issue_code(s, agent_id, purpose, now=self.now))
        except NotFound:
            assert not self.enabled[agent_id]
            return
        assert self.enabled[agent_id]
        assert code not in self.codes
        for secret in self.codes.values():
            is_same = secret.agent_id == agent_id and secret.purpose == purpose
            secret.is_ended = secret.is_ended or is_same
        self.codes[code] = Secret(agent_id, self.now + sign_in.CODE_LASTS, purpose)

    @precondition(lambda self: self.codes)
    @rule(data=st.data(), purpose=PURPOSES, is_dashed=st.booleans())
    def redeem(self, data: st.DataObject, purpose: Purpose, is_dashed: bool) -> None:
        """A code is tried, good or not: it works once, in time, for its purpose, for who is enabled."""
        code = data.draw(st.sampled_from(list(self.codes)))
        secret = self.codes[code]
        is_good = secret.purpose == purpose and not secret.is_ended and secret.until > self.now
        typed = f" {code[:13]}-{code[13:].lower()}" if is_dashed else code
        agent = self.do(lambda s: sign_in.redeem_code(s, typed, purpose, now=self.now))
        assert (agent is not None) == (is_good and self.enabled[secret.agent_id])
        if agent is not None:
            assert agent.id == secret.agent_id
        secret.is_ended = secret.is_ended or is_good

    @rule(agent_id=AGENTS)
    def sign_in(self, agent_id: int) -> None:
        """A browser session begins."""
        new = self.do(lambda s: sign_in.start_session(s, agent_id, now=self.now))
        assert new.token not in self.sessions
        self.sessions[new.token] = Secret(agent_id, self.now + sign_in.SESSION_LASTS, is_ended=False)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """A session's token opens it while it lasts, and nobody else's."""
        token = data.draw(st.sampled_from(list(self.sessions)))
        secret = self.sessions[token]
        found = self.do(lambda s: signed_in.find(s, token, now=self.now))
        is_good = not secret.is_ended and secret.until > self.now and self.enabled[secret.agent_id]
        assert (found.agent.id if found else None) == (secret.agent_id if is_good else None)
        assert self.do(lambda s: signed_in.find(s, token + "x", now=self.now)) is None

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        """One browser is out."""
        token = data.draw(st.sampled_from(list(self.sessions)))
        self.do(lambda s: sign_in.end_session(s, token, now=self.now))
        self.sessions[token].is_ended = True

    def _end_all(self, agent_id: int) -> None:
        for secret in self.sessions.values():
            secret.is_ended = secret.is_ended or secret.agent_id == agent_id

    @rule(agent_id=AGENTS)
    def change_password(self, agent_id: int) -> None:
        """Everybody signed in with the old one is out."""
        try:
            self.do(lambda s: sign_in.set_password(s, agent_id, "hash", now=self.now))
        except NotFound:
            assert not self.enabled[agent_id]
            return
        assert self.enabled[agent_id]
        self._end_all(agent_id)

    @rule(agent_id=AGENTS)
    def disable(self, agent_id: int) -> None:
        """Out at once, and for good; the last admin stays."""
        try:
            self.do(lambda s: staff.disable_agent(s, agent_id, now=self.now))
        except Conflict:
            assert agent_id == 1
            return
        if self.enabled[agent_id]:
            self._end_all(agent_id)
        self.enabled[agent_id] = False

    @rule(agent_id=AGENTS)
    def enable(self, agent_id: int) -> None:
        """May sign in again; sessions that ended stay ended."""
        self.do(lambda s: staff.enable_agent(s, agent_id))
        self.enabled[agent_id] = True

    @rule(name=NAMES)
    def guess(self, name: str) -> None:
        """A password is tried: five times within the window, whether the name exists or not."""
        recent = [at for at in self.guesses.get(name, []) if at > self.now - sign_in.GUESS_WINDOW]
        try:
            self.do(lambda s: sign_in.count_guess(s, name, now=self.now))
        except LockedOut as error:
            locked_for: timedelta | None = error.retry_after
        else:
            locked_for = None
        if len(recent) >= sign_in.GUESSES:
            assert locked_for == recent[0] + sign_in.GUESS_WINDOW - self.now
            return
        assert locked_for is None
        self.guesses.setdefault(name, []).append(self.now)

    @rule(name=NAMES)
    def guess_right(self, name: str) -> None:
        """Counting starts anew."""
        self.do(lambda s: sign_in.forget_guesses(s, name))
        self.guesses.pop(name, None)

    @rule(number=st.integers(1, 4))
    def visit(self, number: int) -> None:
        """A web visitor's secret opens their address alone, once they have said something."""
        token, address = f"secret {number}", f"w_{number}"
        found = self.do(lambda s: visitors.find_address(s, "web", hashed(token)))
        assert found == self.visitors.get(token)
        assert self.do(lambda s: visitors.find_address(s, "telegram", hashed(token))) is None
        if found is None:
            self.do(lambda s: self._say_first(s, number, address, token))
            self.visitors[token] = address

    async def _say_first(self, session: Any, number: int, address: str, token: str) -> None:
        await add_person(session, number, f"web:{address}", self.now)
        identity = await session.get_one(Identity, number)
        identity.secret_hash = hashed(token)

    @rule(minutes=st.sampled_from((1, 9, 11, 16, 700)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.pass_time(timedelta(minutes=minutes))
