"""What can go wrong in the store: one small tree, turned into answers by the faces above."""


class StoreError(Exception):
    """Anything the store refuses; its text says what to do.

    `kind` and `params` say the same to who words it for people: a name for the refusal, and the values in it. Without
    a kind there is the text alone.
    """

    def __init__(self, text: str = "", *, kind: str | None = None, **params: str | int) -> None:
        super().__init__(text)
        self.kind, self.params = kind, params


class NotFound(StoreError):
    """The named thing does not exist (or must not be seen by who asks)."""


class Conflict(StoreError):
    """Somebody else was there first, or the value is already taken."""


class HeldByOther(Conflict):
    """A colleague has the conversation."""

    def __init__(self, holder: str | None) -> None:
        if holder is None:
            super().__init__("somebody else has this conversation", kind="held_by_somebody")
        else:
            super().__init__(f"{holder} has this conversation", kind="held", holder=holder)
        self.holder = holder


class DoneBefore(Conflict):
    """What is asked for was done already."""


class TooLate(Conflict):
    """The time in which it could be done is over."""


class WentOn(Conflict):
    """What is to be put back is not as it was left."""


class IllegalTransition(Conflict):
    """The conversation's present status does not allow this change."""


class InvalidValue(StoreError):
    """A value the store cannot take; the text names it and says what would do."""


class StoreUnusable(StoreError):
    """The database cannot serve: locked by another server, newer than the program, unreadable."""
