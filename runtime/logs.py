"""Structured logs: one event a line, with the request id, without line breaks from outside and without secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "csrf")
_HIDDEN = "***"
QUIET = ("dbos", "alembic", "sqlalchemy", "urllib3")
"""Libraries whose everyday notes help nobody who runs the product."""

Event = MutableMapping[str, Any]


def _hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = _HIDDEN
    return event


def _one_line(_logger: Any, _method: str, event: Event) -> Event:
    """Escape control characters, so that no value can start a log line of its own or drive a terminal."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception" and not value.isprintable():
            event[name] = "".join(
                char if char.isprintable() else char.encode("unicode_escape").decode() for char in value
            )
    return event


def _json(_logger: Any, _name: str, event: Event) -> str:
    return orjson.dumps(event, default=repr).decode()


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _hide_secrets,
    _one_line,
]


def configure(style: str = "console", level: str = "info") -> None:
    """Send everything, also from libraries, to standard error as JSON lines or as text for people."""
    renderer: structlog.typing.Processor = _json
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
