"""A view is built anew beside the one in use, from the first event on, and takes its place in one transaction."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence

from domain.events import Recorded
from services.errors import CorruptLedger, StoreUnavailable
from services.exported import BadExport
from services.folding import JUDGED, Log, Poisoned, RowsRefused, Share, Step, for_step, reachable, read_readable, take
from services.orders import IN_PLACE, Crew, CrewLost, Hire, Order, ReplayBusy, ReplayCancelled, ReplayRefused
from services.replays import Progress, progress_of
from services.store.building import Begun, Building
from services.store.places import LIVE, Place, replay_of
from services.store.replays import ReplayReader
from services.store.switching import switch_in_time
from services.store.views import ViewWriter
from services.traces import work

BATCH = 5_000
"""Events taken in by one transaction."""
NEAR = 20_000
"""Positions behind the head at which several processes are done: one alone comes to the live edge in a moment."""
MOST_TOLD = 5
"""Rows that are named of those that are wrong, or that differ."""
_SIGN_OF_LIFE = 0.5
"""Seconds, at least, between two of them."""


class Replay:
    """One replay of one view. A replay that was killed goes on where it was when the next one of its view begins."""

    def __init__(
        self,
        log: Log,
        writer: ViewWriter,
        step: Step,
        order: Order = IN_PLACE,
        *,
        batch: int = BATCH,
        hire: Hire | None = None,
    ) -> None:
        """Work through this writer, which the caller opens and closes and nobody else uses meanwhile.

        Without `hire` this process builds every share itself.
        """
        self._log = log
        self._writer = writer
        self._step = step
        self._order = order
        self._batch = min(batch, JUDGED) if step.after else batch
        self._hire = hire
        self._at = order.place or replay_of(step.name)
        self._building = Building(writer, step, self._at)
        self._begun: Begun | None = None
        self._phase = "building"
        self._goal = 0
        self._crew: Crew | None = None
        self._seen = time.monotonic()

    @property
    def _lock(self) -> str:
        return f"replay of {self._at}"

    @property
    def _switches(self) -> bool:
        return self._at == replay_of(self._step.name)

    def begin(self, *, again: bool = False) -> None:
        """Take the replay's lock, and up what an earlier one of this version left; raises ReplayBusy.

        `again`: it was begun and goes on; raises ReplayCancelled if it was cancelled meanwhile.
        """
        self._writer.set_up()
        if not self._writer.hold(self._lock):
            running = ReplayReader(self._writer.fetch).at(self._at)
            since = f" since {running.began:%Y-%m-%d %H:%M:%S} UTC, by {running.began_by}" if running else ""
            raise ReplayBusy(self._step.name, since)
        place, begun = self._place(), self._building.begun()
        if again and (place is None or place.state == "cancelled"):
            self.cancel()
            raise ReplayCancelled(self._step.name)
        if place is None or begun is None or place.version != self._step.version or place.state != "building":
            self._building.drop()
            goal = self._reachable()
            apart = self._order.is_apart(goal)
            begun = self._building.begin(max(self._order.workers, 1), goal, _me(), apart=apart)
        else:
            self._building.resume(_me())
        self._begun, self._phase, self._goal = begun, begun.phase, begun.goal

    def advance(self) -> Place | None:
        """Do one more piece of the work; at its end, return where the view then stands.

        Raises ReplayCancelled, ReplayRefused, Poisoned, RowsRefused, CorruptLedger, BadExport and CrewLost; after all
        but the first two the replay can go on later from where it is.
        """
        if self._begun is None:
            self.begin()
            return None
        place = self._place()
        if place is None or place.state == "cancelled":
            self.cancel()
            raise ReplayCancelled(self._step.name)
        self._give_sign_of_life()
        try:
            return work("replay", {"view": self._step.name}, self._do, place, self._begun)
        except (Poisoned, CorruptLedger) as error:
            self._building.say_failed(str(error), error.position)
            raise
        except (RowsRefused, CrewLost, BadExport) as error:
            self._building.say_failed(str(error), None)
            raise

    def progress(self) -> Progress:
        """Return how far it is."""
        row = ReplayReader(self._writer.fetch).at(self._at)
        return progress_of(row, self._log.head()) if row else Progress(self._step.name, 0, self._log.head(), 0, 0.0)

    def run(self, report: Callable[[Progress], None] | None = None) -> Place:
        """Replay to the end and return where the view stands; `report` is called after each piece of the work.

        Raises what `advance` does.
        """
        if self._begun is None:
            self.begin()
        try:
            while True:
                ended = self.advance()
                if report is not None:
                    report(self.progress())
                if ended is not None:
                    return ended
        finally:
            self.release()

    def cancel(self) -> None:
        """Drop what was built."""
        self._stop_crew()
        self._building.drop()
        self._begun = None

    def release(self) -> None:
        """Stop, and give the replay's lock back, if the database is still there to take it."""
        self._stop_crew()
        try:
            self._writer.let_go(self._lock)
        except StoreUnavailable:
            return  # the lock went with the connection

    def _do(self, place: Place, begun: Begun) -> Place | None:
        match self._phase:
            case "building":
                self._build(place, begun)
            case "catching up":
                if not self._take(place, self._in_use()):
                    self._go_over_to("indexing")
            case "indexing":
                self._building.make_late("verifying")
                self._phase = "verifying"
            case "verifying":
                self._verify(place)
                if not self._switches:
                    return self._stand()
                self._go_over_to("switching")
            case _:
                if not self._take(place, self._in_use()):
                    return switch_in_time(self._writer, self._step, self._next)
        return None

    def _build(self, place: Place, begun: Begun) -> None:
        if self._building.shares():
            done = self._build_share(begun) if self._hire is None else self._build_by(self._hire, begun)
            if not done or self._goes_on(begun):
                return
            self._building.put_together(self._built())
        elif place.checkpoint < self._goal:
            if self._take(place, self._goal):
                return
            # Nothing that it looks at stands between.
            self._building.put_together(self._goal)
        self._go_over_to("catching up" if self._switches else "indexing")

    def _build_by(self, hire: Hire, begun: Begun) -> bool:
        if self._crew is None:
            self._crew = hire(self._building, begun, self._step, self._at)
            self._crew.start(self._goal, onward=self._goes_onward(begun))
        if not self._crew.wait(_SIGN_OF_LIFE):
            return False
        if any(row.checkpoint < self._goal for row in self._building.shares()):
            # They ended early: what they follow was behind, or the replay was cancelled, which is seen next.
            time.sleep(_SIGN_OF_LIFE)
            self._crew.start(self._goal, onward=self._goes_onward(begun))
            return False
        return True

    def _goes_onward(self, begun: Begun) -> bool:
        """Tell whether a process that builds all of it takes in what is recorded meanwhile as well."""
        return self._switches and begun.shares == 1 and self._order.upto is None

    def _built(self) -> int:
        """Return how far the shares have come that are done: to the goal, or onward."""
        return max(self._goal, min((row.checkpoint for row in self._building.shares()), default=0))

    def _goes_on(self, begun: Begun) -> bool:
        """Tell whether so much was recorded meanwhile that the shares are better built on a while apart."""
        goal = self._reachable()
        if not self._switches or goal - self._built() < NEAR:
            self._stop_crew()
            return False
        self._goal = goal
        self._building.say_goal(goal)
        if self._crew is not None:
            self._crew.start(goal, onward=self._goes_onward(begun))
        return True

    def _build_share(self, begun: Begun) -> bool:
        """Take a batch into the share that is the furthest behind, in this process; tell whether all are done."""
        row = min(self._building.shares(), key=lambda row: row.checkpoint)
        share = Share(row.share, begun.shares)
        batch = self._next(row.checkpoint, self._goal)
        if batch:
            take(lambda some: self._building.advance(share, begun.began, some), batch)
        return not batch

    def _take(self, place: Place, upto: int | None = None) -> bool:
        """Take in one more batch; tell whether there was any."""
        batch = self._next(place.checkpoint, upto)
        if batch:
            take(lambda some: self._writer.advance(self._step, self._at, place.checkpoint, some), batch)
        return bool(batch)

    def _in_use(self) -> int | None:
        """Return how far the view in use is: who carries it remembers what is true there; None: nobody carries it."""
        live = self._writer.places().get((self._step.name, LIVE))
        goes_on = live is not None and live.state == "running" and live.version == self._step.version
        return live.checkpoint if live is not None and goes_on else None

    def _verify(self, place: Place) -> None:
        count, first = self._building.faults(place.checkpoint, MOST_TOLD)
        if count:
            told = "; ".join(f"the row of {key!r} since {since} is {fault}" for key, since, fault in first)
            why = f"{count} of its rows cannot be: {told}"
            self._building.say_phase("refused")
            self._building.say_failed(why, None)
            self._building.end("stopped", why)
            raise ReplayRefused(self._step.name, why)
        if self._order.compare:
            self._building.compared(MOST_TOLD)

    def _stand(self) -> Place | None:
        if not self._building.end("standing"):
            return None  # somebody has cancelled it meanwhile, which is seen next
        self._go_over_to("standing")
        return self._place()

    def _next(self, after: int, upto: int | None = None) -> Sequence[Recorded]:
        batch = for_step(self._step, read_readable(self._log, after, self._batch), self._others())
        return batch if upto is None else [one for one in batch if one.position <= upto]

    def _reachable(self) -> int:
        """Return the last position that can be built up to now."""
        last = reachable(self._log, self._step, self._others())
        return last if self._order.upto is None else min(last, self._order.upto)

    def _others(self) -> dict[str, int]:
        return {name: place.checkpoint for (name, where), place in self._writer.places().items() if where == LIVE}

    def _place(self) -> Place | None:
        return self._writer.places().get((self._step.name, self._at))

    def _go_over_to(self, phase: str) -> None:
        self._building.say_phase(phase)
        self._phase = phase

    def _give_sign_of_life(self) -> None:
        now = time.monotonic()
        if now - self._seen >= _SIGN_OF_LIFE:
            self._seen = now
            self._building.say_seen()

    def _stop_crew(self) -> None:
        if self._crew is not None:
            self._crew.stop()
            self._crew = None


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
