"""Whoever writes through the library keeps the order of positions: one lock, ids drawn under it, no wake-up inside.

The library's `POSTGRES_ENABLE_DB_FUNCTIONS` mode and its DCB recorders take no lock and lose events for followers
(138 of 12,000 were seen missing), so this recorder has no such mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from eventsourcing.persistence import ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow

from services.store.connections import Connections
from services.store.packing import event_row, packed
from services.store.queries import Statements

EVENTS_TABLE = "ledger_events"
SCHEMA = "ledger"
COPY_FROM = 200
"""From how many events on COPY is faster than INSERT."""

StoredRow = tuple[str, int, str, bytes]
"""Stream, revision in it, stored name, stored bytes."""

_SQL = Statements("recorder.sql")
_ID_TYPE: Literal["text"] = "text"


def datastore_on(connections: Connections) -> PostgresDatastore:
    """Return the library's datastore on our pool, with our timeouts and our role."""
    given = {name: str(value) for name, value in conninfo_to_dict(connections.conninfo).items()}
    datastore = PostgresDatastore(
        dbname=given.get("dbname", ""),
        host=given.get("host", ""),
        port=given.get("port", ""),
        user=given.get("user", ""),
        password="",
        schema=SCHEMA,
        originator_id_type=_ID_TYPE,
    )
    # Its own pool, which was never opened, would know neither our timeouts nor our role.
    datastore.pool = connections.pool  # pyright: ignore[reportAttributeAccessIssue]
    return datastore


class LedgerRecorder(PostgresApplicationRecorder):
    """The library's recorder: an advisory lock for LOCK TABLE, COPY for many events, NOTIFY after the commit."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = EVENTS_TABLE) -> None:
        if datastore.enable_db_functions:
            raise ProgrammingError("database functions write without the order lock")
        super().__init__(datastore, events_table_name=events_table_name)
        del self.sql_create_statements[self.create_insert_function_statement_index]

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ANN401
        """Append the events in one transaction of their own and return their positions.

        Never tried again by itself: after a lost connection nobody knows whether the first try was committed.
        """
        with self.datastore.get_connection() as connection:
            with connection.transaction(), connection.cursor() as cursor:
                self.lock(cursor)
                self._insert_events(cursor, stored_events, **kwargs)
                head = cursor.execute(_SQL["head"]).fetchone()
                rows = [
                    (str(event.originator_id), event.originator_version, event.topic, event.state)
                    for event in stored_events
                ]
                positions = list(self.write(cursor, rows, len(rows), head["coalesce"] if head else 0))
            with connection.cursor() as cursor:
                self.announce(cursor)
        return positions

    def lock(self, cursor: Cursor[Any]) -> None:
        """Take the order lock until the end of the transaction."""
        cursor.execute(_SQL["take_order"], prepare=True)

    def write(self, cursor: Cursor[Any], rows: Iterable[StoredRow], count: int, head: int) -> range:
        """Append `count` events behind `head`, which was read under the order lock; return their positions.

        Many rows are taken a hundred at a time, so that the server stores some while the next are made.
        """
        positions = range(head + 1, head + 1 + count)
        if count >= COPY_FROM:
            with cursor.copy(_SQL["copy_events"]) as copy:
                for block in packed(event_row(*row, at) for row, at in zip(rows, positions, strict=True)):
                    copy.write(block)
        elif count:
            streams, revisions, names, states = zip(*rows, strict=True)
            given = {
                "streams": list(streams),
                "revisions": list(revisions),
                "names": list(names),
                "states": list(states),
                "positions": list(positions),
            }
            cursor.execute(_SQL["insert_events"], given, prepare=True)
        return positions

    def announce(self, cursor: Cursor[Any]) -> None:
        """Wake whoever waits for events; only after the commit."""
        cursor.execute(_SQL["announce"])

    def _lock_table(self, curs: Cursor[DictRow]) -> None:
        self.lock(curs)

    def _notify_channel(self, curs: Cursor[DictRow]) -> None:
        """Nothing inside a transaction (see `announce`)."""
