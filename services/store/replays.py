"""How every replay goes can be read by any process, from what its own has written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from services.store.connections import Params, Row
from services.store.queries import Statements

_SQL = Statements("replays.sql")


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A replay as it is written down.

    `taken` is the position that its shares have reached on average, `position` that of the last of them; `run_from` is
    where this run began, `seconds` ago. `comparison` is JSON. `running` tells whether a process has it in hand.
    """

    name: str
    place: str
    phase: str
    shares: int
    goal: int
    began: datetime
    began_by: str
    run_from: float
    seconds: float
    error: str | None
    error_position: int | None
    comparison: str | None
    position: int
    taken: float
    reached: list[int]
    workers: list[int | None]
    running: bool


class ReplayReader:
    """Asks how replays go."""

    def __init__(self, fetch: Callable[[LiteralString, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch
        self._is_set_up = False

    def all(self) -> list[ReplayRow]:
        """Return every replay that is under way, was broken off or was the last of its view."""
        self._is_set_up = self._is_set_up or bool(self._fetch(_SQL["are_set_up"], None)[0][0])
        return [ReplayRow(*row) for row in self._fetch(_SQL["replays"], None)] if self._is_set_up else []

    def at(self, place: str) -> ReplayRow | None:
        """Return the replay that builds, or has built, at this place."""
        return next((row for row in self.all() if row.place == place), None)
