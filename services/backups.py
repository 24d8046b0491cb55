"""A backup takes along what was recorded since the last one, and holds what is there against what the ledger is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pydantic_core import to_json

from domain.proof.verifier import grow, leaf_hash, root_of
from domain.times import show
from services.errors import CorruptLedger
from services.pieces import FORMAT, BadBackup, Begin, Draft, End, Piece, kept_alone, pieces_in
from services.store.backup import Row, Snapshot, StoredEvent
from services.store.codec import recorded_in
from services.tree import entry_at

MOST = 50_000
"""Events in a piece at most: so many are written again if a backup is broken off."""
_ALL = 2**62
HASHES = re.compile(rb'"([0-9a-f]{64})"')
"""What may be the name of a text in an event's bytes."""
BEGINNING = End(0, "", "", 0, 0, 0, 0, "", "", "", [])
"""Before the first piece."""
Report = Callable[[int, int], None]
"""Called with the position that was reached, and the head."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup is after a run: `pieces` and `events` were added, and `upto` is where the whole now ends."""

    pieces: int
    events: int
    upto: int
    taken: str
    bytes: int


def back_up(service: str, folder: Path, report: Report | None = None, most: int = MOST) -> BackedUp:
    """Take along in `folder` what the ledger has and the backup there has not.

    Raises BadBackup if the folder holds a backup of another ledger, or one whose last piece is not whole, if another
    backup goes on there, or it cannot be written; CorruptLedger for an event that cannot be read; StoreUnavailable.
    Pieces that were finished before stay, and are gone on from.
    """
    with kept_alone(folder):
        return _added(service, folder, report or (lambda position, head: None), most)


def _added(service: str, folder: Path, report: Report, most: int) -> BackedUp:
    before = pieces_in(folder)
    end = before[-1].end() if before else BEGINNING
    made: list[Piece] = []
    first = end.upto
    with Snapshot(service) as snapshot:
        _refuse_another_ledger(snapshot, folder, end)
        run = _Run(snapshot, folder, report)
        while piece := run.piece(len(before) + len(made) + 1, end, most):
            made.append(piece[0])
            end = piece[1]
            if end.upto == snapshot.moment.head:
                break
    written = sum(piece.path.stat().st_size for piece in made)
    return BackedUp(len(made), end.upto - first, end.upto, end.taken, written)


class _Run:
    """Writes one piece after the other, all of one moment."""

    def __init__(self, snapshot: Snapshot, folder: Path, report: Report) -> None:
        self._snapshot = snapshot
        self._folder = folder
        self._report = report
        self._state = snapshot.state()

    def piece(self, number: int, before: End, most: int) -> tuple[Piece, End] | None:
        """Write the next piece; None if there is nothing that the pieces before do not have."""
        moment = self._snapshot.moment
        upto = min(moment.head, before.upto + most)
        begin = Begin(FORMAT, number, before.upto, before.sha256, moment.migrations)
        draft = Draft(self._folder, begin)
        try:
            written = _Written(draft, before)
            written.events(self._snapshot.events(before.upto, upto), upto)
            written.rows(self._snapshot.texts(sorted(written.named)))
            written.rows(self._snapshot.identities(sorted(written.named)))
            last_key = _ALL if upto == moment.head else self._snapshot.last_key(before.key, upto)
            written.key = written.rows(self._snapshot.keys(before.key, last_key)) or before.key
            written.signed = written.rows(self._snapshot.checkpoints(before.signed, upto)) or before.signed
            if upto == moment.head:
                written.alert = written.rows(self._snapshot.alerts(before.alert)) or before.alert
                written.rows(self._state)
                written.state = _digest(self._state)
            end = written.end(moment.taken)
            if _stands(before) == _stands(end):
                return None
            finished = draft.finish(end)
        finally:
            draft.close()
        self._report(upto, moment.head)
        return finished


class _Written:
    """What a piece has come to."""

    def __init__(self, draft: Draft, before: End) -> None:
        self._draft = draft
        self._parts = [bytes.fromhex(part) for part in before.parts]
        self._recorded, self._last = before.recorded, before.last
        self._position, self._events = before.upto, 0
        self.named: set[str] = set()
        self.key, self.alert, self.signed, self.state = before.key, before.alert, before.signed, ""

    def events(self, events: Iterator[StoredEvent], upto: int) -> None:
        """Write the events up to a position, and note the texts that they name."""
        for one in events:
            self._position += 1
            if one.position != self._position:
                raise CorruptLedger(self._position, "it is missing")
            leaf = leaf_hash(entry_at(one.position, one.name, one.state))
            grow(self._parts, one.position, leaf)
            self.named.update(found.decode() for found in HASHES.findall(one.state))
            self._draft.write(to_json(["event", one.position, one.stream, one.revision, one.name, one.state.decode()]))
            self._recorded, self._last = show(recorded_in(one.state)) or "", leaf.hex()
            self._events += 1
        if self._position != upto:
            raise CorruptLedger(self._position + 1, "it is missing")

    def rows(self, rows: Iterable[Row]) -> int:
        """Write rows, and return the number of the last one, 0 without any."""
        last = 0
        for row in rows:
            self._draft.write(f'["{row.table}",{row.text}]'.encode())
            last = row.number
        return last

    def end(self, taken: datetime | None) -> End:
        """Return what the last line says; without an instant, that of the last event is the last one that is sure."""
        return End(
            upto=self._position,
            recorded=self._recorded,
            taken=show(taken) or self._recorded,
            events=self._events,
            key=self.key,
            alert=self.alert,
            signed=self.signed,
            state=self.state,
            last=self._last,
            root=root_of(self._parts).hex(),
            parts=[part.hex() for part in self._parts],
        )


def _stands(end: End) -> tuple[object, ...]:
    """Return how far a piece goes: the next one is not worth writing if that goes no further."""
    return end.upto, end.key, end.alert, end.signed, end.state


def _digest(rows: Iterable[Row]) -> str:
    return sha256("\n".join(sorted(row.text for row in rows)).encode()).hexdigest()


def _refuse_another_ledger(snapshot: Snapshot, folder: Path, end: End) -> None:
    """Raise BadBackup unless the ledger has the very event that the backup ends with."""
    if end.upto == 0:
        return
    advice = "a ledger that is another one, or was restored to an earlier moment, needs a folder of its own"
    if end.upto > snapshot.moment.head:
        raise BadBackup(
            f"the backup in {folder} goes to position {end.upto}, and this ledger only to"
            f" {snapshot.moment.head}: {advice}"
        )
    one = next(snapshot.events(end.upto - 1, end.upto))
    if leaf_hash(entry_at(one.position, one.name, one.state)).hex() != end.last:
        raise BadBackup(f"the backup in {folder} has another event at position {end.upto} than this ledger: {advice}")
