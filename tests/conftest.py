"""Fixtures every test may use."""

from hypothesis import settings

from tests.scratch import use_memory

pytest_plugins = ["tests.botapi.fixtures", "tests.store_fixtures", "tests.telegram_stage"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

use_memory()
