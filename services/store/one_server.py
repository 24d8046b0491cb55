"""All pools of a process that only asks are connected to the same server: the one that was reached last."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from services.store.connections import Params, Query, Row
from services.store.dialled import Dialled
from services.store.queries import Statements

_LOG = logging.getLogger(__name__)
_SQL = Statements("one_server.sql")


class OneServer:
    """Knows which server is asked; connections to any other are closed when they are to be lent.

    An address that names several is dialled in its order, so that all come to the first that answers. Whoever leads to
    several under one name is found out here and in `services.one_server`: answers are then refused, not mixed.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._name = ""

    def meet(self, connection: Dialled) -> None:
        """Take note of whom a new connection has reached."""
        row = connection.execute(_SQL["who"]).fetchone()
        connection.server = str(row["who"]) if row else ""
        with self._turn:
            if self._name and self._name != connection.server:
                _LOG.warning("another server, or the same one after a restart, is asked from now on")
            self._name = connection.server

    def check(self, connection: Dialled) -> None:
        """Do nothing if the connection leads to the server that is asked. Raises OperationalError."""
        if connection.server != self._name:
            raise psycopg.OperationalError("it leads to a server that is not asked any more")


@dataclass(frozen=True, slots=True)
class Behind:
    """Of the server that is asked: whether it is a standby, whether it is being sent what is recorded, and how far its
    present lies back.

    `seconds` is 0 for a primary, and for a standby that has all that it was sent while it is being sent anything; None
    where nothing tells.
    """

    standby: bool
    fed: bool
    seconds: float | None


def behind(fetch: Callable[[Query, Params | None], list[Row]]) -> Behind:
    """Return how far the server is behind. Raises StoreUnavailable."""
    standby, fed, seconds = fetch(_SQL["behind"], None)[0]
    return Behind(bool(standby), bool(fed), None if seconds is None else max(float(seconds), 0.0))
