"""Where each view stands is one row, which moves in the transaction that changes the view's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LIVE = "views"
"""The place of the tables that are asked."""

State = Literal["running", "stopped", "building", "cancelled", "standing", "retired"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a view stands: `place` is `views` for the one in use, `replay_…` for one that is being built.

    `retired_…` is the one before the last switch, and `whatif_…` one that was built for its own sake and stands still.
    `generation` grows with every switch. `error` and `error_position` say why, and at which event, it stopped.
    """

    name: str
    place: str
    version: int
    generation: int
    checkpoint: int
    state: State
    error: str | None = None
    error_position: int | None = None


def replay_of(name: str) -> str:
    """Return the place at which the view's next table is built."""
    return f"replay_{name}"


def retired_of(name: str) -> str:
    """Return the place at which the view's table is kept that a switch has put out of use."""
    return f"retired_{name}"
