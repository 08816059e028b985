"""pytest fixtures: a running Bot API server whose complaints fail the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.botapi.server import BotApiServer


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApiServer]:
    """A fresh server on a free port; the test fails when a request broke the Bot API's rules."""
    async with BotApiServer() as server:
        yield server
    assert not server.violations, "\n".join(server.violations)
