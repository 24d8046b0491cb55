"""What became of a commit is said only when it is known, and as recorded counts only what a failover does not undo."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg.errors import Diagnostic
from psycopg.rows import DictRow, tuple_row

from services.errors import StoreUnavailable
from services.store.connections import Connections, translated
from services.store.queries import Statements
from services.store.recorder import LedgerRecorder, StoredRow

SETTLE_SECONDS = 15.0
"""How long a commit of unknown outcome is asked after before the caller is told that nobody knows."""

_SQL = Statements("event_log.sql")
_ORDER = Statements("recorder.sql")


def was_committed(connections: Connections, recorder: LedgerRecorder, position: int, stored: StoredRow) -> bool:
    """Ask the ledger, once the lost transaction has surely ended: until then it holds the order lock.

    The event at this position is the one that was stored, or the transaction is not there and never will be.
    """
    give_up = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            with translated(), connections.connect() as connection, doubts(connection), connection.transaction():
                cursor = connection.cursor(row_factory=tuple_row, binary=True)
                recorder.lock(cursor)
                found = cursor.execute(_SQL["stored_at"], {"position": position}).fetchone()
                # Also that it is not there is true only of whoever is the primary.
                cursor.execute(_ORDER["confirm"])
            return found == (stored[0], stored[1], stored[3])
        except StoreUnavailable as error:
            if time.monotonic() > give_up:
                raise StoreUnavailable(error.why, outcome_unknown=True) from error
            time.sleep(0.2)


@contextmanager
def doubts(connection: psycopg.Connection[DictRow]) -> Generator[None]:
    """Raise StoreUnavailable at the end if the server warned of what it did.

    A commit that somebody cancels while it waits for a standby succeeds, with a warning that it may not be there.
    """
    told: list[str] = []

    def hear(notice: Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            told.append(notice.message_primary or "")

    connection.add_notice_handler(hear)
    try:
        yield
    finally:
        connection.remove_notice_handler(hear)
    if told:
        raise StoreUnavailable("; ".join(told))
