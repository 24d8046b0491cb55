"""The service listens on this machine alone unless it is told otherwise, and ends without cutting anybody off."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

import uvicorn

from api.app import create_app
from services.access.gate import Access
from services.bootstrap import Newsroom

GRACE = 5
"""Seconds that answers under way have to end; live streams never would."""


class WordlessFormatter(logging.Formatter):
    """Logs where an error came from and its type, but not its text: that may hold the words of a claim."""

    def formatException(  # noqa: N802 (named by the standard library)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the lines of code and the type of the error."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": WordlessFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        **{name: {"handlers": ["console"], "level": "INFO", "propagate": False} for name in ("uvicorn", "onrecord")},
        # Its lines hold the query, and so the words that somebody searches for; ours do not.
        "uvicorn.access": {"level": "WARNING"},
    },
}


def server_of(newsroom: Newsroom, access: Access, host: str, port: int) -> uvicorn.Server:
    """Return a server that is ready to run, for `serve` and for whoever runs it in a thread."""
    config = uvicorn.Config(
        create_app(newsroom, access),
        host=host,
        port=port,
        workers=1,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=LOGGING,
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config)


def serve(newsroom: Newsroom, host: str = "127.0.0.1", port: int = 8321) -> None:
    """Answer until SIGINT or SIGTERM; the newsroom stays open, it is the caller's."""
    server_of(newsroom, host, port).run()
