"""Of each aspect it is known how many claims were recorded on it, and which was the last."""

from collections.abc import Mapping

from domain.events import ClaimRecorded, Event, Recorded
from domain.projection import Column, Projection
from domain.values import ClaimId, Fact


class Tally(Fact):
    """How many claims were recorded on an aspect, and the last of them."""

    claims: int
    last: ClaimId


def keys(event: Event) -> tuple[str, ...]:
    """Return the aspect of a claim; nothing else is counted."""
    return (event.claim.question.aspect,) if isinstance(event, ClaimRecorded) else ()


def evolve(tally: Tally | None, key: str, recorded: Recorded) -> Tally | None:
    """Count one more."""
    event = recorded.event
    if not isinstance(event, ClaimRecorded):
        return tally
    return Tally(claims=(tally.claims if tally else 0) + 1, last=event.claim.id)


def columns(tally: Tally) -> Mapping[str, Column]:
    """Return what `tallies.sql` adds to every view's columns."""
    return {"claims": tally.claims}


projection = Projection("tallies", 1, Tally, keys, evolve, columns)
