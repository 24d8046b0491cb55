"""A wire between a client and PostgreSQL that is cut where a test says: the failure nobody can order by other means."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Relays one address to a server until it sees the word that it was armed with, and then cuts once.

    With `deliver` the server still gets what contained the word, and only the answer is lost. Frozen, it passes nothing
    on, and keeps every connection.
    """

    def __init__(self, conninfo: str) -> None:
        given = conninfo_to_dict(conninfo)
        self._host, self._port = str(given["host"]), int(given.get("port") or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.conninfo = make_conninfo(**{**given, "host": "127.0.0.1", "port": str(port), "sslmode": "disable"})
        self._word: bytes | None = None
        self._deliver = False
        self.cuts = 0
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, word: bytes, *, deliver: bool) -> None:
        self._word, self._deliver = word, deliver

    def freeze(self) -> None:
        self._flows.clear()

    def close(self) -> None:
        self._flows.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._flows.wait()
                server = self._connect()
                threading.Thread(target=self._relay_to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._relay_to_client, args=(client, server), daemon=True).start()

    def _connect(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _relay_to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while sent := client.recv(65_536):
                self._flows.wait()
                if self._word is not None and self._word in sent:
                    self._word = None
                    self.cuts += 1
                    client.shutdown(socket.SHUT_RDWR)
                    if self._deliver:
                        server.sendall(sent)
                        server.shutdown(socket.SHUT_WR)
                    else:
                        server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(sent)
            server.shutdown(socket.SHUT_WR)

    def _relay_to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while answered := server.recv(65_536):
                self._flows.wait()
                client.sendall(answered)
        client.close()


@contextmanager
def wire_to(conninfo: str) -> Iterator[Wire]:
    """Give a wire to the server that listens on a socket of this machine."""
    wire = Wire(conninfo)
    try:
        yield wire
    finally:
        wire.close()
