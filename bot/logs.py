"""Structured logs, without secrets and, by default, without anybody's words."""

import logging
import re
import sys
from collections.abc import Collection
from typing import Any

import structlog

_TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}")
"""A Telegram token wherever it stands, such as behind "bot" in the address of a failed request."""
HIDDEN = "[hidden]"


def redact(text: str, secrets: Collection[str]) -> str:
    """The text without these secrets and without anything that looks like a bot token."""
    for secret in secrets:
        if secret.strip():
            text = text.replace(secret.strip(), HIDDEN)
    return _TOKEN.sub(HIDDEN, text)


def configure(level: str, as_json: bool, secrets: Collection[str] = ()) -> None:
    """Log to standard error from `level` on; every rendered line passes the redaction."""

    def hide(_logger: Any, _name: str, event: Any) -> Any:
        return redact(event, secrets) if isinstance(event, str) else event

    renderer: Any = structlog.processors.JSONRenderer(default=str) if as_json else structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )  # fmt: skip
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, hide],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "aiosqlite", "asyncio", "aiohttp.access", "telegram", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
