"""A projection that cannot take in one event, where another process can find it too."""

from __future__ import annotations

from dataclasses import replace

from domain.events import ClaimRecorded, Event, Recorded
from domain.standing import Standing
from domain.standing import evolve as evolve_standing
from services.catalogue import found_projections
from services.folding import FoldStep

POISONER = "army"
"""Who makes the claim that the projection cannot take in."""


def evolve(standing: Standing | None, key: str, recorded: Recorded) -> Standing | None:
    if _is_poison(recorded.event):
        raise KeyError("what is this?")
    return evolve_standing(standing, key, recorded)


def _is_poison(event: Event) -> bool:
    return isinstance(event, ClaimRecorded) and event.claim.source == POISONER


def poisoned_claims() -> FoldStep:
    """The step of the claims, but for that event."""
    step = found_projections()["claims"]
    return replace(step, projection=replace(step.projection, evolve=evolve))
