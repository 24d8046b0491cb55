"""What is to be built is said before it begins, and whatever keeps it from its end has a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.folding import Step
from services.store.building import Begun, Building

APART = 5_000
"""Positions from which on it pays to begin a process for a replay that is wanted apart."""


class ReplayBusy(Exception):
    """This view is being replayed already, by this process or another."""

    def __init__(self, name: str, since: str = "") -> None:
        super().__init__(f"a replay of {name} is under way{since}; wait for its end or cancel it")
        self.name = name


class ReplayCancelled(Exception):
    """Somebody cancelled the replay; nothing of it is left, and the view in use is as it was."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the replay of {name} was cancelled")
        self.name = name


class ReplayRefused(Exception):
    """What was built failed its verification, so it did not take the place of the view in use, which is as it was."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"the replay of {name} was not switched: {why}")
        self.name = name


class CrewLost(Exception):
    """A process that builds a share dies again and again; the replay can go on later from where it is."""

    def __init__(self, name: str, share: int, code: int | None) -> None:
        super().__init__(f"a process of the replay of {name} dies again and again (share {share}, exit code {code})")
        self.name = name


class Crew(Protocol):
    """Several processes that build the shares of one replay."""

    def start(self, goal: int, *, onward: bool = False) -> None:
        """Let every share be built up to the goal; `onward`: and past it, as far as a good deal is recorded meanwhile.

        Only a share that is the whole can go onward: several have to come to the same position.
        """
        ...

    def wait(self, timeout: float) -> bool:
        """Return whether all shares have reached the goal, after so many seconds at most; raises Poisoned."""
        ...

    def stop(self) -> None:
        """End every process; what they have built stays."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built.

    At another `place` than the view's own (`replay_of`) it stands still when it is done, at the head or at `upto`, and
    takes nobody's place. `workers` is how many processes build it; what was begun with another number keeps that.
    `compare`: it is also held against the view in use, row by row. `apart`: even a single process that builds it is one
    of its own, unless there is so little to build that it would take longer to begin; who orders it goes on answering.
    """

    place: str | None = None
    upto: int | None = None
    workers: int = 1
    compare: bool = False
    apart: bool = False

    def is_apart(self, goal: int) -> bool:
        """Tell whether one process of its own builds up to this position."""
        return self.apart and goal >= APART


IN_PLACE = Order()
"""Build it and switch."""
Hire = Callable[[Building, Begun, Step, str], Crew]
"""How a crew is found for what was begun of a step at a place."""
