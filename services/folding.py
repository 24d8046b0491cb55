"""A batch of events becomes rows: one for each state that any of them changed, from its position to the next change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from zlib import crc32

from domain.events import Recorded
from domain.projection import AnyProjection, Column
from domain.values import Fact
from services.errors import CorruptLedger

if TYPE_CHECKING:
    from services.store.asking import ViewReader

T = TypeVar("T")


class Poisoned(Exception):
    """A projection cannot take in the event at `position`; it stops there until somebody mends the cause."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"position {position}: {reason}")
        self.position = position
        self.reason = reason


class RowsRefused(Exception):
    """A batch cannot be kept: its rows do not fit the view's table, or the step failed without naming an event."""


@dataclass(frozen=True, slots=True)
class Share:
    """One of `of` parts of the keys, by number from 0: every key is in exactly one of them, on every machine."""

    number: int
    of: int

    def has(self, key: str) -> bool:
        """Tell whether the key belongs to this part."""
        return self.of == 1 or crc32(key.encode()) % self.of == self.number


WHOLE = Share(0, 1)
"""All keys."""


class Log(Protocol):
    """What a follower needs of the event log: no event ever appears at or before a position that was read."""

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return the next events; raises CorruptLedger if one of them cannot be read."""
        ...

    def head(self) -> int:
        """Return the last position."""
        ...

    def wait(self, after: int, timeout: float) -> object:
        """Return when the head may be beyond `after`, or after so many seconds."""
        ...


JUDGED = 500
"""Most events that a step which follows others is given at once: it judges, and meanwhile the others wait."""


def for_step(step: Step, batch: Sequence[Recorded], reached: Mapping[str, int]) -> Sequence[Recorded]:
    """Return what of the batch the step may take in, `reached` being the checkpoints of the other views."""
    if not step.after:
        return batch
    upto = min(reached.get(name, 0) for name in step.after)
    return [one for one in batch[:JUDGED] if one.position <= upto]


def reachable(log: Log, step: Step, reached: Mapping[str, int]) -> int:
    """Return the last position that the step can be carried to, `reached` being the checkpoints of the other views."""
    return min([log.head(), *(reached.get(name, 0) for name in step.after)])


def read_readable(log: Log, after: int, limit: int) -> Sequence[Recorded]:
    """Return the next events up to the first that cannot be read; raises CorruptLedger if that is the very next."""
    try:
        return log.read(after, limit)
    except CorruptLedger:
        if limit == 1:
            raise
        return read_readable(log, after, limit // 2)


def take(advance: Callable[[Sequence[Recorded]], T], batch: Sequence[Recorded]) -> T:
    """Let `advance` take in the batch, or as much of it as can be taken in; return what it returned for the last piece.

    Raises Poisoned, having changed nothing, if the very first event of the batch cannot be taken in.
    """
    try:
        return advance(batch)
    except Poisoned as error:
        sound = [one for one in batch if one.position < error.position]
        if not sound:
            raise
        return take(advance, sound)
    except RowsRefused as error:
        if len(batch) == 1:
            raise Poisoned(batch[0].position, str(error)) from error
        return take(advance, batch[: len(batch) // 2])


class Held(NamedTuple):
    """A state in force, as it is stored, and the position since which it is so."""

    since: int
    state: str


@dataclass(slots=True)
class Row:
    """One state of one key; `until` is None while it is in force."""

    key: str
    since: int
    until: int | None
    state: str
    columns: Mapping[str, Column]


class Changes:
    """The rows that a batch adds, and the ends it sets to rows that are already stored."""

    def __init__(self, held: Mapping[str, Held]) -> None:
        """Begin with the rows in force of the keys that may change."""
        self.rows: list[Row] = []
        self.ended: list[tuple[str, int, int]] = []
        self._held = dict(held)
        self._open: dict[str, Row] = {}

    def put(self, key: str, position: int, state: str | None, columns: Mapping[str, Column]) -> None:
        """Let `state` be in force from `position` on, or nothing if it is None; a key changes once at a position."""
        if (row := self._open.pop(key, None)) is not None:
            row.until = position
        elif (held := self._held.pop(key, None)) is not None:
            self.ended.append((key, held.since, position))
        if state is not None:
            row = self._open[key] = Row(key, position, None, state, columns)
            self.rows.append(row)


class Stand(NamedTuple):
    """Which table a step carries forward, and the position up to which that has taken everything in.

    At one place a switch puts another table, perhaps at the same position and with other rows. `generation` tells them
    apart: that of the place, or the moment at which the replay began whose shares are built there. `beneath` are those
    of the views in use that the step follows: one that was built anew, since it was wrong, tells other things.
    """

    place: str
    generation: int | datetime
    position: int
    beneath: tuple[int, ...] = ()


class Reading(Protocol):
    """What a step may look at: the views as they are in the transaction that will keep its rows."""

    @property
    def views(self) -> ViewReader:
        """The views in use, for a step that follows other projections."""
        ...

    @property
    def stand(self) -> Stand | None:
        """The step's table, and how far it has come; None: not known.

        A step that keeps something in memory keeps it for this stand alone: what it gave last may not have been kept.
        """
        ...

    def held(self, keys: Iterable[str]) -> dict[str, Held]:
        """Return the rows in force of the step's own table, for those of the keys that have one."""
        ...

    def held_by(self, column: str, values: Iterable[str]) -> dict[str, Held]:
        """Return the rows in force of the step's own table whose column has one of the values, by key."""
        ...


class Step(Protocol):
    """How one view is carried forward by a batch.

    `table` is the SQL that makes its table and indexes, without a schema; None stands for the plain table. A step gets
    only events that every projection named in `after` has taken in already. `work` raises Poisoned for an event that it
    cannot take in; for whatever else it raises, the event is found by taking in smaller batches.
    """

    @property
    def name(self) -> str:
        """The name of the view and of its table."""
        ...

    @property
    def version(self) -> int:
        """Raised whenever the same events would give other rows."""
        ...

    @property
    def after(self) -> tuple[str, ...]:
        """The projections that this one follows."""
        ...

    @property
    def table(self) -> str | None:
        """The SQL of its table."""
        ...

    def work(self, batch: Sequence[Recorded], reading: Reading, share: Share = WHOLE) -> Changes:
        """Return what the batch, in order of position, changes of the keys that the share has.

        The rows of other shares may be at other positions, so a step never looks at them.
        """
        ...


@dataclass(frozen=True, slots=True)
class FoldStep:
    """Carries a projection forward: loads the states that the batch changes, folds them in memory, gives the rows."""

    projection: AnyProjection
    table: str | None = None
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The projection's name, which is that of its table."""
        return self.projection.name

    @property
    def version(self) -> int:
        """The projection's version."""
        return self.projection.version

    def work(self, batch: Sequence[Recorded], reading: Reading, share: Share = WHOLE) -> Changes:
        """Return what the batch changes; raises Poisoned for the first event that the fold cannot take in."""
        keyed = self._keyed(batch, share)
        held = reading.held(dict.fromkeys(key for _, key in keyed))
        changes = Changes(held)
        projection = self.projection
        states: dict[str, Fact | None] = {}
        for one, key in keyed:
            try:
                if key not in states:
                    states[key] = projection.thaw(held[key].state) if key in held else None
                before = states[key]
                states[key] = state = projection.evolve(before, key, one)
                if state is None:
                    if before is not None:
                        changes.put(key, one.position, None, {})
                elif state is not before:
                    changes.put(key, one.position, projection.freeze(state), projection.columns(state))
            except Exception as error:
                raise _poisoned(one, error) from error
        return changes

    def _keyed(self, batch: Sequence[Recorded], share: Share) -> list[tuple[Recorded, str]]:
        """Return each event with each key of the share that it changes, each once."""
        keys = self.projection.keys
        keyed: list[tuple[Recorded, str]] = []
        for one in batch:
            try:
                keyed += [(one, key) for key in dict.fromkeys(keys(one.event)) if share.has(key)]
            except Exception as error:
                raise _poisoned(one, error) from error
        return keyed


def _poisoned(one: Recorded, error: Exception) -> Poisoned:
    return Poisoned(one.position, f"{one.event.type}: {type(error).__name__}: {error}")
