"""What scoring says when it cannot compute: one error, its text meant for the person who asked."""


class ScoringError(ValueError):
    """Values no score can be computed from; the message says which value and what to do about it."""
