"""Logging: one JSON line an event on stderr, and nothing but named facts in it.

Patient text cannot reach a log by accident: only the keys of ``ALLOWED`` pass, and exceptions are
logged by type and code, never by message.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any, Final, cast

import structlog

ALLOWED: Final = frozenset(
    {
        "event", "level", "timestamp", "code", "stage", "reason", "source", "page", "pages", "form",
        "version", "draft", "entry", "seconds", "workers", "count", "kind", "error", "engine",
        "drafts", "held", "quarantined", "duplicates", "files", "url_scheme",
    }
)  # fmt: skip
"""Keys that may appear in a line; ``source`` is a file's SHA-256, not its name."""


def configure(*, quiet: bool = False) -> None:
    """Send log lines to stderr; ``quiet`` keeps only warnings and worse."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(30 if quiet else 20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: drops every key that is not in ``ALLOWED`` and says how many."""
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    if dropped:
        event["count"] = event.get("count", len(dropped))
    return event


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """A logger; bind only keys of ``ALLOWED``."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger())
