"""What a backup holds is put back up to a position or a moment: read whole before, and held against what was signed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

import msgspec
from pydantic_core import from_json

from domain.proof.verifier import grow, leaf_hash, root_of
from domain.times import show
from services.backups import BEGINNING, HASHES, Report
from services.pieces import BadBackup, End, Piece, Reading, pieces_in
from services.store.backup import NEWEST, STATE, TABLES, Restoring, StoredEvent
from services.store.codec import recorded_in
from services.tree import entry_at

_EVENT = b'["event",'
_NEWEST = f'["{NEWEST}",'.encode()
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    `recorded` is the instant of the last event. `left_erased` are texts that were erased after that moment: their words
    do not come back. `signed_beyond` is the size of the largest checkpoint of more events than these: whoever kept it
    will find that this ledger does not continue it. `keys` are those that were not revoked at the instant `keys_known`,
    which is that of the last run: who was shut out after it is let in again.
    """

    position: int
    recorded: str
    left_erased: int
    signed_beyond: int
    keys: list[str]
    keys_known: str


class _Text(msgspec.Struct):
    sha256: str
    body: str | None
    erased_at: int | None


class _Key(msgspec.Struct):
    name: str
    revoked: str | None


class _Committed(msgspec.Struct):
    commitment: str


class _Signed(msgspec.Struct):
    size: int
    root: str


@dataclass(slots=True)
class Known:
    """What is known of a backup once every piece of it was read."""

    pieces: list[Piece]
    ends: list[End] = field(default_factory=list[End])
    migrations: list[str] = field(default_factory=list[str])
    signed: dict[int, str] = field(default_factory=dict[int, str])
    erased: dict[str, int] = field(default_factory=dict[str, int])
    newest: list[str] = field(default_factory=list[str])
    """The rows of NEWEST, of the last run that was not broken off."""
    keys_known: str = ""
    """When that was."""


def restore(owner: str, known: Known, upto: int, report: Report | None = None) -> Restored:
    """Put back what a backup holds up to a position that it reaches.

    For a database that is migrated, that nothing was recorded in and that nobody serves. All is put back in one
    transaction. Raises BadBackup, with nothing changed, if a piece is not what was read, or the ledger is not empty;
    StoreUnavailable.
    """
    ends = [end.upto for end in known.ends]
    # Runs that found no new event end at the same position: the last of them knows best what is changed in place.
    number = bisect_right(ends, upto) - 1 if upto in ends else bisect_left(ends, upto)
    whole_runs = [place for place, end in enumerate(known.ends) if end.state]
    # That of the run which got there; of the run before, if that one was broken off.
    state = next((place for place in whole_runs if place >= number), max(whole_runs, default=0))
    last = max(number, state)
    with Restoring(owner) as restoring:
        if not restoring.is_owner():
            raise BadBackup("only the owner of the ledger can put something back: name it in ONRECORD_OWNER_URL")
        if not restoring.is_empty():
            raise BadBackup("something was recorded in this ledger already: restore into a new home or a new database")
        if set(known.migrations) - set(restoring.migrations()):
            raise BadBackup("the backup was made by a newer version of OnRecord than this one")
        put = _Put(restoring, known, upto)
        for place, piece in enumerate(known.pieces[: last + 1]):
            put.piece(piece, known.ends[place], with_state=place == state)
            if report is not None:
                report(min(ends[place], upto), upto)
        restoring.put(NEWEST, known.newest, upto, is_whole=False)
        restoring.commit()
    beyond = max((size for size in known.signed if size > upto), default=0)
    kept = (msgspec.json.decode(row, type=_Key) for row in known.newest)
    standing = sorted(key.name for key in kept if key.revoked is None)
    return Restored(upto, put.recorded, len(put.left_erased), beyond, standing, known.keys_known)


def read(folder: Path) -> Known:
    """Read every piece of a backup, and hold each against the one before.

    Raises BadBackup for a piece that is missing, truncated, damaged or of another backup, and if there is none.
    """
    known = Known(pieces_in(folder))
    if not known.pieces:
        raise BadBackup(f"there is no backup in {folder}")
    end = BEGINNING
    for piece in known.pieces:
        begin = piece.begin()
        if (begin.number, begin.after, begin.follows) != (piece.number, end.upto, end.sha256):
            raise BadBackup(f"{piece.path} does not continue the piece before it")
        reading, newest = Reading(piece), list[str]()
        for line in reading:
            if line.startswith(b'["checkpoints"'):
                _, signed = msgspec.json.decode(line, type=tuple[str, _Signed])
                known.signed[signed.size] = signed.root.removeprefix("\\x")
            elif line.startswith(b'["texts"') and not line.endswith(b'"erased_at":null}]'):
                _, text = msgspec.json.decode(line, type=tuple[str, _Text])
                known.erased[text.sha256] = text.erased_at or 0
            elif line.startswith(_NEWEST):
                newest.append(_row(line)[1])
        end = reading.end
        known.newest, known.keys_known = (newest, end.taken) if end.state else (known.newest, known.keys_known)
        known.ends.append(end)
        known.migrations = begin.migrations
    return known


def reached(known: Known, to: str | None = None) -> int:
    """Return the last position to put back for a position or RFC 3339 instant, else that of the whole backup.

    Raises BadBackup if it does not reach that far.
    """
    last = known.ends[-1]
    if to is None:
        return last.upto
    if to.isascii() and to.isdecimal():
        if len(to) > _DIGITS or int(to) > last.upto:
            raise BadBackup(f"the backup goes to position {last.upto}, and not to {to}")
        return int(to)
    try:
        moment = datetime.fromisoformat(to)
    except ValueError as error:
        raise BadBackup(f"{to!r} is neither a position nor an instant such as 2026-11-23T12:00:00Z") from error
    if moment.utcoffset() is None:
        raise BadBackup(f"{to!r} lacks its offset: is it {to}Z?")
    if not last.taken or moment > datetime.fromisoformat(last.taken):
        raise BadBackup(
            f"the backup does not know what was recorded from {last.taken} until {to}: without a moment, all of it is"
            " put back"
        )
    return _last_until(known, moment)


def _last_until(known: Known, moment: datetime) -> int:
    found = 0
    for piece, end in zip(known.pieces, known.ends, strict=True):
        if end.recorded and datetime.fromisoformat(end.recorded) <= moment:
            found = end.upto
            continue
        for line in Reading(piece):
            if not line.startswith(_EVENT) or recorded_in(_event(line).state) > moment:
                return found
            found = _event(line).position
    return found


def _event(line: bytes) -> StoredEvent:
    _, position, stream, revision, name, state = from_json(line)
    return StoredEvent(position, stream, revision, name, state.encode())


class _Put:
    """Puts piece after piece back; whatever does not fit the hashes ends it."""

    def __init__(self, restoring: Restoring, known: Known, upto: int) -> None:
        self._restoring = restoring
        self._known = known
        self._upto = upto
        self._parts: list[bytes] = []
        self._named: set[str] = set()
        self.recorded = ""
        self.left_erased: set[str] = set()

    def piece(self, piece: Piece, end: End, *, with_state: bool) -> None:
        """Put back what belongs to the events up to the position.

        What is changed in place comes with the last piece of each run, and is put back if it is asked for.
        """
        self._named.clear()
        lines = iter(Reading(piece))
        behind = self._events(lines, piece)
        if root_of(self._parts).hex() != end.root:
            raise BadBackup(f"{piece.path} is damaged: its events are not those that it was written with")
        is_whole = end.upto == self._upto
        state: dict[str, list[str]] = {table: [] for table in TABLES if table in STATE and table != NEWEST}
        for table, rows in groupby((_row(line) for line in chain(behind, lines)), itemgetter(0)):
            texts = (row for _, row in rows)
            if table in STATE:
                state.get(table, []).extend(texts)
            elif table == "texts":
                self._restoring.put(table, self._texts(texts, is_whole=is_whole), self._upto, is_whole=is_whole)
            elif table == "identities":
                self._restoring.put(table, self._identities(texts), self._upto, is_whole=is_whole)
            else:
                self._restoring.put(table, texts, self._upto, is_whole=is_whole)
        for table, kept in state.items():
            if with_state:
                self._restoring.put(table, kept, self._upto, is_whole=is_whole)

    def _events(self, lines: Iterator[bytes], piece: Piece) -> list[bytes]:
        """Put events back, and return the first line that is none, if there is one."""
        behind: list[bytes] = []

        def wanted() -> Iterator[StoredEvent]:
            for line in lines:
                if not line.startswith(_EVENT):
                    behind.append(line)
                    return
                one = _event(line)
                self._seal(one, piece)
                if one.position <= self._upto:
                    self._named.update(found.decode() for found in HASHES.findall(one.state))
                    self.recorded = show(recorded_in(one.state)) or ""
                    yield one

        self._restoring.put_events(wanted())
        return behind

    def _seal(self, one: StoredEvent, piece: Piece) -> None:
        grow(self._parts, one.position, leaf_hash(entry_at(one.position, one.name, one.state)))
        signed = self._known.signed.get(one.position)
        if signed is not None and root_of(self._parts).hex() != signed:
            raise BadBackup(f"{piece.path} is not what was signed: see the checkpoint of {one.position} events")

    def _texts(self, rows: Iterable[str], *, is_whole: bool) -> Iterator[str]:
        """Yield the texts that the events name, without the words of those that were erased later."""
        for row in rows:
            text = msgspec.json.decode(row, type=_Text)
            if not is_whole and text.sha256 not in self._named:
                continue
            erased = self._known.erased.get(text.sha256)
            if erased is None:
                yield row
                continue
            if erased > self._upto:
                self.left_erased.add(text.sha256)
            # The event that says so is not here then, and another one will be at its position.
            gone = _Text(text.sha256, None, erased if erased <= self._upto else 0)
            yield msgspec.json.encode(gone).decode()

    def _identities(self, rows: Iterable[str]) -> Iterator[str]:
        """Yield who is meant by the commitments of the events, without those that were erased later."""
        for row in rows:
            commitment = msgspec.json.decode(row, type=_Committed).commitment
            if commitment in self._named and commitment not in self._known.erased:
                yield row


def _row(line: bytes) -> tuple[str, str]:
    """Return the table that a line is for, and the row in JSON."""
    table, _, row = line[2:-1].decode().partition('",')
    return table, row
