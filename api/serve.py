"""The service listens on this machine alone unless it is told otherwise, and ends without cutting anybody off."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from api.logs import logging_of
from services.access.gate import Access
from services.bootstrap import Newsroom
from services.settings import LogForm

GRACE = 5
"""Seconds that answers under way have to end; live streams never would."""


def server_of(newsroom: Newsroom, access: Access, host: str, port: int, log: LogForm = "text") -> uvicorn.Server:
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
        log_config=logging_of(log),
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config)
