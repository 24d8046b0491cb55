"""A view is built anew beside the one in use, from the first event on, and takes its place in one transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.events import Recorded
from services.errors import StoreUnavailable
from services.folding import Log, Step, for_step, read_readable
from services.store.places import LIVE, Place, replay_of
from services.store.views import ViewWriter

BATCH = 5_000
"""Events taken in by one transaction."""
_SWITCH_TRIES = 5


class ReplayBusy(Exception):
    """This view is being replayed already, by this process or another."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a replay of {name} is under way; wait for its end or cancel it")
        self.name = name


class ReplayCancelled(Exception):
    """Somebody cancelled the replay; nothing of it is left, and the view in use is as it was."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the replay of {name} was cancelled")
        self.name = name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is: at position `checkpoint` of `head`, after `events` events in `seconds` of this run."""

    name: str
    checkpoint: int
    head: int
    events: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events a second, in this run."""
        return self.events / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time left at this rate; None while there is none."""
        return max(self.head - self.checkpoint, 0) / self.rate if self.rate > 0 else None


class Replay:
    """One replay of one view. A replay that was killed goes on where it was when the next one of its view begins."""

    def __init__(self, log: Log, writer: ViewWriter, step: Step, *, batch: int = BATCH) -> None:
        """Work through this writer, which the caller opens and closes and nobody else uses meanwhile."""
        self._log = log
        self._writer = writer
        self._step = step
        self._batch = batch
        self._place: Place | None = None
        self._events = 0
        self._began = time.monotonic()

    @property
    def _lock(self) -> str:
        return f"replay of {self._step.name}"

    def begin(self) -> None:
        """Take the replay's lock, and up what an earlier one of this version left; raises ReplayBusy."""
        self._writer.set_up()
        if not self._writer.hold(self._lock):
            raise ReplayBusy(self._step.name)
        place = self._writer.enter(self._step, replay_of(self._step.name))
        if place.version != self._step.version or place.state != "building":
            self._writer.leave(self._step.name)
            place = self._writer.enter(self._step, replay_of(self._step.name))
        self._place = place

    def advance(self) -> Place | None:
        """Take in one more batch; at the live edge, switch, and return where the view in use then stands.

        Raises ReplayCancelled, Poisoned, RowsRefused and CorruptLedger; after the last three the replay can go on later
        from where it is.
        """
        before = self._place
        if before is None:
            self.begin()
            return None
        batch = self._next(before.checkpoint)
        place = self._writer.advance(self._step, before.place, before.checkpoint, batch)
        if place is None or place.state == "cancelled":
            self.cancel()
            raise ReplayCancelled(self._step.name)
        self._events += sum(1 for one in batch if one.position <= place.checkpoint)
        self._place = place
        return None if batch else self._switch()

    def progress(self) -> Progress:
        """Return how far it is."""
        checkpoint = self._place.checkpoint if self._place else 0
        seconds = time.monotonic() - self._began
        return Progress(self._step.name, checkpoint, self._log.head(), self._events, seconds)

    def run(self, report: Callable[[Progress], None] | None = None, stop: threading.Event | None = None) -> Place:
        """Replay to the end and return where the view stands; `report` is called after each batch.

        Setting `stop` cancels: nothing is left, and ReplayCancelled is raised. See `advance` for what else is raised.
        """
        if self._place is None:
            self.begin()
        try:
            while True:
                if stop is not None and stop.is_set():
                    self.cancel()
                    raise ReplayCancelled(self._step.name)
                switched = self.advance()
                if report is not None:
                    report(self.progress())
                if switched is not None:
                    return switched
        finally:
            self.release()

    def cancel(self) -> None:
        """Drop what was built."""
        self._writer.leave(self._step.name)
        self._place = None

    def release(self) -> None:
        """Give the replay's lock back, if the database is still there to take it."""
        try:
            self._writer.let_go(self._lock)
        except StoreUnavailable:
            return  # the lock went with the connection

    def _next(self, after: int) -> Sequence[Recorded]:
        batch = read_readable(self._log, after, self._batch)
        reached = {name: place.checkpoint for (name, where), place in self._writer.places().items() if where == LIVE}
        return for_step(self._step, batch, reached)

    def _switch(self) -> Place | None:
        for attempt in range(_SWITCH_TRIES):
            try:
                return self._writer.switch(self._step, self._next)
            except StoreUnavailable:
                # Most likely a long reader of the old table; nothing was changed, and it will let go.
                if attempt == _SWITCH_TRIES - 1:
                    raise
                time.sleep(0.2)
        return None


def cancel_replay(writer: ViewWriter, name: str) -> bool:
    """Cancel the replay of a view, whoever runs it, or drop what a killed one has left; False if there is none."""
    writer.set_up()
    if (name, replay_of(name)) not in writer.places():
        return False
    if writer.hold(f"replay of {name}"):
        writer.leave(name)
        writer.let_go(f"replay of {name}")
    else:
        # Its own process drops it: at its next batch it sees this.
        writer.say(name, replay_of(name), "cancelled")
    return True
