"""Figures about the API itself, for Prometheus."""

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """One application's figures; each has its own registry, so that two in a process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "frontdesk_http_requests_total",
            "Requests answered on the staff's side",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "frontdesk_http_request_seconds", "Time to the answer", ("path",), registry=self.registry
        )
        self._queue = Gauge("frontdesk_queue_length", "Conversations that wait", registry=self.registry)
        self._ready = Gauge("frontdesk_ready", "1 when everything serves", registry=self.registry)

    def observe(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer; `path` is the route's pattern, never an address with ids in it."""
        known = method if method in _KNOWN_METHODS else "other"  # a label's values must stay few
        self._requests.labels(known, path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def render(self, *, queue_length: int, ready: bool) -> bytes:
        """The text Prometheus reads."""
        self._queue.set(queue_length)
        self._ready.set(int(ready))
        return generate_latest(self.registry)


METRICS = web.AppKey("metrics", Metrics)
