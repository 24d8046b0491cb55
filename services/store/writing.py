"""While one writes, nobody else does: what it sees is the head of the ledger, and its events come next, all or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import LiteralString

import psycopg
from psycopg.rows import tuple_row

from domain.events import ClaimCorrected, ClaimRecorded, Event, Recorded, TextErased, stream_of, texts_of
from domain.identities import Sealed
from services.errors import StoreUnavailable
from services.store.appended import Appended, Ask, StoredClaim, begins, rows_of
from services.store.beside import Bodies, KeyRow, erase_texts, insert_keys, insert_texts, replacement_key
from services.store.codec import claim_state, decode_row, recorded_in
from services.store.connections import Connections, Params, Row, translated
from services.store.dialled import Dialled
from services.store.identities import Beside
from services.store.queries import Statements
from services.store.recorder import COPY_FROM, LedgerRecorder, StoredRow
from services.store.settling import doubts, was_committed

_SQL = Statements("event_log.sql")
_ORDER = Statements("recorder.sql")
_BESIDE = Statements("beside.sql")


class Writing:
    """One transaction under the order lock; made by `EventLog.writing`, and of no use after it."""

    def __init__(self, connections: Connections, recorder: LedgerRecorder, ask: Ask) -> None:
        """Take the order lock; raises StoreUnavailable if the database cannot be reached or the lock not be had."""
        self._connections = connections
        self._recorder = recorder
        self._streams: dict[str, list[Recorded]] = {}
        self._revisions: dict[str, int] = {}
        self._fresh: set[str] = set()
        self._keys: dict[str, KeyRow | None] = {}
        self._appended: list[Appended] = []
        self._unread: dict[str, StoredClaim] = {}
        self._named: list[KeyRow] = []
        self._erased: list[tuple[str, int]] = []
        self._witness: tuple[int, StoredRow] | None = None
        with translated():
            self._connection: Dialled = connections.pool.getconn()
            self._ask = partial(_ask, self._connection)
            # Not a method: known to what it holds itself, a writing would stay in memory, with all its events.
            self._fetch = partial(_fetch, self._connection)
            self._bodies = Bodies(self._fetch)
            self.identities = Beside(self._fetch)
            try:
                self._begin(ask)
            except BaseException:
                self.abandon()
                raise

    def _begin(self, ask: Ask) -> None:
        with self._connection.pipeline():
            self._connection.execute(_ORDER["begin"])
            self._recorder.lock(self._connection.cursor())
            clock = self._ask(_SQL["head_and_clock"])
            answers = self._send(ask)
            now, head, state, read_only = clock.fetchall()[0]
        if read_only:
            raise StoreUnavailable("the server takes no writes", read_only=True)
        self.head: int = head or 0
        """The last position: of the ledger, and then of what was appended here."""
        self.recorded: datetime = now.astimezone(UTC)
        """The instant that everything appended here is recorded at; never before that of the last event."""
        if state is not None:
            self.recorded = max(self.recorded, recorded_in(state))
        self._take(ask, answers)

    def prefetch(self, ask: Ask) -> None:
        """Look at all this in one round trip, what was looked at before included."""
        self.flush()
        with translated():
            with self._connection.pipeline():
                answers = self._send(ask)
            self._take(ask, answers)

    def _send(self, ask: Ask) -> list[psycopg.Cursor[Row] | None]:
        return [
            self._ask(_SQL["streams"], {"streams": list(ask.streams)}) if ask.streams else None,
            self._ask(_BESIDE["keys"], {"keys": list(ask.keys)}) if ask.keys else None,
            self._ask(_BESIDE["texts"], {"hashes": list(ask.texts)}) if ask.texts else None,
        ]

    def _take(self, ask: Ask, answers: list[psycopg.Cursor[Row] | None]) -> None:
        streams, keys, texts = (answer.fetchall() if answer else [] for answer in answers)
        self._fresh.update(ask.fresh)
        self._take_streams(ask.streams | ask.fresh, streams)
        self._take_keys(ask.keys, keys)
        self._bodies.take(ask.texts, texts)

    def streams(self, names: Collection[str]) -> dict[str, list[Recorded]]:
        """Return the events of each stream in order, with those appended here; an empty list where there is none."""
        missing = {name for name in names if name not in self._streams}
        if missing:
            self._take_streams(missing, self._fetch(_SQL["streams"], {"streams": list(missing)}))
            for name, one in self._appended:
                if name in missing and isinstance(one, Recorded):
                    self._streams[name].append(one)
        for name in self._unread.keys() & names:
            self._streams[name].insert(0, self._unread.pop(name).read())
        return {name: self._streams[name] for name in names}

    def stream(self, name: str) -> list[Recorded]:
        """Return the events of one stream; see `streams`."""
        return (
            self._streams[name] if name in self._streams and name not in self._unread else self.streams((name,))[name]
        )

    def is_alone(self, name: str) -> bool:
        """Tell whether the stream is a claim that was appended here, related to none, and nothing has come since."""
        stored = self._unread.get(name)
        return stored is not None and not stored.is_related and not self._streams[name]

    def is_fresh(self, stream: str) -> bool:
        """Tell whether the stream was said to be named by an id made just now."""
        return stream in self._fresh

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for, those given here included; keys never used are left out."""
        known = self._keys
        missing = [key for key in keys if key not in known]
        if missing:
            self._take_keys(missing, self._fetch(_BESIDE["keys"], {"keys": missing}))
        return {key: row for key in keys if (row := known[key]) is not None}

    def are_free(self, keys: Iterable[str]) -> bool:
        """Tell whether none of the keys stands for anything."""
        known = self._keys
        return not any([known[key] if key in known else self.keys((key,)) for key in keys])

    def texts(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the body of each text, None for one that was erased; texts never held are left out."""
        return self._bodies.find(hashes)

    def identity(self, commitment: str) -> Sealed | None:
        """Return who is meant by a commitment, those kept here included."""
        return self.identities.find(commitment)

    def at(self, positions: Collection[int]) -> list[Recorded]:
        """Return the events at these positions, those appended here included."""
        self.flush()
        return [decode_row(*row) for row in self._fetch(_SQL["at"], {"positions": list(positions)})]

    def read(self, after: int, names: Sequence[str]) -> list[Recorded]:
        """Return all events of these stored names behind `after`; `names` is without claim-recorded.v1."""
        given = {"after": after, "upto": self.head, "names": list(names), "limit": None}
        return [decode_row(*row) for row in self._fetch(_SQL["read_beside_claims"], given)]

    def append(self, events: Iterable[Event], by: str | None = None) -> list[Recorded]:
        """Put events behind the head, each in its stream, with their texts; stored for good when the writing ends."""
        added: list[Recorded] = []
        for event in events:
            self.head += 1
            stream, recorded = stream_of(event), Recorded(self.head, self.recorded, event, by)
            self._appended.append((stream, recorded))
            if stream in self._streams:
                self._streams[stream].append(recorded)
            self._keep_beside(stream, recorded)
            added.append(recorded)
        return added

    def append_claim(
        self, stream: str, claim: bytes, text: tuple[str, str] | None, by: str | None = None, *, is_related: bool
    ) -> int:
        """Put a claim's JSON, which is that of a stored event, behind the head with its words; return its position.

        Its stream was looked at in this transaction and is empty. The event is made only if somebody asks for it.
        """
        self.head = position = self.head + 1
        stored = StoredClaim(position, claim_state(claim, self.recorded, by), is_related)
        self._appended.append((stream, stored))
        self._unread[stream] = stored
        if text is not None:
            self._bodies.keep(*text)
        return position

    def name(self, rows: Iterable[KeyRow]) -> None:
        """Let keys stand for positions from now on; a key that is taken makes the whole writing fail."""
        for row in rows:
            self._named.append(row)
            self._keys[row.key] = row

    def _keep_beside(self, stream: str, recorded: Recorded) -> None:
        event, position = recorded.event, recorded.position
        if isinstance(event, ClaimRecorded) and event.claim.statement is None and event.claim.quote is None:
            return
        for sha256, body in ((text.sha256, text.body) for text in texts_of(event) if text.body is not None):
            self._bodies.keep(sha256, body)
        if isinstance(event, TextErased):
            self._erased.append((event.sha256, position))
            self._bodies.erase(event.sha256)
        if isinstance(event, ClaimCorrected):
            self.name([KeyRow(replacement_key(event.replacement.id), b"", stream, position, position)])

    def flush(self) -> None:
        """Write down what was appended so far, still within the transaction."""
        if self._appended or self._named or self._bodies.waiting or self._erased or self.identities:
            with translated():
                self._write()

    def forget(self) -> None:
        """Write down what was appended and let go of all that was read, so that a long writing stays small."""
        self.flush()
        for kept in (self._streams, self._unread, self._revisions, self._keys):
            kept.clear()
        self._bodies.forget()

    def commit(self) -> None:
        """Make it last. After a lost connection the ledger itself is asked whether it did, before anybody is told.

        Raises StoreUnavailable if nothing was recorded; its `outcome_unknown` says if even that is not known.
        """
        sent = False
        try:
            if len(self._appended) >= COPY_FROM or len(self._named) >= COPY_FROM or self.identities:
                # COPY cannot be part of a pipeline.
                self.flush()
            with translated(), doubts(self._connection), self._connection.pipeline():
                self._write()
                if not self._witness:
                    self._connection.execute(_ORDER["confirm"])
                sent = True
                self._connection.execute(_ORDER["commit"])
                if self._witness:
                    # Behind the COMMIT it is a transaction of its own, in the same round trip.
                    self._recorder.announce(self._connection.cursor())
        except StoreUnavailable:
            self.abandon()
            if not (sent and self._witness and was_committed(self._connections, self._recorder, *self._witness)):
                raise
            return
        except BaseException:
            self.abandon()
            raise
        self._connections.pool.putconn(self._connection)

    def abandon(self) -> None:
        """Undo everything; closing the connection does so surely, whatever state it is in."""
        self._connection.close()
        self._connections.pool.putconn(self._connection)

    def _write(self) -> None:
        """Send what is waiting: events, then keys and texts, then erasures, which need their event and their text."""
        self._write_events()
        insert_keys(self._connection, self._named)
        insert_texts(self._connection, self._bodies.waiting)
        self.identities.write(self._connection)
        erase_texts(self._connection, self._erased)
        self._named, self._bodies.waiting, self._erased = [], {}, []

    def _write_events(self) -> None:
        if not self._appended:
            return
        # A claim is recorded once, as the first of its stream; if it is not, the table's own key refuses it.
        unknown = {stream for stream, appended in self._appended if not begins(appended)} - self._revisions.keys()
        if unknown:
            found = dict(self._ask(_SQL["revisions"], {"streams": list(unknown)}).fetchall())
            self._revisions.update({stream: found.get(stream, 0) for stream in unknown})
        cursor, before = self._connection.cursor(), self._appended[0][1].position - 1
        self._recorder.write(cursor, self._rows(), len(self._appended), before)
        self._appended = []

    def _rows(self) -> Iterator[StoredRow]:
        row = None
        for row in rows_of(self._appended, self._revisions):
            yield row
        if row is not None:
            self._witness = (self.head, row)

    def _take_streams(self, names: Iterable[str], rows: list[Row]) -> None:
        for name in names:
            self._streams[name] = []
            self._revisions[name] = 0
        for stream, revision, position, name, state in rows:
            self._streams[stream].append(decode_row(position, name, state))
            self._revisions[stream] = revision

    def _take_keys(self, keys: Iterable[str], rows: list[Row]) -> None:
        self._keys.update({**dict.fromkeys(keys), **{row[0]: KeyRow(*row) for row in rows}})


def _ask(connection: Dialled, statement: LiteralString, given: Params | None = None) -> psycopg.Cursor[Row]:
    return connection.cursor(binary=True, row_factory=tuple_row).execute(statement, given, prepare=True)


def _fetch(connection: Dialled, statement: LiteralString, given: Params) -> list[Row]:
    with translated():
        return _ask(connection, statement, given).fetchall()
