"""Who cancels a replay leaves nothing behind, whether somebody works on it or has died over it."""

from __future__ import annotations

import time

from services.folding import Step
from services.store.building import Building
from services.store.places import replay_of
from services.store.views import ViewWriter

PATIENCE = 3.0
"""Seconds that whoever works on it has to drop it; who is dead has lost the lock by then (see `ViewWriter`)."""
_PAUSE = 0.1


def cancel_replay(writer: ViewWriter, step: Step, at: str | None = None) -> bool:
    """Cancel the replay of a view, whoever runs it, or drop what a killed one has left; False if there is none.

    What runs is dropped by the one who runs it, after the piece of work under way: that may be later than this returns.
    """
    writer.set_up()
    place = at or replay_of(step.name)
    building = Building(writer, step, place)
    if not building.say_cancelled():
        return False
    give_up = time.monotonic() + PATIENCE
    while (step.name, place) in writer.places():
        if writer.hold(f"replay of {place}"):
            building.drop()
            writer.let_go(f"replay of {place}")
        elif time.monotonic() > give_up:
            break
        else:
            time.sleep(_PAUSE)
    return True
