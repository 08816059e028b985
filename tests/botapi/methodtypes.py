"""The shape of a method's handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.botapi.wire import Params
from tests.botapi.world import World

Handler = Callable[[World, Params], Any]
