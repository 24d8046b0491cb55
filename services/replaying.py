"""A process of its own builds one share of a replay, and ends when the share is done or when nobody waits for it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import parent_process
from pathlib import Path

from services.errors import CorruptLedger, NotMigrated, StoreUnavailable
from services.exported import source_of
from services.folding import JUDGED, Log, Poisoned, RowsRefused, Share, Step, for_step, reachable, read_readable, take
from services.store.building import Building
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.narrowed import narrowed
from services.store.places import LIVE
from services.store.views import ViewWriter

LOST, POISONED, CORRUPT = 1, 3, 4
"""How a process ends that did not reach the goal: it may be begun again, or cannot take in an event, or read it."""
FEW = 10
"""Events recorded meanwhile that are not worth going on for: whoever puts the shares together takes them in."""
_SWEEP = 300_000
"""Objects made before Python looks for circles among them; see `services.bootstrap`."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What one process has to do. It reaches it through a pipe, so that no password stands in a list of processes.

    `began` tells the replay from any other at this place; `export` is a file of events. `onward`: what is recorded
    while it is built is built as well, as far as it becomes less and less.
    """

    conninfo: str = field(repr=False)
    step: Step
    place: str
    share: Share
    began: datetime
    goal: int
    batch: int
    export: Path | None = None
    onward: bool = False


def run(errand: Errand) -> None:
    """Build the share up to the goal, or onward; what keeps it from that is said by how the process ends."""
    # On ctrl-C the one who began us decides; when it is gone, however it died, nobody waits for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(_SWEEP)
    try:
        with EventLog(errand.conninfo, most=1) as log, Connections(errand.conninfo, most=1) as connections:
            writer = ViewWriter(connections)
            building = Building(writer, errand.step, errand.place)
            building.say_worker(errand.share, os.getpid())
            reading = narrowed(log, errand.step) if errand.export is None else source_of(log, errand.export)
            sys.exit(_built(errand, reading, writer, building))
    except (StoreUnavailable, NotMigrated):
        sys.exit(LOST)


def _built(errand: Errand, log: Log, writer: ViewWriter, building: Building) -> int:
    share = errand.share
    try:
        _build(errand, log, writer, building)
    except Poisoned as error:
        building.say_share_failed(share, error.reason, error.position)
        return POISONED
    except CorruptLedger as error:
        building.say_share_failed(share, error.why, error.position)
        return CORRUPT
    except RowsRefused as error:
        building.say_share_failed(share, str(error), 0)
        return POISONED
    return 0


def _build(errand: Errand, log: Log, writer: ViewWriter, building: Building) -> None:
    goal, recorded = errand.goal, sys.maxsize
    while _build_to(goal, errand, log, writer, building) and errand.onward:
        further = reachable(log, errand.step, _reached(writer))
        # What does not become less is recorded as fast as it is built, and so would go on for ever.
        if not FEW <= further - goal < recorded:
            return
        goal, recorded = further, further - goal
        building.raise_goal(errand.began, goal)


def _build_to(goal: int, errand: Errand, log: Log, writer: ViewWriter, building: Building) -> bool:
    """Build the share up to the goal; tell whether it came there."""
    step, share = errand.step, errand.share
    limit = min(errand.batch, JUDGED) if step.after else errand.batch
    after = next((row.checkpoint for row in building.shares() if row.share == share.number), None)
    while after is not None and after < goal:
        found = [one for one in read_readable(log, after, limit) if one.position <= goal]
        batch = for_step(step, found, _reached(writer))
        if not found:
            building.reach(share, errand.began, goal)
            return True
        if not batch:
            return False
        after = take(lambda some: building.advance(share, errand.began, some), batch)
    return after is not None


def _reached(writer: ViewWriter) -> dict[str, int]:
    return {name: place.checkpoint for (name, where), place in writer.places().items() if where == LIVE}


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(LOST)
