"""A desk that follows another began as its copy, byte for byte, and knows how far it has come; there it only reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import LiteralString, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, TupleRow, tuple_row

from domain.events import Recorded
from services.store.codec import decode_row
from services.store.connections import Connections, Row, service_conninfo, to_whoever_writes, translated
from services.store.queries import Statements

_SQL = Statements("following.sql")
_BACKUP = Statements("backup.sql")
_ORDER = Statements("recorder.sql")
_PAGE = 5_000
_COPIED = ("events", "keys", "texts", "tiles")
"""What a copy takes along; not who may come in, who is told what, and what was signed: that is each desk's own."""


class CannotFollow(Exception):
    """One desk cannot begin to follow another; the text says why, and nothing was done."""


class Place(NamedTuple):
    """How far a desk has followed another: positions are the other's, and up to `copied` its own as well.

    `refused` is the position that could not be taken in, with what was said and since when; None while all is well.
    """

    desk: str
    copied: int
    position: int
    refused: int | None
    said: str | None
    since: datetime | None


class Passed(NamedTuple):
    """What somebody decided not to wait for."""

    position: int
    said: str
    by: str
    passed: datetime


def only_reading(conninfo: str) -> str:
    """Return the connection string for a session that the server lets write nothing."""
    given = {name: str(value) for name, value in conninfo_to_dict(to_whoever_writes(conninfo)).items()}
    options = f"{given.pop('options', '')} -c default_transaction_read_only=on".strip()
    if given.get("target_session_attrs") == "read-write":
        # Of several servers the one that takes writes, without being asked whether it takes ours.
        given["target_session_attrs"] = "primary"
    return make_conninfo(**{**given, "options": options})


def key_of(desk: str, position: int) -> str:
    """Return the key under which an event of another desk is taken in; keys have the order of positions."""
    return f"desk:{desk}:{position:018}"


def by_of(desk: str) -> str:
    """Return by whom that is recorded which was taken in from a desk."""
    return f"desk:{desk}"


class FollowedStore:
    """What a desk knows of its following, for whoever asks. Every call may raise StoreUnavailable."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def place(self) -> Place | None:
        """Return how far it has come; None for a desk that follows no other."""
        return _place(self._connections.fetch(_SQL["place"]))

    def passed_behind(self, after: int) -> frozenset[int]:
        """Return the positions behind `after` that are not waited for."""
        return frozenset(int(row[0]) for row in self._connections.fetch(_SQL["passed_behind"], {"after": after}))

    def passed_over(self) -> list[Passed]:
        """Return all that was not waited for."""
        rows = self._connections.fetch(_SQL["passed_over"])
        return [Passed(int(row[0]), str(row[1]), str(row[2]), row[3].astimezone(UTC)) for row in rows]

    def pass_over(self, position: int, by: str) -> bool:
        """Do not wait for a position any more; False if following does not wait for it now."""
        with self._connections.connection() as connection:
            found = connection.execute(_SQL["pass_over"], {"position": position, "by": by}).fetchone()
        return found is not None

    def fingerprint(self, desk: str, position: int) -> bytes | None:
        """Return that of the event that was taken in; None if none was."""
        rows = self._connections.fetch(_SQL["fingerprint"], {"key": key_of(desk, position)})
        return bytes(rows[0][0]) if rows else None

    def stored_at(self, position: int) -> tuple[int, str, bytes] | None:
        """Return position, stored name and stored bytes of an event of this desk."""
        rows = self._connections.fetch(_SQL["stored_at"], {"position": position})
        return (int(rows[0][0]), str(rows[0][1]), bytes(rows[0][2])) if rows else None

    def position_of(self, place: Place, position: int) -> int:
        """Return where this desk stood when it had all of the other up to a position of that."""
        if position <= place.copied:
            return position
        given = {"first": key_of(place.desk, 0), "last": key_of(place.desk, position)}
        return max(place.copied, int(self._connections.fetch(_SQL["position_of"], given)[0][0]))

    def own_events(self, place: Place) -> Iterator[Recorded]:
        """Yield what was recorded at this desk itself since it began to follow; raises CorruptLedger."""
        by, after = by_of(place.desk), place.copied
        given = {"by": f'"by":{json.dumps(by)},'.encode(), "limit": _PAGE}
        while rows := self._connections.fetch(_SQL["own_events"], {**given, "after": after}):
            yield from (one for row in rows if (one := decode_row(*row)).by != by)
            after = int(rows[-1][0])

    def open_writer(self) -> FollowedWriter:
        """Return a connection of one's own for whoever follows; the caller closes it."""
        return FollowedWriter(self._connections.connect())


class FollowedWriter:
    """Whoever follows: holds the lock for as long as it is open. Every call may raise StoreUnavailable."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection

    def hold(self) -> bool:
        """Take the lock until the end of the connection; False if somebody else has it."""
        return bool(self._rows("hold")[0][0])

    def place(self) -> Place | None:
        """Return how far the desk has come; None if it follows no other."""
        return _place(self._rows("place"))

    def move(self, position: int) -> None:
        """Have come to a position, with nothing refused."""
        with translated():
            self._connection.execute(_SQL["move"], {"position": position})

    def refuse(self, position: int, said: str) -> None:
        """Wait at a position, and why."""
        with translated():
            self._connection.execute(_SQL["refuse"], {"refused": position, "said": said})

    def close(self) -> None:
        """Let go of the connection, and of the lock with it."""
        self._connection.close()

    def _rows(self, statement: str) -> list[Row]:
        with translated(), self._connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(_SQL[statement]).fetchall()


def begin_as_copy(followed: str, owner: str, desk: str, report: Callable[[str], None] | None = None) -> int:
    """Make an empty ledger the copy of another one as it is at this moment; return the position of both.

    `followed` is how the other's service connects; `owner` how the owner of the empty one does; `desk` is what the
    other is called. All of it is done in one transaction. Raises CannotFollow, with nothing changed, if something was
    recorded there, the role does not own it, or the other is of a newer version; StoreUnavailable.
    """
    session = service_conninfo(only_reading(followed), idle_in_transaction_session_timeout="1h")
    with translated(), _connected(session) as there, _connected(to_whoever_writes(owner)) as here:
        there.execute(_BACKUP["see_one_moment"])
        head, migrations = _one(there, _SQL["stands"])
        here.execute(_ORDER["begin"])
        here.execute(_ORDER["take_order"])
        _refuse_unless_empty(here, frozenset(migrations))
        for table in _COPIED:
            if report is not None:
                report(table)
            _pour(there, here, table)
        here.execute(_SQL["begin_to_follow"], {"desk": desk, "position": head})
        here.execute(_SQL["alert_from_here_on"], {"position": head})
        here.execute(_BACKUP["go_on_counting"])
        here.execute(_ORDER["commit"])
        here.execute(_ORDER["announce"])
    return int(head)


def _refuse_unless_empty(here: psycopg.Connection[TupleRow], migrations: frozenset[str]) -> None:
    if not _one(here, _BACKUP["is_owner"])[0]:
        raise CannotFollow("only the owner of a ledger can make it follow another: name it in ONRECORD_OWNER_URL")
    if not _one(here, _BACKUP["is_empty"])[0]:
        raise CannotFollow("something was recorded at this desk already: only a new desk can follow another")
    if migrations - frozenset(_one(here, _SQL["stands"])[1]):
        raise CannotFollow("a newer version of OnRecord migrated the desk that is to be followed: use that one")


def _pour(there: psycopg.Connection[TupleRow], here: psycopg.Connection[TupleRow], table: str) -> None:
    with (
        there.cursor().copy(_SQL[f"copy_{table}_out"]) as out,
        here.cursor().copy(_SQL[f"copy_{table}_in"]) as into,
    ):
        for block in out:
            into.write(block)


def _connected(conninfo: str) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(conninfo, autocommit=True, row_factory=tuple_row)


def _one(connection: psycopg.Connection[TupleRow], statement: LiteralString) -> TupleRow:
    return connection.execute(statement).fetchall()[0]


def _place(rows: list[Row]) -> Place | None:
    if not rows:
        return None
    desk, copied, position, refused, said, since = rows[0]
    return Place(desk, int(copied), int(position), refused, said, since.astimezone(UTC) if since else None)
