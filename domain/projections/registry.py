"""Every version of every registry entry is kept as it was taken in, so that any past registry can be built again."""

from __future__ import annotations

from datetime import datetime

from domain.events import (
    AffiliationAsserted,
    AffiliationEnded,
    AspectRegistered,
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    DocumentArchived,
    EditionPublished,
    Event,
    LeanDeclared,
    LeanEnded,
    LocationLinked,
    LocationLinkEnded,
    LocationRegistered,
    Recorded,
    RelationAsserted,
    SourceRated,
    SourceRegistered,
    StoryRegistered,
    TextErased,
    stream_of,
)
from domain.projection import Projection, names_of
from domain.values import Fact


class Entry(Fact):
    """The last that was entered about a thing; `domain.registry.Registry` is built from all rows, by `since`."""

    recorded: datetime
    event: Event


def keys(event: Event) -> tuple[str, ...]:
    """Return the stream of an event of the registry."""
    match event:
        case (
            SourceRegistered()
            | AffiliationAsserted()
            | AffiliationEnded()
            | LeanDeclared()
            | LeanEnded()
            | SourceRated()
            | LocationRegistered()
            | LocationLinked()
            | LocationLinkEnded()
            | AspectRegistered()
            | DocumentArchived()
            | StoryRegistered()
        ):
            return (stream_of(event),)
        case (
            ClaimRecorded()
            | ClaimCorrected()
            | ClaimWithdrawn()
            | ClaimVoided()
            | RelationAsserted()
            | AssessmentMade()
            | EditionPublished()
            | TextErased()
        ):
            return ()


def evolve(entry: Entry | None, key: str, recorded: Recorded) -> Entry:
    """Keep the event itself: what was entered before is the row before."""
    del entry, key
    return Entry(recorded=recorded.recorded, event=recorded.event)


_READS = names_of(
    SourceRegistered,
    AffiliationAsserted,
    AffiliationEnded,
    LeanDeclared,
    LeanEnded,
    SourceRated,
    LocationRegistered,
    LocationLinked,
    LocationLinkEnded,
    AspectRegistered,
    DocumentArchived,
    StoryRegistered,
)

projection = Projection("registry", 1, Entry, keys, evolve, reads=_READS)
