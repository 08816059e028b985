"""Who may come in: the page's origin, and the network address of the peer. Pure."""

from collections.abc import Collection
from urllib.parse import urlsplit


def origin_allowed(origin: str | None, host: str, origins: Collection[str]) -> bool:
    """Whether a page of `origin` may talk to us: our own host's, or one of the configured sites.

    Browsers always send the header, so what comes without is a program, which no visitor's browser can be made
    to be; the session's secret is never sent by a browser on its own, as a cookie would be.
    """
    if origin is None:
        return True
    if origin.rstrip("/") in origins:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def peer_of(remote: str | None, forwarded_for: str | None, trusted: Collection[str]) -> str:
    """The visitor's network address: the nearest one that is not a proxy of ours.

    Anybody can write X-Forwarded-For, so it counts only when a trusted proxy hands it on, and is read from its
    end, where that proxy wrote.
    """
    peer = remote or "unknown"
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    while peer in trusted and hops:
        peer = hops.pop()[:64]
    return peer
