"""Fixtures of the tests of the command line."""

from tests.commandline import frontdesk as frontdesk  # a fixture is found by its name here
