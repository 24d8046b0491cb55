"""Nobody who waits for events sleeps through one: a lost wake-up costs a poll, a lost connection a new one."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable

import psycopg

from services.errors import NotMigrated, StoreUnavailable
from services.store.connections import Connections, translated
from services.store.queries import Statements

POLL_SECONDS = 0.5
"""How often the head is looked at without any wake-up: NOTIFY may be lost, and a replica has none."""

_SQL = Statements("event_log.sql")


class Wakeups:
    """One thread that listens for everybody in this process, started by the first who waits."""

    def __init__(self, connections: Connections, head: Callable[[], int]) -> None:
        self._connections = connections
        self._head = head
        self._seen = 0
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._end, self._ended = socket.socketpair()

    def wait(self, after: int, timeout: float) -> bool:
        """Return True as soon as the head is behind `after`, False after `timeout` seconds, or when closed."""
        with self._changed:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._listen, name="onrecord-wakeups", daemon=True)
                self._thread.start()
            self._changed.wait_for(lambda: self._seen > after or self._closed.is_set(), timeout)
            return self._seen > after

    def close(self) -> None:
        """Stop listening and let everybody go who waits."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        # What the thread listens to beside the database: at its end it is readable, and no poll has to pass first.
        self._end.close()
        if self._thread is not None:
            self._thread.join()
        self._ended.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with translated(), self._connections.connect() as connection:
                    self._follow(connection)
            except (StoreUnavailable, NotMigrated):
                self._closed.wait(POLL_SECONDS)

    def _follow(self, connection: psycopg.Connection[dict[str, object]]) -> None:
        listens = self._try_to_listen(connection)
        while not self._closed.is_set():
            # The head is read after LISTEN, so an event is either seen here or announced.
            self._see(self._head())
            if listens:
                self._listen_once(connection)
            else:
                self._closed.wait(POLL_SECONDS / 5)

    def _listen_once(self, connection: psycopg.Connection[dict[str, object]]) -> None:
        """Return when something was announced, when closed, or when it is time to look; what was said is nothing."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(connection, selectors.EVENT_READ)
            waiting.register(self._ended, selectors.EVENT_READ)
            waiting.select(POLL_SECONDS)
        for _ in connection.notifies(timeout=0):
            pass

    def _try_to_listen(self, connection: psycopg.Connection[dict[str, object]]) -> bool:
        try:
            connection.execute(_SQL["listen"])
        except (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.FeatureNotSupported):
            # A replica cannot listen, only look.
            return False
        return True

    def _see(self, head: int) -> None:
        with self._changed:
            if head > self._seen:
                self._seen = head
                self._changed.notify_all()
