"""Figures about the API itself, for Prometheus."""

from collections.abc import Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

GAUGES = {
    "frontdesk_ready": "1 when everything serves",
    "frontdesk_queue_length": "Conversations that wait",
    "frontdesk_messages_unsent": "Messages that are to be delivered",
    "frontdesk_posts_unsent": "Posts that are to stand in the staff group",
    "frontdesk_messages_undeliverable": "Messages that could not be delivered, or may not have been",
    "frontdesk_updates_parked": "Updates that could not be handled",
    "frontdesk_scores_computed_seconds": "When all customers were scored last, in seconds since 1970; 0 never",
    "frontdesk_troubles": "Parts that are out of order; /readyz names them",
    "frontdesk_tasks": "Things this process does side by side (asyncio tasks)",
}


class Metrics:
    """One application's figures; each has its own registry, so that two in a process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, descriptors, processor time
        self._requests = Counter(
            "frontdesk_http_requests_total",
            "Requests answered on the staff's side",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "frontdesk_http_request_seconds", "Time to the answer", ("path",), registry=self.registry
        )
        self._gauges = {name: Gauge(name, what, registry=self.registry) for name, what in GAUGES.items()}

    def observe(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer; `path` is the route's pattern, never an address with ids in it."""
        known = method if method in _KNOWN_METHODS else "other"  # a label's values must stay few
        self._requests.labels(known, path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def render(self, figures: Mapping[str, int]) -> bytes:
        """The text Prometheus reads; `figures` names gauges of GAUGES."""
        for name, value in figures.items():
            self._gauges[name].set(value)
        return generate_latest(self.registry)


METRICS = web.AppKey("metrics", Metrics)
