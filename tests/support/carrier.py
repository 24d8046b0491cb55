"""What a process of its own runs that carries every view forward until somebody kills it."""

from __future__ import annotations

import threading

from services.catalogue import found_projections
from services.projector import Projector
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.views import ViewWriter


def carry(conninfo: str) -> None:
    with Connections(conninfo) as connections, EventLog(conninfo) as log:
        views, steps = ViewReader(connections.fetch), found_projections()
        Projector(log, lambda: ViewWriter(connections), views, steps.values()).start()
        threading.Event().wait()
