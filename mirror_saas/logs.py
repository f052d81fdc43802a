"""Log lines: a constant message and the facts as key=value pairs, or one JSON object a line.

Facts come from ``extra``. Text that callers or agents said never gets into a fact; ``FORBIDDEN_FACTS`` catches the
keys it would arrive under, so that one careless call does not put a transcript on disk.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
FORBIDDEN_FACTS = frozenset(
    {"text", "transcript", "prompt", "token", "password", "secret", "api_key", "authorization", "arguments", "reason"}
)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the record's ``extra`` in the order given, forbidden ones as ``[withheld]``."""
    return {
        name: "[withheld]" if name in FORBIDDEN_FACTS else value
        for name, value in record.__dict__.items()
        if name not in _STANDARD and not name.startswith("_")
    }


class KeyValueFormatter(logging.Formatter):
    """``12:00:01 INFO calls.recorder call recorded action=call_record call_id=...``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).strftime("%H:%M:%S")
        facts = "".join(f" {name}={_value(value)}" for name, value in _plain(facts_of(record)).items())
        line = f"{at} {record.levelname} {record.name} {record.getMessage()}{facts}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(_plain(facts_of(record)))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    # Django hangs the whole request on its records; its path says enough and holds no secret.
    request = facts.pop("request", None)
    if request is not None and hasattr(request, "path"):
        facts["path"] = request.path
    return facts


def _value(value: Any) -> str:
    shown = str(value)
    return (
        json.dumps(shown, ensure_ascii=False) if shown == "" or any(c.isspace() or c in '"=' for c in shown) else shown
    )


def logging_settings(*, level: str, is_json: bool) -> dict[str, Any]:
    """Return Django's ``LOGGING``: everything to standard error, one handler."""
    formatter = "mirror_saas.logs.JsonFormatter" if is_json else "mirror_saas.logs.KeyValueFormatter"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO"},
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "uvicorn.access": {"level": "WARNING"},
            # Each request of the judge's providers at INFO would drown the rest, and addresses may hold secrets.
            "httpx": {"level": "WARNING"},
        },
    }
