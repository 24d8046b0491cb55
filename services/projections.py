"""An engineer sees where every view stands, and has one replayed while it goes on serving."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from services.errors import CorruptLedger, StoreUnavailable, UnknownThing
from services.folding import Poisoned, RowsRefused, Step
from services.followers import Followers
from services.orders import ReplayCancelled, ReplayRefused
from services.projector import Following
from services.replay import Replay, cancel_replay
from services.replays import Progress
from services.shown import Json
from services.store.event_log import EventLog
from services.store.places import LIVE, Place, replay_of
from services.store.views import ViewWriter
from services.verify import Verified, verify


class Projections:
    """Tells of the views, replays them and verifies them."""

    def __init__(
        self, log: EventLog, projector: Followers, open_writer: Callable[[], ViewWriter], steps: Mapping[str, Step]
    ) -> None:
        self._log = log
        self._projector = projector
        self._open_writer = open_writer
        self._steps = steps
        self._replays: dict[str, _Background] = {}

    def all(self) -> list[Json]:
        """Return where each view stands, those that are being built included."""
        return [self._shown(one) for one in self._projector.positions()]

    def one(self, name: str) -> Json:
        """Return where a view stands, and how its replay goes if there is one. Raises UnknownThing."""
        rows = [one for one in self._projector.positions() if one.place.name == name]
        live = next((one for one in rows if one.place.place == LIVE), None)
        if name not in self._steps or live is None:
            raise UnknownThing("projection", name)
        building = next((self._shown(one) for one in rows if one.place.place == replay_of(name)), None)
        under_way = self._replays.get(name)
        return {**self._shown(live), "building": building, "replay": under_way.json() if under_way else None}

    def _shown(self, following: Following) -> Json:
        place = following.place
        return {
            "name": place.name,
            "in_use": place.place == LIVE,
            "version": place.version,
            "generation": place.generation,
            "position": place.checkpoint,
            "lag": following.lag,
            "state": place.state,
            "error": None if place.error is None else {"position": place.error_position, "reason": place.error},
        }

    def lags(self) -> dict[str, tuple[int, str]]:
        """Return how far each view in use is behind, and in what state it is."""
        found = [one for one in self._projector.positions() if one.place.place == LIVE]
        return {one.place.name: (one.lag, one.place.state) for one in found}

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at. Raises UnknownThing."""
        self._step(name)
        return self._projector.retry(name)

    def replay(self, name: str, report: Callable[[Progress], None] | None = None) -> Place:
        """Build the view anew and switch, in this thread; raises UnknownThing, and what `Replay.run` raises."""
        writer = self._open_writer()
        try:
            return Replay(self._log, writer, self._step(name)).run(report)
        finally:
            writer.close()

    def start_replay(self, name: str) -> Json:
        """Build the view anew in the background and return how that goes. Raises UnknownThing and ReplayBusy."""
        writer = self._open_writer()
        try:
            replay = Replay(self._log, writer, self._step(name))
            replay.begin()
        except BaseException:
            writer.close()
            raise
        under_way = self._replays[name] = _Background(replay, writer)
        under_way.start()
        return under_way.json()

    def cancel_replay(self, name: str) -> bool:
        """Cancel the view's replay, whoever runs it; False if there is none. Raises UnknownThing."""
        self._step(name)
        writer = self._open_writer()
        try:
            return cancel_replay(writer, self._step(name))
        finally:
            writer.close()

    def verify(self, report: Callable[[int, int], None] | None = None) -> Verified:
        """Read the whole ledger, derive every view again and compare."""
        writer = self._open_writer()
        try:
            return verify(self._log, writer, self._steps.values(), report)
        finally:
            writer.close()

    def close(self) -> None:
        """End the replays of this process; what they built is taken up by the next one."""
        for under_way in self._replays.values():
            under_way.stop()

    def _step(self, name: str) -> Step:
        if name not in self._steps:
            raise UnknownThing("projection", name)
        return self._steps[name]


class _Background:
    """A replay in a thread of its own."""

    def __init__(self, replay: Replay, writer: ViewWriter) -> None:
        self._replay = replay
        self._writer = writer
        self._progress = replay.progress()
        self._state = "building"
        self._error: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                switched = self._replay.advance()
                self._progress = self._replay.progress()
                if switched is not None:
                    self._state = "switched"
                    return
            self._state = "interrupted"
        except ReplayCancelled:
            self._state = "cancelled"
        except (Poisoned, RowsRefused, ReplayRefused, CorruptLedger, StoreUnavailable) as error:
            self._state, self._error = "stopped", str(error)
        finally:
            self._replay.release()
            self._writer.close()

    def json(self) -> Json:
        now = self._progress
        left = now.seconds_left
        return {
            "state": self._state,
            "error": self._error,
            "position": now.checkpoint,
            "head": now.head,
            "share": now.checkpoint / now.head if now.head else 1.0,
            "events": now.events,
            "events_per_second": round(now.rate, 1),
            "seconds_left": None if left is None or self._state != "building" else round(left, 1),
        }
