"""The ledger is read whole and every view is derived from it again: what is stored differs in nothing, or is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from domain.events import Recorded
from services.errors import CorruptLedger
from services.folding import JUDGED, Log, Poisoned, RowsRefused, Step, read_readable
from services.projector import in_order
from services.store.places import LIVE, Place
from services.store.views import ViewWriter

BATCH = 5_000
MOST_FAULTS = 100
"""Faulty rows named for each view; there may be more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the ledger says: `where` is `ledger` or the name of a view."""

    where: str
    position: int
    said: str


@dataclass(slots=True)
class Verified:
    """What was read and compared, and what was wrong with it; `views` says up to which position each was compared."""

    events: int = 0
    head: int = 0
    views: dict[str, int] = field(default_factory=dict[str, int])
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class _Order:
    """Watches that positions grow and that recorded instants never go back."""

    def __init__(self, verified: Verified) -> None:
        self._verified = verified
        self._position = 0
        self._recorded: datetime | None = None

    def see(self, one: Recorded) -> None:
        if one.position <= self._position:
            self._say(one, f"comes after position {self._position}")
        if self._recorded is not None and one.recorded < self._recorded:
            self._say(one, f"was recorded before position {self._position} was")
        self._position, self._recorded = one.position, one.recorded

    def _say(self, one: Recorded, said: str) -> None:
        self._verified.faults.append(Fault("ledger", one.position, said))


def verify(
    log: Log,
    writer: ViewWriter,
    steps: Iterable[Step],
    report: Callable[[int, int], None] | None = None,
    *,
    batch: int = BATCH,
) -> Verified:
    """Read every event, fold every view again, and compare it row by row with what is stored, while both go on.

    Uses the writer's connection for tables that nobody else sees and that go with it; the caller closes it.
    `report(position, head)` is called after each batch. A view that is being renewed, or was never begun, is left out.
    """
    writer.set_up()
    places = {name: place for (name, where), place in writer.places().items() if where == LIVE}
    wanted = {step.name: (step, places[step.name]) for step in in_order(steps) if _comparable(step, places)}
    for step, _ in wanted.values():
        writer.make_scratch(step)
    verified = Verified(head=log.head())
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
    for step, place in wanted.values():
        _compare(writer, step, place, after, verified)
    return verified


def _comparable(step: Step, places: dict[str, Place]) -> bool:
    return step.name in places and places[step.name].version == step.version


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


def _compare(writer: ViewWriter, step: Step, place: Place, read: int, verified: Verified) -> None:
    as_of = min(place.checkpoint, read)
    verified.views[step.name] = as_of
    if place.checkpoint > read and not verified.faults:
        said = f"its checkpoint is {place.checkpoint}, and the ledger ends at {read}"
        verified.faults.append(Fault(step.name, place.checkpoint, said))
    rows, beyond = writer.differing(step, as_of, MOST_FAULTS)
    for key, since, fault in rows:
        verified.faults.append(Fault(step.name, since, f"the row of {key!r} since {since} is {fault}"))
    if beyond:
        said = f"{beyond} of its rows know more than its checkpoint says was taken in"
        verified.faults.append(Fault(step.name, place.checkpoint, said))
