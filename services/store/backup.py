"""A backup sees one moment of the ledger, whatever is recorded meanwhile; it is put back in one transaction or not."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

import psycopg
from psycopg.rows import TupleRow, tuple_row

from services.store.connections import Params, service_conninfo, to_whoever_writes, translated
from services.store.identities import copy_identities, stored_identity
from services.store.queries import Statements

_SQL = Statements("backup.sql")
_ORDER = Statements("recorder.sql")
_PAGE = 5_000
_TEXTS_AT_ONCE = 500
_MOST = 8_000_000
"""Characters of rows that are put back in one statement: a document alone may have millions."""
_TRIES = 20
_PAUSE = 0.05
"""Between two tries to read the clock in order, in seconds."""

TABLES = (
    "texts",
    "identities",
    "ledger_keys",
    "checkpoints",
    "alerts",
    "alerting",
    "alerts_due",
    "alert_rules",
    "webhooks",
    "deliveries",
    "access_keys",
    "followed",
    "passed_over",
)
"""What is put back beside the events, in this order: later ones look at earlier ones."""

STATE = frozenset(TABLES[TABLES.index("alerting") :])
"""Those whose rows are changed in place."""
NEWEST = "access_keys"
"""What is put back as the newest run knew it, whatever the moment: who was shut out stays out."""


class StoredEvent(NamedTuple):
    """A row of the log."""

    position: int
    stream: str
    revision: int
    name: str
    state: bytes


class Row(NamedTuple):
    """A row beside the log, in JSON as the database writes it; `number` is its place in its table's own order."""

    table: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What a backup sees: the head, the clock of the database, and the migrations, each with its checksum.

    Whatever was recorded until `taken` is there; None if that cannot be known, as on a standby.
    """

    head: int
    taken: datetime | None
    migrations: list[str]


class _Session:
    """A connection of its own, from `with` to its end; every call may raise StoreUnavailable."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def __enter__(self) -> Self:
        with translated():
            self._connection: psycopg.Connection[TupleRow] = psycopg.connect(
                to_whoever_writes(self._conninfo), autocommit=True, row_factory=tuple_row
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


class Snapshot(_Session):
    """The ledger at one moment, for whoever only reads."""

    def __init__(self, service: str) -> None:
        """Read as the service's role. A transaction that only reads may take its time."""
        super().__init__(service_conninfo(service, idle_in_transaction_session_timeout="1h"))

    def __enter__(self) -> Self:
        super().__enter__()
        taken = self._clock()
        with translated():
            self._connection.execute(_SQL["see_one_moment"])
        head, migrations = self._ask("moment")[0]
        self.moment = Moment(int(head), taken, list(migrations))
        return self

    def _clock(self) -> datetime | None:
        """Return an instant that no event behind this moment will have. Waits for no writer for long."""
        for _ in range(_TRIES):
            for (now,) in self._ask("clock_in_order"):
                return now.astimezone(UTC)
            time.sleep(_PAUSE)
        return None

    def events(self, after: int, upto: int) -> Iterator[StoredEvent]:
        """Yield the events behind a position up to and with another one."""
        while rows := self._ask("events", {"after": after, "upto": upto, "limit": _PAGE}):
            for position, stream, revision, name, state in rows:
                yield StoredEvent(position, stream, revision, name, bytes(state))
            after = int(rows[-1][0])

    def texts(self, hashes: Sequence[str]) -> Iterator[Row]:
        """Yield the texts of these hashes, as far as there are any."""
        for start in range(0, len(hashes), _TEXTS_AT_ONCE):
            given = {"hashes": hashes[start : start + _TEXTS_AT_ONCE]}
            with translated(), self._connection.cursor(binary=True) as cursor:
                # One by one: five hundred documents at once may be gigabytes.
                for (text,) in cursor.stream(_SQL["texts"], given):
                    yield Row("texts", 0, str(text))

    def identities(self, commitments: Sequence[str]) -> Iterator[Row]:
        """Yield who is meant by these commitments, as far as that is held."""
        for start in range(0, len(commitments), _PAGE):
            few = commitments[start : start + _PAGE]
            yield from (Row("identities", 0, str(text)) for (text,) in self._ask("identities", {"commitments": few}))

    def last_key(self, after: int, upto: int) -> int:
        """Return the number of the last key that was committed no later than the event at `upto`."""
        return int(self._ask("last_key", {"after": after, "upto": upto})[0][0])

    def keys(self, after: int, upto: int) -> Iterator[Row]:
        """Yield keys by their numbers."""
        while rows := self._ask("keys", {"after": after, "upto": upto, "limit": _PAGE}):
            yield from (Row("ledger_keys", int(number), str(text)) for number, text in rows)
            after = int(rows[-1][0])

    def checkpoints(self, after: int, upto: int) -> Iterator[Row]:
        """Yield the checkpoints from a size on, up to another."""
        for size, text in self._ask("checkpoints", {"after": after, "upto": upto}):
            yield Row("checkpoints", int(size), str(text))

    def alerts(self, after: int) -> Iterator[Row]:
        """Yield the alerts behind a number."""
        while rows := self._ask("alerts", {"after": after, "limit": _PAGE}):
            yield from (Row("alerts", int(number), str(text)) for number, text in rows)
            after = int(rows[-1][0])

    def state(self) -> list[Row]:
        """Return what is changed in place: how far alerting is, rules, webhooks and what is to be delivered."""
        return [Row(str(table), 0, str(text)) for table, text in self._ask("state")]

    def _ask(self, statement: str, params: Params | None = None) -> list[TupleRow]:
        with translated(), self._connection.cursor(binary=True) as cursor:
            return cursor.execute(_SQL[statement], params).fetchall()


class Restoring(_Session):
    """One transaction that puts a ledger back, as its owner: ended by `commit`, or nothing of it is kept."""

    def __enter__(self) -> Self:
        super().__enter__()
        with translated():
            self._connection.execute(_ORDER["begin"])
            self._connection.execute(_ORDER["take_order"])
        return self

    def is_owner(self) -> bool:
        """Tell whether this is the role that the ledger belongs to, or one with its rights."""
        return bool(self._first("is_owner")[0])

    def is_empty(self) -> bool:
        """Tell whether nothing was ever recorded here."""
        return bool(self._first("is_empty")[0])

    def migrations(self) -> list[str]:
        """Return the migrations that the database has, each with its checksum."""
        return list(self._first("moment")[1])

    def _first(self, statement: str) -> TupleRow:
        with translated():
            return self._connection.execute(_SQL[statement]).fetchall()[0]

    def put_events(self, events: Iterator[StoredEvent]) -> None:
        """Put events back, byte for byte and each at its position."""
        with translated(), self._connection.cursor().copy(_ORDER["copy_events"]) as copy:
            copy.set_types(["text", "int8", "text", "bytea", "int8"])
            for one in events:
                copy.write_row((one.stream, one.revision, one.name, one.state, one.position))

    def put(self, table: str, rows: Iterable[str], upto: int, *, is_whole: bool) -> None:
        """Put rows of a table back, as far as they belong to the events up to a position.

        `is_whole` says that the ledger was at this very position when the rows were read.
        """
        if table == "identities":
            with translated():
                copy_identities(self._connection, map(stored_identity, rows))
            return
        statement = _SQL["restore_alerting_row" if table == "alerting" else f"restore_{_SHORT.get(table, table)}"]
        with translated():
            if table == "alerting":
                self._connection.execute(_SQL["restore_alerting"])
            for few in _batches(rows):
                given = {"rows": f"[{','.join(few)}]", "upto": upto, "is_whole": is_whole}
                self._connection.execute(statement, given)

    def commit(self) -> None:
        """Keep all of it, and tell whoever follows the log."""
        with translated():
            self._connection.execute(_SQL["go_on_counting"])
            self._connection.execute(_ORDER["commit"])
        with suppress(psycopg.Error):
            self._connection.execute(_ORDER["announce"])


_SHORT = {"ledger_keys": "keys"}


def _batches(rows: Iterable[str]) -> Iterator[list[str]]:
    few: list[str] = []
    size = 0
    for row in rows:
        if few and (len(few) == _PAGE or size + len(row) > _MOST):
            yield few
            few, size = [], 0
        few.append(row)
        size += len(row)
    if few:
        yield few
