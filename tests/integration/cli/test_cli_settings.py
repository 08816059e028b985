"""Settings that cannot be: named with what is wrong, and never echoed; help and versions of verbs."""

import pytest

from tests.commandline import CommandLine

SECRET = "hunter2-is-secret"
WRONG = {
    "public_port": ("99999", "less than or equal to 65535"),
    "staff_port": (SECRET, "valid integer"),
    "telegram_staff_group": (SECRET, "valid integer"),
    "wrong_budget": ("0.9", "less than 0.5"),
    "log_level": (SECRET, "should match pattern"),
    "log_json": (SECRET, "valid boolean"),
    "rating_expiry_hours": ("0", "greater than or equal to 1"),
    "overall_per_s": ("-1", "greater than 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(frontdesk: CommandLine, name: str) -> None:
    value, told = WRONG[name]
    done = frontdesk("doctor", **{name: value})
    assert (done.status, done.out) == (2, "")
    assert f"wrong setting: FRONTDESK_{name.upper()}: " in done.err
    assert told in done.err
    assert SECRET not in done.err


@pytest.mark.parametrize(
    "verb", [("run",), ("bot",), ("api",), ("kb", "list"), ("db", "backup"), ("doctor",)], ids=" ".join
)
def test_every_verb_says_so(frontdesk: CommandLine, verb: tuple[str, ...]) -> None:
    done = frontdesk(*verb, rating_expiry_hours="soon")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "frontdesk: wrong setting: FRONTDESK_RATING_EXPIRY_HOURS: Input should be a valid integer, "
        "unable to parse string as an integer\n"
    )


def test_all_wrong_settings_of_a_kind_are_told_at_once(frontdesk: CommandLine) -> None:
    done = frontdesk("run", public_port="x", log_json="perhaps")
    assert "FRONTDESK_PUBLIC_PORT" in done.err
    assert "FRONTDESK_LOG_JSON" in done.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("frontdesk.toml", "public_port = ", "frontdesk.toml cannot be read: "),
        ("frontdesk.toml", 'public_port = "x"', "wrong setting: FRONTDESK_PUBLIC_PORT"),
        (
            "frontdesk.toml",
            'business_name = "schön"'.encode("latin-1"),
            "are not UTF-8 text; save them as UTF-8",
        ),
        (".env", "FRONTDESK_BUSINESS_NAME=schön".encode("latin-1"), "are not UTF-8 text; save them as UTF-8"),
        (".env", "FRONTDESK_PUBLIC_PORT=x\n", "wrong setting: FRONTDESK_PUBLIC_PORT"),
    ],
)
def test_files_of_settings(frontdesk: CommandLine, name: str, content: str | bytes, told: str) -> None:
    frontdesk.file(name, content)
    done = frontdesk("doctor")
    assert (done.status, done.out) == (2, "")
    assert told in done.err


def test_an_environment_variable_counts_most(frontdesk: CommandLine) -> None:
    frontdesk.file("frontdesk.toml", "wrong_budget = 0.3\npublic_port = 1\nstaff_port = 0\n")
    frontdesk.file(".env", "FRONTDESK_PUBLIC_PORT=2\n")
    told = {finding["what"] for finding in frontdesk("doctor", "--json", public_port="0").json}
    assert {"port 0 on 127.0.0.1 is free"} <= told
    assert not any("port 1 " in what or "port 2 " in what for what in told)


def test_an_empty_variable_means_not_set(frontdesk: CommandLine) -> None:
    assert frontdesk("kb", "list", telegram_token="", public_port="", log_level="").status == 0


def test_unknown_verbs_and_options(frontdesk: CommandLine) -> None:
    for words in (("dance",), ("kb", "dance"), ("kb", "list", "--loud")):
        done = frontdesk(*words)
        assert (done.status, done.out) == (2, "")
        assert "Error" in done.err
