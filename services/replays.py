"""Whoever asks, in whatever process, is told how far a replay is, how fast and for how long still."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, cast

from services.shown import Json
from services.store.replays import ReplayRow

WORKING = ("building", "catching up", "indexing", "verifying", "switching")
"""The phases of a replay, in order. It ends as `switched`, or as `standing` where it was built for its own sake."""
State = Literal["running", "interrupted", "stopped", "refused", "switched", "standing"]


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that build: the position that its share has reached, and its number in its system."""

    share: int
    position: int
    process: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is: at position `checkpoint` of `head`, after `events` events in `seconds` of this run.

    `taken` is the mean position of its shares, where several processes build. `state` is `interrupted` if no process
    has it in hand, `stopped` if it could not take in an event and `refused` if it failed its verification; `error`
    says why. `comparison` says how what was built differs from what is in use, if somebody asked for that.
    """

    name: str
    checkpoint: int
    head: int
    events: int
    seconds: float
    place: str = ""
    taken: float | None = None
    phase: str = "building"
    state: State = "running"
    workers: tuple[Worker, ...] = ()
    began: str | None = None
    began_by: str | None = None
    error: str | None = None
    error_position: int | None = None
    comparison: Json | None = None

    @property
    def rate(self) -> float:
        """Events a second, in this run."""
        return self.events / self.seconds if self.seconds > 0 else 0.0

    @property
    def reached(self) -> float:
        """The position reached: by the mean of the shares."""
        return self.checkpoint if self.taken is None else self.taken

    @property
    def share(self) -> float:
        """How much of the ledger was taken in, from 0 to 1."""
        return min(self.reached / self.head, 1.0) if self.head else 1.0

    @property
    def seconds_left(self) -> float | None:
        """The time left at this rate until all events are taken in; None while there is none."""
        return max(self.head - self.reached, 0) / self.rate if self.rate > 0 else None

    def json(self) -> Json:
        """Return it for the wire."""
        left = self.seconds_left if self.state == "running" else None
        error = None if self.error is None else {"position": self.error_position, "reason": self.error}
        return {
            "name": self.name,
            "state": self.state,
            "phase": self.phase,
            "position": self.checkpoint,
            "head": self.head,
            "share": round(self.share, 4),
            "events": self.events,
            "seconds": round(self.seconds, 3),
            "events_per_second": round(self.rate, 1),
            "seconds_left": None if left is None else round(left, 1),
            "workers": [{"share": one.share, "position": one.position, "process": one.process} for one in self.workers],
            "began": self.began,
            "began_by": self.began_by,
            "error": error,
            "comparison": self.comparison,
        }


def progress_of(row: ReplayRow, head: int) -> Progress:
    """Return how far a replay is that is written down; `head` is the last position of the ledger."""
    ended = row.phase in ("switched", "standing")
    workers = zip(range(len(row.reached)), row.reached, row.workers, strict=True)
    return Progress(
        name=row.name,
        checkpoint=row.position,
        head=row.goal if ended or row.phase == "building" else max(row.goal, row.position, head),
        events=max(round(row.taken - row.run_from), 0),
        seconds=row.seconds,
        place=row.place,
        taken=row.taken,
        phase=row.phase,
        state=_state(row),
        workers=tuple(Worker(*one) for one in workers),
        began=row.began.isoformat(timespec="seconds").replace("+00:00", "Z"),
        began_by=row.began_by,
        error=row.error,
        error_position=row.error_position,
        comparison=None if row.comparison is None else cast("Json", json.loads(row.comparison)),
    )


def _state(row: ReplayRow) -> State:
    if row.phase in ("switched", "standing", "refused"):
        return row.phase
    if row.error is not None:
        return "stopped"
    return "running" if row.running else "interrupted"
