"""Who may do what: the one table of roles. Pure."""

from dataclasses import dataclass
from enum import Enum

from crm_store.models.staff import Agent
from crm_store.staff import Role


class Access(Enum):
    """What a route needs; its value says it in words."""

    PUBLIC = "anybody"
    READ = "any role"
    WORK = "admin, supervisor or agent"
    LEAD = "admin or supervisor"
    ADMIN = "admin"


ROLES: dict[Access, frozenset[Role]] = {
    Access.PUBLIC: frozenset(Role),
    Access.READ: frozenset(Role),
    Access.WORK: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.AGENT}),
    Access.LEAD: frozenset({Role.ADMIN, Role.SUPERVISOR}),
    Access.ADMIN: frozenset({Role.ADMIN}),
}


def called(agent: Agent) -> str:
    """A member of staff, as the audit names them."""
    return f"agent:{agent.id} {agent.name}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is for the audit; a key that acts for an agent has its own role and the agent's."""

    name: str
    roles: frozenset[Role] = frozenset()
    agent: Agent | None = None
    key_id: int | None = None
    session_id: int | None = None
    """Of the signed-in browser, where it is one."""
    by_code: bool = False
    """Whether that browser was signed in by a one-time code, and so lately that the code stands for the password."""

    def may(self, needed: Access) -> bool:
        """Whether each of the caller's roles allows it: the weaker of key and agent decides."""
        return needed is Access.PUBLIC or (bool(self.roles) and self.roles <= ROLES[needed])

    @property
    def agent_id(self) -> int | None:
        """Who it is, of the staff; None for a program that talked with nobody yet."""
        return self.agent.id if self.agent else None

    @property
    def is_known(self) -> bool:
        """Whether the caller proved who they are."""
        return bool(self.roles)


ANONYMOUS = Caller("anonymous")
