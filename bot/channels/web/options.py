"""The web chat's settings, as its routes take them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How this business runs its web chat."""

    business_name: str
    origins: tuple[str, ...] = ()
    """Sites (scheme://host[:port]) whose pages may embed the chat."""
    trusted_proxies: frozenset[str] = frozenset()
    """Network addresses of our own reverse proxies, whose X-Forwarded-For is believed."""
