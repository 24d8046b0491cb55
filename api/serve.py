"""The service listens on this machine alone unless it is told otherwise, and ends without cutting anybody off."""

from __future__ import annotations

from socket import socket
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.logs import logging_of
from api.patience import PatientProtocol
from services.access.gate import Access
from services.bootstrap import Newsroom
from services.settings import LogForm

GRACE = 5
"""Seconds that answers under way have to end; live streams are let go at once."""


class Begins(Protocol):
    """Is told when the end begins."""

    def begin(self) -> None:
        """Let go of whoever listens."""


class Server(uvicorn.Server):
    """Ends in order: first whoever listens is let go, then answers under way have their time."""

    def __init__(self, config: uvicorn.Config, ending: Begins) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Take nobody in any more, and wait for the answers under way."""
        self._ending.begin()
        await super().shutdown(sockets)


def server_of(
    newsroom: Newsroom, access: Access, host: str, port: int, log: LogForm = "text", calls_a_minute: int = 0
) -> Server:
    """Return a server of one desk that is ready to run, for whoever runs it in a thread."""
    app = create_app(newsroom, access, calls_a_minute=calls_a_minute)
    return server_on(app, app.state.ending, host, port, log)


def server_on(app: ASGIApp, ending: Begins, host: str, port: int, log: LogForm = "text") -> Server:
    """Return a server of an app that is ready to run."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        workers=1,
        http=PatientProtocol,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=logging_of(log),
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config, ending)
