"""A replay does not read the events that its projection never looks at, and yet knows how far it came."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events import Recorded
from services.folding import FoldStep, Log, Step
from services.store.event_log import EventLog

STRIDE = 20
"""How many positions are looked over for each event that is asked for."""


def narrowed(log: EventLog, step: Step) -> Log:
    """Return the log as the step need see it: whole, unless its projection says what it reads."""
    reads = step.projection.reads if isinstance(step, FoldStep) else None
    return log if reads is None else Narrowed(log, reads)


class Narrowed:
    """A log that shows only the events of some stored names, and of those it passes over, now and then one.

    A batch that reaches further than its last named event ends with the last event that was passed over, whatever that
    is: so the checkpoint of who takes it in comes along.
    """

    def __init__(self, log: EventLog, names: frozenset[str]) -> None:
        self._log = log
        self._names = names

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return the next events; raises CorruptLedger if one of them cannot be read."""
        upto = self._log.next_positions_end(after, limit * STRIDE)
        found = self._log.read(after, limit, names=self._names, upto=upto)
        if len(found) == limit or upto <= (found[-1].position if found else after):
            return found
        last = self._log.at(upto)
        return found if last is None else [*found, last]

    def head(self) -> int:
        """Return the last position."""
        return self._log.head()

    def wait(self, after: int, timeout: float) -> object:
        """Return when the head may be beyond `after`, or after so many seconds."""
        return self._log.wait(after, timeout)
