"""No line of the log shows a secret, wherever in it the secret stands."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"token {TOKEN}", "token [hidden]"),
        (
            f"POST https://api.telegram.org/bot{TOKEN}/getMe",
            "POST https://api.telegram.org/bot[hidden]/getMe",
        ),
        (f'{{"url": "{TOKEN}"}}', '{"url": "[hidden]"}'),
        ("the password is geheim!", "the password is [hidden]!"),
        ("at 12:30:45 order 12345:6 came", "at 12:30:45 order 12345:6 came"),
        ("2026-11-21T05:22:43.115744Z nothing here", "2026-11-21T05:22:43.115744Z nothing here"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert logs.redact(text, ["geheim", "", "  "]) == shown


@pytest.mark.parametrize("as_json", [True, False])
def test_every_way_into_the_log_is_redacted(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    logs.configure("DEBUG", as_json, ["geheim"])
    structlog.get_logger("ours").warning("one geheim", where=f"bot{TOKEN}", deep={"a": ["geheim"]})
    logging.getLogger("theirs").warning("two %s", "geheim")
    try:
        raise ValueError(f"three geheim {TOKEN}")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed")
    told = capsys.readouterr()
    assert told.out == "", "standard output is for results"
    assert "geheim" not in told.err
    assert TOKEN not in told.err
    assert told.err.count("three [hidden] [hidden]") == 2
    if as_json:
        assert [json.loads(line)["level"] for line in told.err.splitlines()] == [
            "warning",
            "warning",
            "error",
            "error",
        ]


def test_libraries_that_log_addresses_stay_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", as_json=False)
    for name in ("httpx", "telegram.ext", "aiosqlite", "sqlalchemy.engine"):
        logging.getLogger(name).info("somebody's words")
    assert "words" not in capsys.readouterr().err
    assert logging.getLogger().handlers[0].stream is sys.stderr  # type: ignore[attr-defined]
