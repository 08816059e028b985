"""Fixtures every test may use."""

pytest_plugins = ["tests.botapi.fixtures", "tests.store_fixtures", "tests.telegram_stage"]
