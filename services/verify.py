"""The ledger is read whole and every view is derived from it again: what is stored differs in nothing, or is named.

It takes as much memory for ten million events as for ten thousand: events are read in batches, what they give is kept
in tables of the database that go with the connection, and of each kind of fault only the first are named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from domain.events import Recorded
from services.errors import CorruptLedger
from services.folding import JUDGED, Log, Poisoned, RowsRefused, Step, read_readable
from services.projector import in_order
from services.sealed import Sealed
from services.store.checking import (
    doubled_rows,
    has_table,
    identities_changed,
    keys_without_event,
    texts_changed,
)
from services.store.places import LIVE, Place
from services.store.views import ViewWriter

BATCH = 5_000
MOST_FAULTS = 100
"""Faults of a kind that are named for each view, and for the ledger; there may be more."""
PATIENCE = 5.0
"""Seconds in which a view that is behind must move, or nobody carries it on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the ledger says: `where` is `ledger`, `tree`, `texts`, `identities` or a view's name."""

    where: str
    position: int
    said: str


@dataclass(slots=True)
class Verified:
    """What was read and compared, and what was wrong with it.

    `views` says up to which position each view was compared; `left_out` are those that were not, each with the reason:
    its table is being made by another version of its projection.
    """

    events: int = 0
    head: int = 0
    views: dict[str, int] = field(default_factory=dict[str, int])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class _Order:
    """Watches that no position is missing and that recorded instants never go back."""

    def __init__(self, verified: Verified) -> None:
        self._verified = verified
        self._position = 0
        self._recorded: datetime | None = None
        self._told = 0

    def see(self, one: Recorded) -> None:
        if one.position <= self._position:
            self._say(one.position, f"comes after position {self._position}")
        if one.position > self._position + 1:
            last = f" to {one.position - 1}" if one.position > self._position + 2 else ""
            self._say(self._position + 1, f"the event is missing{f', and all up{last}' if last else ''}")
        if self._recorded is not None and one.recorded < self._recorded:
            self._say(one.position, f"was recorded before position {self._position} was")
        self._position, self._recorded = one.position, one.recorded

    def _say(self, position: int, said: str) -> None:
        self._told += 1
        if self._told <= MOST_FAULTS:
            self._verified.faults.append(Fault("ledger", position, said))


def verify(  # noqa: PLR0913 (each is one thing that is read, or a measure of how)
    log: Log,
    writer: ViewWriter,
    steps: Iterable[Step],
    report: Callable[[int, int], None] | None = None,
    *,
    sealed: Sealed | None = None,
    batch: int = BATCH,
    patience: float = PATIENCE,
) -> Verified:
    """Read every event, fold every view again, and compare it row by row with what is stored, while both go on.

    `sealed` is what the tree over the log tells of it: with it, a changed event is told from a changed row.
    Uses the writer's connection for tables that nobody else sees and that go with it; the caller closes it.
    `report(position, head)` is called after each batch.
    """
    writer.set_up()
    verified = Verified(head=log.head())
    wanted = _wanted(writer, in_order(steps), verified)
    for step, _ in wanted.values():
        writer.make_scratch(step)
    after = _read(log, writer, wanted, verified, batch, report)
    _check_beside(writer, verified)
    sealed = sealed or Sealed()
    verified.faults += [Fault(*fault) for fault in sealed.faults]
    for step, place in wanted.values():
        _compare(writer, step, place, after, verified, sealed)
    _look_for_stale(writer, wanted, verified, patience)
    return verified


def _wanted(writer: ViewWriter, steps: Iterable[Step], verified: Verified) -> dict[str, tuple[Step, Place]]:
    """Return the views that can be compared, and where they stand."""
    places = {name: place for (name, where), place in writer.places().items() if where == LIVE}
    wanted: dict[str, tuple[Step, Place]] = {}
    for step in steps:
        place = places.get(step.name)
        if place is None:
            verified.left_out[step.name] = "it was never begun"
        elif place.version != step.version:
            verified.left_out[step.name] = f"its table is of version {place.version}, and this is {step.version}"
        elif not has_table(writer, step.name):
            verified.faults.append(Fault(step.name, place.checkpoint, "its table is missing"))
        else:
            wanted[step.name] = (step, place)
    return wanted


def _read(
    log: Log,
    writer: ViewWriter,
    wanted: dict[str, tuple[Step, Place]],
    verified: Verified,
    batch: int,
    report: Callable[[int, int], None] | None,
) -> int:
    """Read the ledger and fold the views, and return the last position that could be read."""
    order = _Order(verified)
    after = 0
    while found := _next(log, after, batch, verified):
        for one in found:
            order.see(one)
        verified.events += len(found)
        for step, place in list(wanted.values()):
            if not _folded(writer, step, [one for one in found if one.position <= place.checkpoint], verified):
                del wanted[step.name]
        after = found[-1].position
        if report is not None:
            report(after, verified.head)
    return after


def _next(log: Log, after: int, batch: int, verified: Verified) -> list[Recorded]:
    try:
        return list(read_readable(log, after, batch))
    except CorruptLedger as error:
        verified.faults.append(Fault("ledger", error.position, f"{error}; nothing after it was looked at"))
        return []


def _folded(writer: ViewWriter, step: Step, found: list[Recorded], verified: Verified) -> bool:
    try:
        size = JUDGED if step.after else BATCH
        for begin in range(0, len(found), size):
            writer.advance_scratch(step, found[begin : begin + size])
    except Poisoned as error:
        verified.faults.append(Fault(step.name, error.position, f"cannot take in the event: {error.reason}"))
        return False
    except RowsRefused as error:
        verified.faults.append(Fault(step.name, found[0].position, f"its rows do not fit its table: {error}"))
        return False
    return True


def _check_beside(writer: ViewWriter, verified: Verified) -> None:
    for key, position in keys_without_event(writer, MOST_FAULTS):
        verified.faults.append(Fault("ledger", position, f"the event is missing that was recorded as {key!r}"))
    for sha256 in texts_changed(writer, MOST_FAULTS):
        verified.faults.append(Fault("texts", 0, f"the text {sha256} has other words than those it is kept for"))
    for commitment in identities_changed(writer, MOST_FAULTS):
        said = f"who is kept for the commitment {commitment} is not who was committed to"
        verified.faults.append(Fault("identities", 0, said))


def _compare(  # noqa: PLR0913 (all that it takes to tell what was changed)
    writer: ViewWriter, step: Step, place: Place, read: int, verified: Verified, sealed: Sealed
) -> None:
    as_of = min(place.checkpoint, read)
    verified.views[step.name] = as_of
    torn = any(fault.where == "ledger" and fault.position > read for fault in verified.faults)
    if place.checkpoint > read and not torn:
        said = f"its checkpoint is {place.checkpoint}, and the ledger ends at {read}"
        verified.faults.append(Fault(step.name, place.checkpoint, said))
    rows, beyond = writer.differing(step, as_of, MOST_FAULTS)
    for key, since, fault in rows:
        what = f"different from what the ledger gives; {_whose(sealed, since)}" if fault == "different" else fault
        verified.faults.append(Fault(step.name, since, f"the row of {key!r} since {since} is {what}"))
    for key, since, copies in doubled_rows(writer, step.name, MOST_FAULTS):
        verified.faults.append(Fault(step.name, since, f"the row of {key!r} since {since} is there {copies} times"))
    if beyond:
        said = f"{beyond} of its rows know more than its checkpoint says was taken in"
        verified.faults.append(Fault(step.name, place.checkpoint, said))


def _whose(sealed: Sealed, since: int) -> str:
    """Return what was changed, the row or the ledger; where nothing is sealed, the view is the only other witness."""
    match sealed.accounts_for(since):
        case "changed":
            return f"the event at {sealed.changed[0]} was changed"
        case "unchanged":
            return f"it was changed, since the events up to {since} are as they were sealed"
        case _:
            return f"it was changed, or the event at {since} was"


def _look_for_stale(
    writer: ViewWriter, wanted: dict[str, tuple[Step, Place]], verified: Verified, patience: float
) -> None:
    """Name the views that have stopped, and those that stand behind where the ledger ended and that nobody moves."""
    give_up = time.monotonic() + patience
    while True:
        found = {name: place for (name, where), place in writer.places().items() if where == LIVE and name in wanted}
        stopped = [place for place in found.values() if place.state == "stopped"]
        stale = [
            place
            for name, place in found.items()
            if place not in stopped
            and place.checkpoint < verified.head
            and place.checkpoint == wanted[name][1].checkpoint
        ]
        if not stale or time.monotonic() >= give_up:
            break
        time.sleep(0.05)
    for place in stopped:
        at = place.error_position or place.checkpoint
        verified.faults.append(Fault(place.name, at, f"it has stopped here: {place.error}"))
    for place in stale:
        said = f"it is stale: nobody carries it on from here, and the ledger had come to {verified.head}"
        verified.faults.append(Fault(place.name, place.checkpoint, said))
