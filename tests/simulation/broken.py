"""A rule that does not hold."""


class Broken(AssertionError):
    """A rule of the product does not hold."""
