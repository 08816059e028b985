"""`frontdesk keys` and `frontdesk staff`."""

import pytest

from tests.commandline import CommandLine


def test_a_key_is_shown_once(frontdesk: CommandLine) -> None:
    made = frontdesk("keys", "create", "--role", "admin", "--name", "me", "--json")
    assert made.status == 0
    assert set(made.json) == {"id", "name", "role", "key"}
    key = made.json["key"]
    listed = frontdesk("keys", "list", "--json")
    assert key not in listed.out
    assert [(row["name"], row["role"], row["revoked_at"]) for row in listed.json] == [("me", "admin", None)]
    assert key.startswith(listed.json[0]["prefix"])


def test_a_key_for_people(frontdesk: CommandLine) -> None:
    told = frontdesk("keys", "create", "--role", "analyst", "--name", "report").out.splitlines()
    assert told[1:] == ["Keep it now: it cannot be shown again."]
    assert told[0].startswith("fdk_")


def test_a_revoked_key_says_so(frontdesk: CommandLine) -> None:
    number = str(frontdesk("keys", "create", "--role", "agent", "--name", "old", "--json").json["id"])
    assert frontdesk("keys", "revoke", number).out == "The key 'old' no longer works.\n"
    assert "revoked" in frontdesk("keys", "list").out
    assert frontdesk("keys", "list", "--json").json[0]["revoked_at"] is not None


def test_a_key_in_an_agents_name(frontdesk: CommandLine) -> None:
    frontdesk("staff", "create", "--name", "Ann")
    assert frontdesk("keys", "create", "--role", "agent", "--name", "hers", "--agent", "Ann").status == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("keys", "create", "--role", "king", "--name", "x"), "'king' is no role; use admin, supervisor"),
        (("keys", "create", "--role", "admin", "--name", ""), "name"),
        (("keys", "create", "--role", "admin", "--name", "x", "--agent", "Nobody"), "there is no agent named 'Nobody'"),
        (("keys", "create", "--role", "admin"), "Missing option '--name'"),
        (("keys", "revoke", "77"), "there is no key 77"),
        (("keys", "revoke", "first"), "Invalid value"),
        (("staff", "create", "--name", "Bo", "--role", "king"), "'king' is no role"),
        (("staff", "create", "--name", " "), "name"),
        (("staff", "create", "--name", "Bo", "--capacity", "0"), "1 to 1000"),
        (("staff", "create", "--name", "Bo", "--skill", "x" * 65), "each of the skills has 1 to 64"),
        (("staff", "change", "Nobody", "--capacity", "3"), "there is no agent named 'Nobody'"),
        (("staff", "change", "Nobody"), "say what is to change: --role, --capacity"),
        (("staff", "code", "Nobody"), "there is no agent named 'Nobody'; 'frontdesk staff list' shows all"),
        (("staff", "link", "Nobody"), "there is no agent named 'Nobody'"),
    ],
)  # fmt: skip
def test_bad_input(frontdesk: CommandLine, words: tuple[str, ...], told: str) -> None:
    done = frontdesk(*words)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert frontdesk("keys", "list", "--json").json == []
    assert frontdesk("staff", "list", "--json").json == []


def test_staff_are_made_with_a_code_for_their_first_sign_in(frontdesk: CommandLine) -> None:
    words = (
        "staff",
        "create",
        "--name",
        "Ann",
        "--role",
        "supervisor",
        "--language",
        "en",
        "--language",
        "zh",
    )
    made = frontdesk(*words, "--json").json
    assert (made["name"], made["role"]) == ("Ann", "supervisor")
    assert len(made["sign_in_code"]) >= 20
    assert frontdesk("staff", "list", "--json").json == [
        {"id": made["id"], "name": "Ann", "role": "supervisor", "presence": "offline",
         "capacity": 5, "skills": [], "languages": ["en", "zh"], "team": None, "telegram": False, "disabled": False}
    ]  # fmt: skip


def test_staff_start_with_what_they_take_on_and_it_can_be_changed(frontdesk: CommandLine) -> None:
    given = ("--capacity", "3", "--skill", "returns", "--language", "en", "--team", "night")
    frontdesk("staff", "create", "--name", "Ann", *given)
    changed = ("staff", "change", "Ann")
    taken_on = ("capacity", "skills", "languages", "role", "team")
    for words, after in [
        (("--capacity", "7"), (7, ["returns"], ["en"], "agent", "night")),
        (("--skill", "returns", "--skill", "repairs"), (7, ["returns", "repairs"], ["en"], "agent", "night")),
        (("--skill", "", "--language", ""), (7, [], [], "agent", "night")),
        (("--role", "supervisor"), (7, [], [], "supervisor", "night")),
        (("--team", "returns"), (7, [], [], "supervisor", "returns")),
        (("--team", ""), (7, [], [], "supervisor", None)),
    ]:
        row = frontdesk(*changed, *words, "--json").json
        assert tuple(row[name] for name in taken_on) == after
        assert frontdesk("staff", "list", "--json").json == [row]
    told = frontdesk(*changed, "--skill", "returns", "--team", "night").out
    assert "team: night" in told
    assert "7 at once" in told
    assert "skills: returns" in told
    assert frontdesk(*changed, "--capacity", "0").status == 2
    assert "1 to 64" in frontdesk(*changed, "--team", "x" * 65).err


def test_a_taken_name_is_refused(frontdesk: CommandLine) -> None:
    frontdesk("staff", "create", "--name", "Ann")
    done = frontdesk("staff", "create", "--name", "Ann")
    assert (done.status, done.out) == (1, "")
    assert done.err == "frontdesk: somebody else has the name 'Ann' already; choose another\n"


def test_codes_differ_each_time(frontdesk: CommandLine) -> None:
    frontdesk("staff", "create", "--name", "Ann")
    codes = {frontdesk("staff", verb, "Ann", "--json").json["code"] for verb in ("code", "link", "code")}
    assert len(codes) == 3
    assert "/link " in frontdesk("staff", "link", "Ann").out


def test_empty_lists_say_so(frontdesk: CommandLine) -> None:
    assert frontdesk("keys", "list").out == "There are no keys yet.\n"
    assert frontdesk("staff", "list").out == "There are no staff yet.\n"
