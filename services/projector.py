"""Every view follows the ledger by itself: one that stops at an event says so and holds up no other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from domain.events import Recorded
from services.errors import CorruptLedger
from services.folding import Log, Poisoned, RowsRefused, Step, for_step, read_readable, take
from services.orders import ReplayBusy, ReplayCancelled, ReplayRefused
from services.replay import Replay
from services.store.asking import ViewReader
from services.store.places import LIVE, Place
from services.store.views import ViewWriter
from services.tireless import Tireless, Work
from services.traces import work

_LOG = logging.getLogger(__name__)

BATCH = 2_000
"""Events read, folded and kept together."""
_PAUSE = 1.0
"""Seconds, at most, until a view is taken over whose holder died, and between tries on a lost database."""
_GLANCE = 0.02
"""Seconds between two looks at a view that another process carries forward."""


@dataclass(frozen=True, slots=True)
class Following:
    """Where a view stands against the ledger; `lag` is how far its checkpoint is behind the head."""

    place: Place
    lag: int


class Projector:
    """Carries every view forward in one thread; any number of processes may run one.

    Each view is held by one of them, by a lock of the database, and taken over within seconds when its holder dies.
    A view whose table was made by an earlier version is replayed beside it and switched, without anybody asking.
    """

    def __init__(
        self,
        log: Log,
        open_writer: Callable[[], ViewWriter],
        views: ViewReader,
        steps: Iterable[Step],
        *,
        batch: int = BATCH,
    ) -> None:
        """Nothing is touched before the first `step`; `views` is asked about views that others carry forward."""
        self._log = log
        self._open_writer = open_writer
        self._views = views
        self._steps = in_order(steps)
        self._batch = batch
        self._writer: ViewWriter | None = None
        self._renewals: dict[str, Replay] = {}
        self._given_up: set[str] = set()
        self._read: tuple[int, Sequence[Recorded]] = (-1, ())
        self._moved = threading.Condition()
        self._held: set[str] = set()
        self._known: dict[str, Place] = {}
        self._tireless = Tireless(Work("views", self.step, self._rest, self._give_up), _PAUSE)

    def start(self) -> None:
        """Follow the ledger in a thread of its own until `stop`; every view's table is there when this returns.

        Raises StoreUnavailable.
        """
        writer = self._opened()
        for step in self._steps:
            self._tell(writer.enter(step))
        self._tireless.start()

    def stop(self) -> None:
        """Finish the batch under way and give the views up to others."""
        self._tireless.stop()

    def _rest(self) -> None:
        self._log.wait(self._reached(), _PAUSE)

    def step(self) -> bool:
        """Carry each view forward by one batch, and tell whether any moved; for one thread at a time."""
        writer = self._opened()
        places = {name: place for (name, where), place in writer.places().items() if where == LIVE}
        moved = False
        for step in self._steps:
            before = places.get(step.name) or writer.enter(step)
            place = self._follow(writer, step, before, places) if self._holds(writer, step, before) else before
            moved = moved or place != before or step.name in self._renewals
            places[step.name] = place
            self._tell(place)
        return moved

    def caught_up_to(self, position: int, timeout: float, names: Collection[str] | None = None) -> int:
        """Wait until the views (all, or those named) have taken in `position`, and return what all of them have.

        That is less than `position` if they did not in `timeout` seconds, or if one of them has stopped before it.
        """
        wanted = [step.name for step in self._steps] if names is None else list(names)
        give_up = time.monotonic() + timeout
        while True:
            with self._moved:
                known = [self._known.get(name) for name in wanted]
                reached = min((place.checkpoint if place else -1 for place in known), default=position)
                left = give_up - time.monotonic()
                stopped = any(place.state == "stopped" and place.checkpoint < position for place in known if place)
                elsewhere = not self._held.issuperset(wanted)
                if reached >= position or stopped:
                    return max(reached, 0)
                if left > 0:
                    self._moved.wait(min(left, _GLANCE) if elsewhere else left)
            if elsewhere:
                self._glance()
            if left <= 0:
                return max(reached, 0)

    def positions(self) -> list[Following]:
        """Return where each view stands, those being built included; raises StoreUnavailable."""
        places = self._views.places()
        head = self._log.head()
        return [Following(place, max(head - place.checkpoint, 0)) for place in places]

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at; False if it was not stopped."""
        return self._views.retry(name)

    def _opened(self) -> ViewWriter:
        if self._writer is None:
            self._writer = self._open_writer()
            self._writer.set_up()
        return self._writer

    def _reached(self) -> int:
        with self._moved:
            return max((place.checkpoint for place in self._known.values()), default=0)

    def _holds(self, writer: ViewWriter, step: Step, place: Place) -> bool:
        """Hold the view if nobody else does; give it up if a newer program has switched to its own version of it."""
        name, ours = step.name, place.version <= step.version
        with self._moved:
            if ours and name not in self._held and writer.hold(f"view {name}"):
                self._held.add(name)
            if not ours and name in self._held:
                writer.let_go(f"view {name}")
                self._held.discard(name)
            return name in self._held

    def _follow(self, writer: ViewWriter, step: Step, place: Place, places: Mapping[str, Place]) -> Place:
        given_up = step.name in self._given_up and place.state == "stopped"
        if place.version < step.version and not given_up:
            return self._renew(writer, step, place)
        if given_up or place.state != "running":
            return place
        try:
            batch = self._next(place.checkpoint)
        except CorruptLedger as error:
            return _stop(writer, place, error.position, str(error))
        batch = for_step(step, batch, {name: other.checkpoint for name, other in places.items()})
        return self._take(writer, step, place, batch) if batch else place

    def _next(self, after: int) -> Sequence[Recorded]:
        """Return the next events; views that go side by side decode them once."""
        if self._read[0] != after or not self._read[1]:
            self._read = (after, read_readable(self._log, after, self._batch))
        return self._read[1]

    def _take(self, writer: ViewWriter, step: Step, place: Place, batch: Sequence[Recorded]) -> Place:
        """Take in the batch, or as much of it as can be; stop the view if its first event cannot."""
        try:
            told = {"view": step.name, "events": len(batch)}
            return work("fold", told, take, partial(writer.advance, step, LIVE, place.checkpoint), batch) or place
        except Poisoned as error:
            return _stop(writer, place, error.position, error.reason)

    def _renew(self, writer: ViewWriter, step: Step, place: Place) -> Place:
        """Carry forward the replay that a new version of the view asks for; the old table serves until it is done."""
        replay = self._renewals.pop(step.name, None) or Replay(self._log, writer, step, batch=self._batch)
        try:
            switched = replay.advance()
        except ReplayBusy:
            return place
        except ReplayCancelled:
            replay.release()
            return place
        except (Poisoned, RowsRefused, CorruptLedger, ReplayRefused) as error:
            replay.release()
            self._given_up.add(step.name)
            at = error.position if isinstance(error, Poisoned | CorruptLedger) else 0
            return _stop(writer, place, at, str(error))
        if switched is None:
            self._renewals[step.name] = replay
            return place
        replay.release()
        return switched

    def _tell(self, place: Place) -> None:
        with self._moved:
            if self._known.get(place.name) != place:
                self._known[place.name] = place
                self._moved.notify_all()

    def _glance(self) -> None:
        for place in self._views.places():
            if place.place == LIVE and place.name not in self._held:
                self._tell(place)

    def _give_up(self) -> None:
        with self._moved:
            self._held.clear()
            self._known.clear()
            self._moved.notify_all()
        self._renewals.clear()
        self._read = (-1, ())
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps so that each comes after those of them it follows; raises ValueError if that cannot be."""
    waiting = {step.name: step for step in steps}
    here = frozenset(waiting)
    ordered: dict[str, Step] = {}
    while waiting:
        ready = [step for step in waiting.values() if all(name in ordered for name in step.after if name in here)]
        if not ready:
            raise ValueError(f"these follow each other in a circle: {', '.join(sorted(waiting))}")
        for step in ready:
            ordered[step.name] = waiting.pop(step.name)
    return tuple(ordered.values())


def _stop(writer: ViewWriter, place: Place, position: int, reason: str) -> Place:
    # Not why: that may hold the words of the event. `onrecord projections` tells it to whoever may read those.
    _LOG.error("the view %s stops at position %d; `onrecord projections` tells why", place.name, position)
    writer.say(place.name, place.place, "stopped", reason, position)
    return replace(place, state="stopped", error=reason, error_position=position)
