"""`frontdesk keys ...` and `frontdesk staff ...`: who may do what."""

from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.shell import BAD_INPUT, MAX_ID, AsJson, emit, fail, rules, with_store
from crm_store import api_keys, sign_in, staff
from crm_store.engine import Store
from crm_store.models.staff import Agent, ApiKey
from crm_store.session import Session
from crm_store.sign_in import Purpose
from crm_store.staff import Role

keys = typer.Typer(no_args_is_help=True, help="Keys for programs: create, list, revoke.")
people = typer.Typer(no_args_is_help=True, help="Staff: create, change, list, sign-in codes, Telegram links.")

RoleOption = Annotated[str, typer.Option(help="admin, supervisor, agent or analyst (reads only).")]


CapacityOption = Annotated[int | None, typer.Option(help="How many conversations they hold at once.")]
SkillsOption = Annotated[
    list[str] | None, typer.Option("--skill", help="A skill or team whose work they get; may be repeated.")
]
LanguagesOption = Annotated[
    list[str] | None, typer.Option("--language", help="A language they answer in; may be repeated.")
]

TeamOption = Annotated[str | None, typer.Option(help="The team they work in; '' for none.")]


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        fail(f"'{name}' is no role; use {', '.join(Role)}", BAD_INPUT)


@keys.command("create")
def create_key(
    role: RoleOption,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    agent: Annotated[str | None, typer.Option(help="The agent in whose name it acts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; it is shown this once."""
    wanted = _role(role)

    async def work(store: Store) -> api_keys.NewKey:
        async with store.write() as session:
            agent_id = (await _agent(session, agent)).id if agent else None
            return await api_keys.create(
                session, name=name, role=wanted, now=system_clock(), agent_id=agent_id
            )

    made = with_store(work)
    result = {"id": made.row.id, "name": name, "role": wanted.value, "key": made.key}
    emit(result, as_json, lambda: [made.key, "Keep it now: it cannot be shown again."])


async def _agent(session: Session, name: str) -> Agent:
    found = await staff.find_agent(session, name)
    if found is None:
        fail(f"there is no agent named '{name}'; 'frontdesk staff list' shows all", BAD_INPUT)
    return found


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """All keys, revoked ones too, without the keys themselves."""

    async def work(store: Store) -> list[ApiKey]:
        async with store.read() as session:
            return await api_keys.page(session, limit=1000)

    rows = [
        {
            "id": key.id,
            "name": key.name,
            "role": key.role,
            "prefix": key.prefix,
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        }
        for key in with_store(work)
    ]
    emit(rows, as_json, lambda: [_key_line(row) for row in rows] or ["There are no keys yet."])


def _key_line(row: dict[str, Any]) -> str:
    state = "revoked" if row["revoked_at"] else "valid"
    return f"{row['id']:4}  {row['prefix']}...  {row['role']:10} {state:8} {row['name']}"


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[int, typer.Argument(min=1, max=MAX_ID, help="From 'frontdesk keys list'.")],
    as_json: AsJson = False,
) -> None:
    """Make a key worthless at once."""

    async def work(store: Store) -> ApiKey:
        async with store.write() as session:
            return await api_keys.revoke(session, key_id, now=system_clock())

    revoked = with_store(work)
    emit(
        {"id": revoked.id, "name": revoked.name, "revoked_at": revoked.revoked_at},
        as_json,
        lambda: [f"The key '{revoked.name}' no longer works."],
    )


@people.command("create")
def create_agent(
    name: Annotated[str, typer.Option(help="As customers and colleagues will see it.")],
    role: RoleOption = "agent",
    languages: LanguagesOption = None,
    skills: SkillsOption = None,
    capacity: CapacityOption = None,
    team: TeamOption = None,
    as_json: AsJson = False,
) -> None:
    """Add a member of staff, and print a code for their first sign-in."""
    wanted = _role(role)
    details = _given(capacity=capacity, skills=skills, languages=languages)
    if team is not None:
        details["team"] = team.strip() or None

    async def work(store: Store) -> tuple[int, str]:
        details.setdefault("capacity", (await rules(store)).default_capacity)
        async with store.write() as session:
            made = await staff.create_agent(session, name=name, role=wanted, now=system_clock(), **details)
            return made.id, await sign_in.issue_code(session, made.id, Purpose.SIGN_IN, now=system_clock())

    agent_id, code = with_store(work)
    result = {"id": agent_id, "name": name, "role": wanted.value, "sign_in_code": code}
    emit(result, as_json, lambda: [f"{name} can sign in once with the code {code} and then set a password."])


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given; a list of nothing but an empty word (`--skill ''`) is an empty list."""
    given = {name: value for name, value in options.items() if value is not None and value != []}
    return {name: [] if value == [""] else value for name, value in given.items()}


@people.command("change")
def change_agent(
    name: Annotated[str, typer.Argument(help="The agent's name.")],
    role: Annotated[str | None, typer.Option(help="admin, supervisor, agent or analyst.")] = None,
    languages: LanguagesOption = None,
    skills: SkillsOption = None,
    capacity: CapacityOption = None,
    team: TeamOption = None,
    as_json: AsJson = False,
) -> None:
    """Change what NAME takes on; what is left out stays, and --skill '' or --language '' means any."""
    changes = _given(capacity=capacity, skills=skills, languages=languages)
    if team is not None:
        changes["team"] = team.strip() or None
    if role is not None:
        changes["role"] = _role(role)
    if not changes:
        fail("say what is to change: --role, --capacity, --team, --skill or --language", BAD_INPUT)

    async def work(store: Store) -> Agent:
        async with store.write() as session:
            agent = await _agent(session, name)
            return await staff.change_agent(session, agent.id, now=system_clock(), **changes)

    row = _agent_row(with_store(work))
    emit(row, as_json, lambda: [_agent_line(row)])


@people.command("list")
def list_agents(as_json: AsJson = False) -> None:
    """All staff."""

    async def work(store: Store) -> list[Agent]:
        async with store.read() as session:
            return await staff.page(session, limit=1000)

    rows = [_agent_row(agent) for agent in with_store(work)]
    emit(rows, as_json, lambda: [_agent_line(row) for row in rows] or ["There are no staff yet."])


def _agent_row(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "presence": agent.presence,
        "capacity": agent.capacity,
        "skills": agent.skills,
        "languages": agent.languages,
        "team": agent.team,
        "telegram": agent.telegram_user_id is not None,
        "disabled": agent.disabled_at is not None,
    }


def _agent_line(row: dict[str, Any]) -> str:
    marks = "".join(f"  ({mark})" for mark in ("telegram", "disabled") if row[mark])
    kinds = "".join(f"  {what}: {', '.join(row[what])}" for what in ("skills", "languages") if row[what])
    load, team = f"{row['capacity']:4} at once", f"  team: {row['team']}" if row["team"] else ""
    return f"{row['id']:4}  {row['role']:10} {row['presence']:8} {load}  {row['name']}{team}{kinds}{marks}"


def _code(name: str, purpose: Purpose) -> str:
    async def work(store: Store) -> str:
        async with store.write() as session:
            agent = await _agent(session, name)
            return await sign_in.issue_code(session, agent.id, purpose, now=system_clock())

    return with_store(work)


Name = Annotated[str, typer.Argument(help="The agent's name.")]


@people.command("code")
def sign_in_code(name: Name, as_json: AsJson = False) -> None:
    """A code that signs NAME in to the desk once, where a forgotten password can be replaced then."""
    code = _code(name, Purpose.SIGN_IN)
    emit({"code": code}, as_json, lambda: [f"{name} signs in once with: {code}"])


@people.command("link")
def link_code(name: Name, as_json: AsJson = False) -> None:
    """A code that links NAME's Telegram account: they send it to the bot in a private chat."""
    code = _code(name, Purpose.TELEGRAM)
    emit({"code": code}, as_json, lambda: [f"{name} sends this to the bot in a private chat: /link {code}"])
