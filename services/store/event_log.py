"""The ledger is one sequence of events: read in order of position, written by one at a time, followed without a gap."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from domain.events import Event, Recorded
from domain.identities import Sealed
from services.store.beside import KeyRow, replacement_key
from services.store.codec import decode_row, recorded_first
from services.store.connections import Connections, Use
from services.store.identities import identity_of
from services.store.migrate import refuse_unmigrated
from services.store.one_server import OneServer
from services.store.queries import Statements
from services.store.recorder import LedgerRecorder, datastore_on
from services.store.wakeups import Wakeups
from services.store.writing import Ask, Writing

__all__ = ["Ask", "EventLog", "KeyRow", "Writing", "replacement_key"]

_SQL = Statements("event_log.sql")
_BESIDE = Statements("beside.sql")
_NOTHING_ASKED = Ask()


class EventLog:
    """The stored events of one ledger.

    Every call raises StoreUnavailable while the database is away, after some seconds of trying, and goes on by itself
    when it is back. Reading raises CorruptLedger at an event that cannot be read; it is never skipped.
    """

    def __init__(self, conninfo: str, *, most: int = 10, reading: OneServer | None = None) -> None:
        """Connect with at most `most` connections; with `reading` to append nothing, as `Connections` says.

        Raises StoreUnavailable, or NotMigrated if the database lacks tables, or MigrationRefused if it has newer ones.
        """
        self._connections = Connections(conninfo, most=most, reading=reading)
        try:
            with self._connections.connection() as connection:
                refuse_unmigrated(connection)
            self._recorder = LedgerRecorder(datastore_on(self._connections))
        except BaseException:
            self._connections.close()
            raise
        self._wakeups = Wakeups(self._connections, self.head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everybody who waits, and of the database."""
        self.let_go()
        self._connections.close()

    def let_go(self) -> None:
        """Let everybody go who waits, and nobody wait from now on: what follows the log can end at once."""
        self._wakeups.close()

    def use(self) -> Use:
        """Return how many of its connections are in use."""
        return self._connections.use()

    def head(self) -> int:
        """Return the last position, 0 in an empty ledger."""
        return int(self._connections.fetch(_SQL["head"])[0][0])

    def read(self, after: int, limit: int, *, names: Collection[str] = (), upto: int | None = None) -> list[Recorded]:
        """Return at most `limit` events behind `after` up to and with `upto`, in order; of these stored names only."""
        given = {"after": after, "upto": 2**62 if upto is None else upto, "limit": limit, "names": list(names)}
        statement = "read_beside_claims" if "claim-recorded.v1" not in names else "read_named"
        rows = self._connections.fetch(_SQL[statement if names else "read"], given)
        return [decode_row(position, name, state) for position, name, state in rows]

    def next_positions_end(self, after: int, many: int) -> int:
        """Return the last of the next so many positions that hold an event, `after` if there are none."""
        return int(self._connections.fetch(_SQL["next_positions_end"], {"after": after, "many": many})[0][0])

    def stored(self, after: int, limit: int, upto: int | None = None) -> list[tuple[int, str, bytes]]:
        """Return position, stored name and stored bytes of the next events, whether they can be read or not."""
        given = {"after": after, "upto": 2**62 if upto is None else upto, "limit": limit}
        return [(int(row[0]), str(row[1]), bytes(row[2])) for row in self._connections.fetch(_SQL["read"], given)]

    def stored_at(self, positions: Sequence[int]) -> list[tuple[int, str, bytes]]:
        """Return the same of the events at these positions, in order."""
        rows = self._connections.fetch(_SQL["at"], {"positions": list(positions)}) if positions else []
        return [(int(row[0]), str(row[1]), bytes(row[2])) for row in rows]

    def recorded_at(self, positions: Sequence[int]) -> dict[int, datetime]:
        """Return when the events at these positions were recorded."""
        rows = self._connections.fetch(_SQL["recorded_at"], {"positions": list(positions)}) if positions else []
        return {int(position): recorded_first(int(position), bytes(opening)) for position, opening in rows}

    def stream(self, name: str) -> list[Recorded]:
        """Return the events of one stream in order; none if there is no such stream."""
        return self.streams([name])[name]

    def streams(self, names: Collection[str]) -> dict[str, list[Recorded]]:
        """Return the events of each of the streams, in order."""
        found: dict[str, list[Recorded]] = {name: [] for name in names}
        rows = self._connections.fetch(_SQL["streams"], {"streams": list(names)}) if names else []
        for stream, _, position, name, state in rows:
            found[stream].append(decode_row(position, name, state))
        return found

    def at(self, position: int) -> Recorded | None:
        """Return the event at a position."""
        rows = self._connections.fetch(_SQL["at"], {"positions": [position]})
        return decode_row(*rows[0]) if rows else None

    def position_at(self, moment: datetime) -> int:
        """Return the last position that was recorded at or before the moment; 0 if none was."""
        return int(self._connections.fetch(_SQL["position_at"], {"moment": moment})[0][0])

    def texts(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the body of each text; None for one that was erased or never held."""
        rows = self._connections.fetch(_BESIDE["texts"], {"hashes": list(hashes)}) if hashes else []
        return {**dict.fromkeys(hashes), **dict(rows)}

    def identity(self, commitment: str) -> Sealed | None:
        """Return who is meant by a commitment; None for one that was erased or never held."""
        return identity_of(self._connections.fetch, commitment)

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for; keys never used are left out."""
        rows = self._connections.fetch(_BESIDE["keys"], {"keys": list(keys)}) if keys else []
        return {row[0]: KeyRow(*row) for row in rows}

    @contextmanager
    def writing(self, ask: Ask = _NOTHING_ASKED) -> Generator[Writing, None, None]:
        """Hold the order lock; what was appended becomes visible at the end, all of it, or after an error nothing.

        Raises StoreUnavailable if the database was lost; unless that says `outcome_unknown`, nothing was recorded.
        """
        writing = self._connections.patiently(lambda: Writing(self._connections, self._recorder, ask))
        try:
            yield writing
        except BaseException:
            writing.abandon()
            raise
        writing.commit()

    def append(self, events: Sequence[Event]) -> list[Recorded]:
        """Append events that are decided already, in one transaction."""
        with self.writing() as writing:
            return writing.append(events)

    def wait(self, after: int, timeout: float) -> bool:
        """Return True once the head is behind `after`, or False when `timeout` seconds have passed."""
        return self._wakeups.wait(after, timeout)
