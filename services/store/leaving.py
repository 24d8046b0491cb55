"""A server that is there but says nothing is left for another one, whatever waits for its answer."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow

from services.store.dialled import Dialled

LOOK_SECONDS = 1.0
"""How often it is looked whether somebody waits for a server."""
SILENCES = 2
"""How often in a row a server may leave a new caller without a word."""

Server = tuple[str, str]
"""Host, or address where one was given, and port."""


def servers(given: Mapping[str, str]) -> list[Server]:
    """Return the servers of a connection string, in its order; `given` is what psycopg takes it apart into."""
    hosts = (given.get("host") or given.get("hostaddr") or "").split(",")
    ports = (given.get("port") or "").split(",")
    return [(host, ports[min(number, len(ports) - 1)]) for number, host in enumerate(hosts)]


@dataclass(slots=True, eq=False)
class _Watched:
    connection: psycopg.Connection[DictRow]
    server: Server
    wire: socket.socket
    """The connection's socket once more, ours to cut: its own number may be another file's by then."""
    busy: int = 0
    """How many looks in a row have found it waiting for an answer."""


class Leaving:
    """Looks after the connections to one of several servers; with one server it does nothing, having no other to go to.

    A machine that is frozen, or cut off without a word, keeps its connections open: TCP finds that out after half a
    minute, or never, while another server has taken its place. A statement may also take long by itself, so what is
    asked is whether the server answers somebody new; if not twice, every connection to it is cut.
    """

    def __init__(self, conninfo: str) -> None:
        """Watch nothing yet."""
        self._given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
        self._is_needed = len(servers(self._given)) > 1
        self._watched: list[_Watched] = []
        self._silent: dict[Server, int] = {}
        self._turn = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, connection: psycopg.Connection[DictRow]) -> None:
        """Cut this connection, too, when its server falls silent."""
        if not self._is_needed:
            return
        server = (connection.info.host, str(connection.info.port))
        wire = socket.socket(fileno=os.dup(connection.fileno()))
        with self._turn:
            self._watched.append(_Watched(connection, server, wire))
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._look, name="onrecord-leaving", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Look after nothing any more."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        with self._turn:
            for one in self._watched:
                one.wire.close()
            self._watched.clear()

    def _look(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            for server in self._waited_for():
                self._silent[server] = 0 if self._answers(server) else self._silent.get(server, 0) + 1
                if self._silent[server] >= SILENCES:
                    self._silent[server] = 0
                    self._cut(server)

    def _waited_for(self) -> list[Server]:
        """Return the servers that somebody has waited for since the last look; forget connections that are closed."""
        with self._turn:
            for one in self._watched:
                if one.connection.closed:
                    one.wire.close()
            self._watched = [one for one in self._watched if not one.connection.closed]
            for one in self._watched:
                is_busy = one.connection.pgconn.transaction_status == TransactionStatus.ACTIVE
                one.busy = one.busy + 1 if is_busy else 0
            return sorted({one.server for one in self._watched if one.busy > 1})

    def _answers(self, server: Server) -> bool:
        """Tell whether the server says anything at all to somebody new, be it that it is full or not ready."""
        given = {name: value for name, value in self._given.items() if name not in ("hostaddr", "target_session_attrs")}
        try:
            Dialled.connect(make_conninfo(**{**given, "host": server[0], "port": server[1]})).close()
        except psycopg.errors.ConnectionTimeout:
            return False
        except psycopg.Error:
            return True
        return True

    def _cut(self, server: Server) -> None:
        with self._turn:
            _shut(one.wire for one in self._watched if one.server == server)


def _shut(wires: Iterable[socket.socket]) -> None:
    for wire in wires:
        try:
            wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue  # it was closed from the other side
