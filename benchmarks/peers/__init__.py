"""Bots as one would write them with a library and an ORM, doing the same work as ours, to be measured beside it."""
