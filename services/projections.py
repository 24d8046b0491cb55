"""An engineer sees where every view stands, and has one replayed while it goes on serving."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path

from services.cancelling import cancel_replay
from services.crew import hiring
from services.errors import CorruptLedger, StoreUnavailable, UnknownThing
from services.exported import BadExport, check, source_of
from services.folding import Poisoned, RowsRefused, Step
from services.followers import Followers
from services.named import named_thread
from services.orders import IN_PLACE, CrewLost, Order, ReplayBusy, ReplayCancelled, ReplayRefused
from services.projector import Following
from services.replay import BATCH, Replay
from services.replays import Progress, progress_of
from services.sealed import held_against_its_tree
from services.shown import Json
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.narrowed import narrowed
from services.store.places import LIVE, Place, replay_of
from services.store.replays import ReplayReader
from services.store.switching import drop_retired
from services.store.tree import TreeStore
from services.store.views import ViewWriter
from services.verify import MOST_FAULTS, Verified, verify

_LOG = logging.getLogger(__name__)
ENDED = (
    Poisoned,
    RowsRefused,
    ReplayRefused,
    ReplayCancelled,
    CrewLost,
    CorruptLedger,
    BadExport,
)
"""How a replay can end before its end; what it has written down says the rest."""
_PAUSE = 1.0
"""Seconds between two tries on a lost database."""


class Projections:
    """Tells of the views, replays them and verifies them."""

    def __init__(
        self,
        log: EventLog,
        projector: Followers,
        open_writer: Callable[[], ViewWriter],
        steps: Mapping[str, Step],
        replays: ReplayReader,
        conninfo: str,
    ) -> None:
        """Work on the database at `conninfo`, which processes of their own are told to connect to as well."""
        self._log = log
        self._projector = projector
        self._open_writer = open_writer
        self._steps = steps
        self._replays = replays
        self._conninfo = conninfo
        self._under_way: dict[str, _Background] = {}

    def all(self) -> list[Json]:
        """Return where each view stands, those that are being built and those out of use included."""
        return [self._shown(one) for one in self._projector.positions()]

    def one(self, name: str) -> Json:
        """Return where a view stands, and how its replay goes if there is one. Raises UnknownThing."""
        rows = [one for one in self._projector.positions() if one.place.name == name]
        live = next((one for one in rows if one.place.place == LIVE), None)
        if name not in self._steps or live is None:
            raise UnknownThing("projection", name)
        building = next((self._shown(one) for one in rows if one.place.place == replay_of(name)), None)
        progress = self.progress(name)
        return {**self._shown(live), "building": building, "replay": progress.json() if progress else None}

    def follows_others(self, name: str) -> bool:
        """Tell whether the view gets only events that others have taken in already. Raises UnknownThing."""
        return bool(self._step(name).after)

    def progress(self, name: str, place: str | None = None) -> Progress | None:
        """Return how the replay goes, whoever runs it, or how the last one ended; None if there is none."""
        row = self._replays.at(place or replay_of(name))
        return None if row is None else progress_of(row, self._log.head())

    def unfinished(self) -> list[Progress]:
        """Return how every replay goes that is under way or was broken off."""
        head = self._log.head()
        found = [progress_of(row, head) for row in self._replays.all()]
        return [one for one in found if one.state not in ("switched", "standing")]

    def _shown(self, following: Following) -> Json:
        place = following.place
        return {
            "name": place.name,
            "in_use": place.place == LIVE,
            "place": place.place,
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

    def newer(self) -> list[str]:
        """Return the views in use that a newer program has built by rules of its own: this one cannot carry them on."""
        found = [one.place for one in self._projector.positions() if one.place.place == LIVE]
        return sorted(
            one.name for one in found if one.name in self._steps and one.version > self._steps[one.name].version
        )

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at. Raises UnknownThing."""
        self._step(name)
        return self._projector.retry(name)

    def replay(
        self,
        name: str,
        report: Callable[[Progress], None] | None = None,
        order: Order = IN_PLACE,
        *,
        export: Path | None = None,
        step: Step | None = None,
    ) -> Place:
        """Build the view anew, in this thread, and switch; `step` is what carries it, if that is not the view's own.

        `export` is a file of events to read in place of the log, as far as it goes. Raises UnknownThing, BadExport, and
        what `Replay.run` raises.
        """
        with self._written() as writer:
            return self._made(writer, step or self._step(name), order, export).run(report)

    def start_replay(self, name: str, order: Order = IN_PLACE, *, step: Step | None = None) -> Json:
        """Build the view anew in the background and return how that goes. Raises UnknownThing and ReplayBusy.

        A process of its own does the work: threads of one process share one lock of the interpreter, and whoever asks
        would wait for every fold.
        """
        wanted, order = step or self._step(name), replace(order, apart=True)
        place = order.place or replay_of(name)
        under_way = _Background(
            self._open_writer,
            lambda writer: self._made(writer, wanted, order, None),
            lambda: self.progress(name, place),
        )
        told = under_way.start()
        self._under_way[place] = under_way
        return told

    def cancel_replay(self, name: str, place: str | None = None) -> bool:
        """Cancel the view's replay, whoever runs it, or drop what stands at the place; False if there is nothing.

        Raises UnknownThing.
        """
        with self._written() as writer:
            return cancel_replay(writer, self._step(name), place)

    def drop_old(self, name: str) -> bool:
        """Drop the version that the last switch has put out of use; False if there is none. Raises UnknownThing."""
        self._step(name)
        with self._written() as writer:
            writer.set_up()
            return drop_retired(writer, name)

    def verify(self, report: Callable[[int, int], None] | None = None) -> Verified:
        """Read the whole ledger, hold it against its tree, derive every view again and compare."""
        with self._written() as writer:
            with Connections(self._conninfo, most=1) as connections:
                sealed = held_against_its_tree(self._log, TreeStore(connections), MOST_FAULTS)
            steps = [copy(step) for step in self._steps.values()]
            return verify(self._log, writer, steps, report, sealed=sealed)

    def close(self) -> None:
        """End the replays of this process; what they built is taken up by the next one."""
        for under_way in self._under_way.values():
            under_way.stop()

    @contextmanager
    def _written(self) -> Generator[ViewWriter]:
        writer = self._open_writer()
        try:
            yield writer
        finally:
            writer.close()

    def _made(self, writer: ViewWriter, step: Step, order: Order, export: Path | None) -> Replay:
        if export is not None:
            check(export, self._log)
        log = narrowed(self._log, step) if export is None else source_of(self._log, export)
        # The view in use is carried on meanwhile, by another thread, whose step remembers for that place alone.
        return Replay(log, writer, copy(step), order, hire=hiring(self._conninfo, BATCH, export))

    def _step(self, name: str) -> Step:
        if name not in self._steps:
            raise UnknownThing("projection", name)
        return self._steps[name]


class _Background:
    """A replay in a thread of its own; one that loses the database goes on when that is back."""

    def __init__(
        self,
        open_writer: Callable[[], ViewWriter],
        made: Callable[[ViewWriter], Replay],
        told: Callable[[], Progress | None],
    ) -> None:
        self._open_writer = open_writer
        self._made = made
        self._told = told
        self._since: str | None = None
        self._stopping = threading.Event()
        self._thread = named_thread(self._run, "replay")
        self._begun: tuple[Replay, ViewWriter] | None = None

    def start(self) -> Json:
        """Begin, and return how it goes; raises what `Replay.begin` raises."""
        told = self._begin().progress()
        self._since = told.began
        self._thread.start()
        return told.json()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _begin(self, *, again: bool = False) -> Replay:
        writer = self._open_writer()
        try:
            replay = self._made(writer)
            replay.begin(again=again)
        except BaseException:
            writer.close()
            raise
        self._begun = replay, writer
        return replay

    def _run(self) -> None:
        said = ""
        while not self._stopping.is_set():
            try:
                if self._begun is None and self._is_gone():
                    return
                replay = self._begun[0] if self._begun else self._begin(again=True)
                while not self._stopping.is_set():
                    if replay.advance() is not None:
                        return
            except (StoreUnavailable, ReplayBusy) as error:
                # Busy: another process has taken it up, or the server has not noticed yet that our connection is lost.
                if str(error) != said:
                    said = str(error)
                    _LOG.warning("a replay waits: %s", said)
                self._end()  # before the pause, so that another process may take it up
                self._stopping.wait(_PAUSE)
            except ENDED as error:
                _LOG.error("a replay has ended before its end: %s", error)
                return
            finally:
                self._end()

    def _is_gone(self) -> bool:
        """Tell whether somebody has cancelled it, or begun another one, while we were away."""
        told = self._told()
        return told is None or told.began != self._since or told.phase in ("switched", "standing")

    def _end(self) -> None:
        if self._begun is not None:
            replay, writer = self._begun
            self._begun = None
            replay.release()
            writer.close()
