"""How fast a file of claims becomes recorded events, against the bytes alone and against the library's own way in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import psycopg
from eventsourcing.persistence import StoredEvent

from bench import stock
from bench.ledgers import Sent, ledger
from bench.loading import CHUNK, load, ready_made
from bench.measuring import Bench, Row, compared, stopwatch
from domain.events import Event, stream_of
from services.bootstrap import clock, open_newsroom
from services.imports import import_lines
from services.store.codec import encode
from services.store.embedded import Addresses
from services.store.event_log import EventLog

_LIKE_OURS = "CREATE TABLE plain (LIKE ledger.ledger_events INCLUDING INDEXES INCLUDING STORAGE)"
_KEYS_LIKE_OURS = (
    "CREATE TABLE plain_keys (LIKE ledger.ledger_keys INCLUDING INDEXES INCLUDING STORAGE INCLUDING IDENTITY)"
)
_COPY = "COPY plain (originator_id, originator_version, topic, state, notification_id) FROM STDIN (FORMAT BINARY)"
_COPY_KEYS = "COPY plain_keys (key, fingerprint, stream, first, position) FROM STDIN (FORMAT BINARY)"


class Recording:
    """The same claims in every form; what they need of the registry is recorded before the clock starts."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        sent = list(ledger(bench.size))
        first = next(number for number, one in enumerate(sent) if one.type == "claim")
        self.registry: list[Sent] = sent[:first]
        self.lines = [one.line() for one in sent[first:]]
        ready = list(ready_made(sent[first:]))
        self._events: list[Event] = [one.event for one in ready]
        self._stored = _stored(self._events)
        self._keys = [(*key, first, first) for first, one in enumerate(ready, 1) for key in one.keys]

    def fill(self, log: EventLog) -> None:
        """Record all of it, ready-made."""
        load(log, ready_made(self.registry))
        log.append(self._events)

    def imports(self) -> float:
        """Import the lines, as `onrecord import` does but for the reading of the file; return events a second."""
        with self._bench.database() as addresses:
            self._prepare(addresses)
            with open_newsroom(addresses, following=False) as room, stopwatch() as seconds:
                report = list(import_lines(room.ledger, self.lines))
            assert report[-1]["accepted"] == len(self.lines), report[-1]
        return len(self.lines) / seconds()

    def appends(self) -> float:
        """Append the events in chunks; return events a second."""
        with self._bench.database() as addresses:
            self._prepare(addresses)
            waiting = iter(self._events)
            with EventLog(addresses.service) as log, stopwatch() as seconds:
                while chunk := list(islice(waiting, CHUNK)):
                    log.append(chunk)
        return len(self._events) / seconds()

    def copies(self) -> float:
        """COPY the rows into a table with the indexes of ours; return rows a second."""
        with self._bench.database() as addresses, psycopg.connect(addresses.owner) as connection:
            connection.execute(_LIKE_OURS)
            connection.commit()
            with stopwatch() as seconds:
                self._copy_events(connection)
                connection.commit()
        return len(self._stored) / seconds()

    def copies_all(self) -> float:
        """COPY the rows of events and of keys; return events a second."""
        with self._bench.database() as addresses, psycopg.connect(addresses.owner) as connection:
            connection.execute(_LIKE_OURS)
            connection.execute(_KEYS_LIKE_OURS)
            connection.commit()
            with stopwatch() as seconds:
                self._copy_events(connection)
                with connection.cursor().copy(_COPY_KEYS) as copy:
                    copy.set_types(["text", "bytea", "text", "int8", "int8"])
                    for row in self._keys:
                        copy.write_row(row)
                connection.commit()
        return len(self._stored) / seconds()

    def inserts(self) -> float:
        """Insert the events by the library's recorder, a thousand at a time; return events a second."""
        with (
            self._bench.database() as addresses,
            stock.open_recorder(addresses.owner) as recorder,
            stopwatch() as seconds,
        ):
            stock.insert_in_batches(recorder, self._stored)
        return len(self._stored) / seconds()

    def _prepare(self, addresses: Addresses) -> None:
        with EventLog(addresses.service) as log:
            load(log, ready_made(self.registry))

    def _copy_events(self, connection: psycopg.Connection) -> None:
        with connection.cursor().copy(_COPY) as copy:
            copy.set_types(["text", "int8", "text", "bytea", "int8"])
            for position, one in enumerate(self._stored, 1):
                copy.write_row((one.originator_id, one.originator_version, one.topic, one.state, position))


def _stored(events: list[Event]) -> list[StoredEvent]:
    now = clock()
    revisions: dict[str, int] = {}
    stored: list[StoredEvent] = []
    for event in events:
        stream = stream_of(event)
        revisions[stream] = revisions.get(stream, 0) + 1
        stored.append(encode(event, now, stream, revisions[stream]))
    return stored


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the rows of bulk recording."""
    recording = Recording(bench)
    found = bench.take_turns(
        {
            "import": recording.imports,
            "append": recording.appends,
            "copy": recording.copies,
            "copy with keys": recording.copies_all,
            "stock": recording.inserts,
        }
    )
    size, lines = len(recording.lines), "bulk import, NDJSON in to committed events"
    note = f"{size:,} events"
    yield Row("import", lines, "plain binary COPY of the same rows", **compared(found, "import", "copy"),
              bar=0.25, aim=0.35, at_most=False, unit="events/s", note=note)  # fmt: skip
    yield Row("import", lines, "the same with the rows of the keys", **compared(found, "import", "copy with keys"),
              bar=None, aim=None, at_most=False, unit="events/s", note=note)  # fmt: skip
    yield Row("import", lines, "stock insert_events in batches of 1,000", **compared(found, "import", "stock"),
              bar=2, aim=4, at_most=False, unit="events/s", note=note)  # fmt: skip
    yield Row("append", "append of ready-made events in chunks", "plain binary COPY of the same rows",
              **compared(found, "append", "copy"), bar=0.6, aim=0.95, at_most=False, unit="events/s",
              note=note)  # fmt: skip
