"""Fixtures every test may use."""

import gc

import pytest
from hypothesis import settings

from crm_store import engine
from crm_store.models.base import Base
from tests.scratch import use_memory

pytest_plugins = ["tests.botapi.fixtures", "tests.store_fixtures", "tests.telegram_stage"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

use_memory()

# A test's process stands still for seconds where the machine is busy or paused, with transactions open. What happens to
# who really falls silent is tried on processes of their own, which keep the product's time (tests/e2e, SIGSTOP).
engine.SILENT_WRITER_MS = 60_000


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What stands for the run, thousands of tests and all that they import, no collection of garbage looks through."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let go of the statements SQLAlchemy compiled for the test's engines.

    It keeps them with the tables (SQLAlchemy 2.1.9), for each engine anew: 1600 objects a test, and after a thousand
    tests a collection of garbage takes seconds.
    """
    for mapper in Base.registry.mappers:
        mapper.__dict__.get("_compiled_cache", {}).clear()
