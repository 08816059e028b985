"""Faults run for real: the real program, the Bot API server of the tests, and something that breaks between them."""
