"""Alerts are found at the live edge, in the order of the ledger: each once, by one process, whatever is killed."""

from __future__ import annotations

from collections.abc import Callable

from services.alert_finder import Finder
from services.facts import Facts
from services.folding import read_readable
from services.store.alerts import AlertReader, AlertWriter, Found
from services.store.event_log import EventLog
from services.tireless import Tireless, Work

BATCH = 200
"""Events whose alerts are looked for and kept together."""
NEEDED = ("picture", "editions")
"""The views that alerts are made of; what these follow is there as well."""
_PAUSE = 0.5
"""Seconds between two looks at the clock, and between tries on a lost database."""
LOCK = "alerts"


class Alerter:
    """Follows the picture in a thread and tells what it turned; any number of processes may have one.

    One of them holds the lock. Alerts and the position that they were found up to are kept in one transaction, and a
    number is given to each under a lock on that position: so a crash loses none, and two holders could not tell one
    twice. What alone brings an alert about is the next position, never a view: building a view anew tells nothing.
    """

    def __init__(
        self,
        log: EventLog,
        facts: Facts,
        finder: Finder,
        reader: AlertReader,
        open_writer: Callable[[], AlertWriter],
        *,
        batch: int = BATCH,
    ) -> None:
        """Nothing is touched before the first `step`."""
        self._log = log
        self._facts = facts
        self._finder = finder
        self._reader = reader
        self._open_writer = open_writer
        self._batch = batch
        self._writer: AlertWriter | None = None
        self._holds = False
        self._position = 0
        self._tireless = Tireless(Work(LOCK, self.step, self._rest, self._give_up), _PAUSE)

    def start(self) -> None:
        """Find alerts in a thread of its own until `stop`."""
        self._tireless.start()

    def stop(self) -> None:
        """Finish the batch under way and give the lock up to others."""
        self._tireless.stop()

    def _rest(self) -> None:
        """Wait until there may be something to do."""
        if not self._holds:
            self._tireless.wait(_PAUSE)
        elif self._log.wait(self._position, _PAUSE):
            following = self._position + 1
            if self._facts.reached(following, _PAUSE, NEEDED) < following:
                self._tireless.wait(_PAUSE)

    def step(self) -> bool:
        """Find the alerts of the next events, or of time that has passed; False if there was nothing to do."""
        writer = self._opened()
        if writer is None:
            return False
        position, seeded = writer.stands()
        self._position = position
        reached = self._facts.reached(position + self._batch, 0.0, NEEDED)
        if reached < position:
            return False
        if not seeded:
            writer.seed(position, self._finder.to_come(position))
            return True
        batch = read_readable(self._log, position, min(self._batch, reached - position)) if reached > position else ()
        if batch:
            return writer.keep(position, self._finder.of_events(batch))
        return self._let_time_pass(writer, position)

    def _let_time_pass(self, writer: AlertWriter, position: int) -> bool:
        if not writer.is_due():
            return False
        instant, head = writer.settled()
        if head > position:
            return True  # what was recorded meanwhile comes first
        passed = self._reader.due(instant)
        return writer.keep(position, Found(position, self._finder.of_time(passed, position), over=frozenset(passed)))

    def _opened(self) -> AlertWriter | None:
        """Return the connection that holds the lock; None while somebody else has it, or there is no picture yet."""
        if self._writer is None:
            if all(place.name != "picture" for place in self._facts.views.places()):
                return None
            self._writer = self._open_writer()
        if not self._holds:
            if not self._writer.hold(LOCK):
                return None
            self._writer.begin()
            self._holds = True
        return self._writer

    def _give_up(self) -> None:
        self._holds = False
        if self._writer is not None:
            self._writer.close()
            self._writer = None
