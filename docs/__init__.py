"""Longer texts than README, and what keeps README true."""
