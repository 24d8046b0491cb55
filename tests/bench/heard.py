"""The trivial view that replay is measured with: for each source the position at which it was first heard."""

from __future__ import annotations

from domain.events import ClaimRecorded, Event, Recorded
from domain.projection import Projection
from domain.values import Fact
from services.folding import FoldStep


class Heard(Fact):
    """Where a source was first heard."""

    first: int


def keys(event: Event) -> tuple[str, ...]:
    """Return who speaks, if somebody does."""
    return (event.claim.source,) if isinstance(event, ClaimRecorded) else ()


def evolve(heard: Heard | None, key: str, recorded: Recorded) -> Heard:
    """Keep the first position; every later event leaves it as it is."""
    return heard or Heard(first=recorded.position)


HEARD = FoldStep(Projection("heard", 1, Heard, keys, evolve))
