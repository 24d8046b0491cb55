"""A line of the log says what was done, how it went and how long it took, and never a word of what was said or asked.

An error's text may hold the words of a claim, a query those of whoever searches, and an address the name of a source;
so the log has the types of errors, and the patterns of addresses.
"""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import threading
import traceback
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from services.named import desk_here
from services.settings import LogForm

_log = logging.getLogger("onrecord")


class WordlessFormatter(logging.Formatter):
    """Logs where an error came from and its type, but not its text: that may hold the words of a claim."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        desk = desk_here()
        # A member of the form of a line, since a trace stands behind the message.
        record.desk = f" [desk {desk}]" if desk else ""
        return super().format(_wordless(record))

    def formatException(  # noqa: N802 (named by the standard library)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the lines of code and the type of the error."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")


class JsonFormatter(WordlessFormatter):
    """The same as one JSON value for each line; what a request was is in members of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if desk := desk_here():
            told["desk"] = desk
        request = getattr(record, "request", None)
        told |= request if isinstance(request, dict) else {"message": _wordless(record).getMessage()}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info).splitlines()
        return json.dumps(told, ensure_ascii=False)


def _wordless(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record, without what an event loop shows of an error and of whom it called with what."""
    if record.name == "asyncio":
        record = copy(record)
        record.msg, record.args = "something failed that nobody waited for", None
    return record


def log_what_nobody_catches() -> None:
    """Have what ends a thread, or fails while something is cleared away, logged as all else is, from now on."""
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is not SystemExit:
        name = told.thread.name if told.thread else "unknown"
        error = told.exc_value or told.exc_type()
        _log.error("the thread %s ended", name, exc_info=(told.exc_type, error, told.exc_traceback))


def _not_raised(told: sys.UnraisableHookArgs) -> None:
    error = told.exc_value or told.exc_type()
    _log.error("something failed while it was cleared away", exc_info=(told.exc_type, error, told.exc_traceback))


def logging_of(form: LogForm) -> dict[str, Any]:
    """Return how the service logs, for `logging.config`."""
    console = {"class": "logging.StreamHandler", "formatter": form}
    ours = {"handlers": ["console"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": WordlessFormatter, "format": "%(asctime)s %(levelname)s %(name)s%(desk)s: %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "handlers": {"console": console},
        # Whoever else has something to say would say it in words of its own, with the texts of errors.
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{name: ours for name in ("uvicorn", "onrecord", "services", "api")},
            # Its lines hold the query, and so the words that somebody searches for; ours do not.
            "uvicorn.access": {"level": "WARNING"},
        },
    }


def log_as(form: LogForm) -> None:
    """Let this process, which is not the service but works for it, log as that does."""
    logging.config.dictConfig(logging_of(form))
    log_what_nobody_catches()
