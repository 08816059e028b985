"""A server's start, and the command line's, import nothing that only training, other verbs or upgrades need."""

import json
import subprocess
import sys

import pytest

SERVER = (
    "bot.cli, bot.process, bot.wiring, bot.channels.telegram.service, admin_api.settings, bot.first_start"
)
HEAVY = {"sklearn", "scipy", "pandas", "nltk", "threadpoolctl", "alembic", "asyncpg", "yaml", "matplotlib"}


@pytest.mark.parametrize(
    ("modules", "left_out"),
    [(SERVER, HEAVY), ("bot.cli", {*HEAVY, "numpy", "aiohttp", "telegram"})],
    ids=["server", "command line"],
)
def test_imports_stay_light(modules: str, left_out: set[str]) -> None:
    told = f"import json, sys, {modules}\nprint(json.dumps([n.partition('.')[0] for n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True)
    assert not left_out & set(json.loads(done.stdout))
