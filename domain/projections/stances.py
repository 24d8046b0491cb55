"""For each source and question it is known when the source spoke of it, and how often its words came to an end.

What the source holds at a moment is not kept but judged, from its claims on the question, when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.claims import Claim, Question
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
)
from domain.projection import Column, Projection
from domain.values import ClaimId, Fact, Slug


class Spoken(Fact):
    """That a source spoke of a question: `claims` times, from position `first` to `last`, lastly in claim `latest`.

    `claims` counts all that was ever recorded, replacements of wrongly recorded claims included; `corrected`,
    `withdrawn` and `voided` count how many of these came to such an end.
    """

    source: Slug
    question: Question
    claims: int
    first: int
    last: int
    latest: ClaimId
    corrected: int = 0
    withdrawn: int = 0
    voided: int = 0


def key_of(source: str, question: Question) -> str:
    """Return the key: `fastaqim|minian/control`."""
    return f"{source}|{question.name}"


def keys(event: Event) -> tuple[str, ...]:
    """Return whose word on which question the event changes; a correction may touch two."""
    match event:
        case ClaimRecorded(claim=claim):
            return (key_of(claim.source, claim.question),)
        case ClaimCorrected(source=source, question=question, replacement=claim):
            return tuple(dict.fromkeys((key_of(source, question), key_of(claim.source, claim.question))))
        case ClaimWithdrawn(source=source, question=question) | ClaimVoided(source=source, question=question):
            return (key_of(source, question),)
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
            | RelationAsserted()
            | AssessmentMade()
            | EditionPublished()
            | TextErased()
        ):
            return ()


def evolve(spoken: Spoken | None, key: str, recorded: Recorded) -> Spoken | None:
    """Count what was said, and what of it came to an end."""
    event, position = recorded.event, recorded.position
    if isinstance(event, ClaimRecorded):
        return _said(spoken, event.claim, position)
    if isinstance(event, ClaimCorrected):
        if spoken is not None and key == key_of(event.source, event.question):
            spoken = spoken.model_copy(update={"corrected": spoken.corrected + 1})
        said = event.replacement
        return _said(spoken, said, position) if key == key_of(said.source, said.question) else spoken
    if spoken is not None and isinstance(event, ClaimWithdrawn):
        return spoken.model_copy(update={"withdrawn": spoken.withdrawn + 1})
    if spoken is not None and isinstance(event, ClaimVoided):
        return spoken.model_copy(update={"voided": spoken.voided + 1})
    return spoken


def _said(spoken: Spoken | None, claim: Claim, position: int) -> Spoken:
    if spoken is None:
        return Spoken(
            source=claim.source, question=claim.question, claims=1, first=position, last=position, latest=claim.id
        )
    return spoken.model_copy(update={"claims": spoken.claims + 1, "last": position, "latest": claim.id})


def columns(spoken: Spoken) -> Mapping[str, Column]:
    """Return what a source's words are searched by."""
    return {
        "source": spoken.source,
        "location": spoken.question.location,
        "aspect": spoken.question.aspect,
        "subject": spoken.question.subject,
        "first": spoken.first,
    }


projection = Projection("stances", 1, Spoken, keys, evolve, columns)
