"""Fixtures of the tests that see the product from outside."""

from tests.browser import browser as browser  # a fixture is found by its name here
from tests.commandline import frontdesk as frontdesk
