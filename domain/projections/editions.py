"""Each edition is kept with what it relied on, so that whatever changes later finds the editions it affects."""

from __future__ import annotations

from collections.abc import Mapping

from domain.entries import Edition
from domain.events import EditionPublished, Event, Recorded
from domain.projection import Column, Projection, names_of
from domain.values import Fact


class Published(Fact):
    """An edition, and the position at which the ledger took it in."""

    position: int
    edition: Edition


def keys(event: Event) -> tuple[str, ...]:
    """Return the edition: `aleppo/1`."""
    return (f"{event.edition.story}/{event.edition.number}",) if isinstance(event, EditionPublished) else ()


def evolve(published: Published | None, key: str, recorded: Recorded) -> Published | None:
    """Keep the edition."""
    del key
    event = recorded.event
    if isinstance(event, EditionPublished):
        return Published(position=recorded.position, edition=event.edition)
    return published


def columns(published: Published) -> Mapping[str, Column]:
    """Return what an edition is searched by: its story and number, the claims cited and the questions relied on."""
    edition = published.edition
    return {
        "story": edition.story,
        "number": edition.number,
        "claims": edition.claims,
        "questions": tuple(dict.fromkeys(belief.question.name for belief in edition.beliefs)),
        "position": published.position,
    }


projection = Projection("editions", 1, Published, keys, evolve, columns, reads=names_of(EditionPublished))
