"""The embedded database comes back by itself for as long as somebody needs it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

from services.store.embedded import EmbeddedFailed, EmbeddedPostgres, HomeInUse

_LOG = logging.getLogger(__name__)
_GLANCE = 1.0
"""Seconds between two looks whether the embedded server is alive."""


@contextmanager
def kept_alive(server: EmbeddedPostgres) -> Generator[None, None, None]:
    """Bring the server back if somebody kills it."""
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(_GLANCE):
            try:
                server.start()
            except (EmbeddedFailed, HomeInUse) as failure:
                # Tried again at the next glance: giving up would leave the service without its database for good.
                _LOG.error("the embedded database does not come back: %s", failure)

    watcher = threading.Thread(target=watch, name="embedded-database", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ending.set()
        watcher.join()
