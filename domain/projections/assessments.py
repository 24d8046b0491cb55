"""Each verdict of an editor is kept, found by its question."""

from __future__ import annotations

from collections.abc import Mapping

from domain.entries import Assessment
from domain.events import AssessmentMade, Event, Recorded
from domain.projection import Column, Projection, names_of
from domain.values import Fact


class Assessed(Fact):
    """A verdict, and the position at which the ledger took it in."""

    position: int
    assessment: Assessment


def keys(event: Event) -> tuple[str, ...]:
    """Return the name of the assessment."""
    return (event.assessment.id,) if isinstance(event, AssessmentMade) else ()


def evolve(assessed: Assessed | None, key: str, recorded: Recorded) -> Assessed | None:
    """Keep the verdict; one given again under the same name stands in place of the one before."""
    del key
    event = recorded.event
    if isinstance(event, AssessmentMade):
        return Assessed(position=recorded.position, assessment=event.assessment)
    return assessed


def columns(assessed: Assessed) -> Mapping[str, Column]:
    """Return what a verdict is searched by."""
    question = assessed.assessment.question
    return {
        "location": question.location,
        "aspect": question.aspect,
        "subject": question.subject,
        "position": assessed.position,
    }


projection = Projection("assessments", 1, Assessed, keys, evolve, columns, reads=names_of(AssessmentMade))
