"""Every fact that the ledger can hold; a stored name is for ever.

The `type` literal is the stored name. A class may be renamed, the literal never. A changed shape is a new class with a
new literal (`.v2`), one function in `domain/upcasts.py` and one new file in `tests/fossils/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from domain.aspects import Aspect
from domain.claims import Claim, Question, Relation
from domain.entries import (
    Affiliation,
    Assessment,
    Document,
    Edition,
    Lean,
    Location,
    LocationLink,
    Rating,
    Source,
    Story,
)
from domain.values import ClaimId, EdgeId, Fact, Passage, Plain, Sha256, Slug, Text, When


class SourceRegistered(Fact):
    """The desk entered a source, or revised what it knows of it."""

    type: Literal["source-registered.v1"] = "source-registered.v1"
    source: Source


class AffiliationAsserted(Fact):
    """The desk holds that two sources are tied."""

    type: Literal["affiliation-asserted.v1"] = "affiliation-asserted.v1"
    affiliation: Affiliation


class AffiliationEnded(Fact):
    """A tie ended: with `at` it held until then, without it the tie never was."""

    type: Literal["affiliation-ended.v1"] = "affiliation-ended.v1"
    affiliation: EdgeId
    from_: Slug = Field(alias="from")
    to: Slug
    at: When | None = None
    tz: Plain = "UTC"


class LeanDeclared(Fact):
    """The desk holds that a source is biased towards a party."""

    type: Literal["lean-declared.v1"] = "lean-declared.v1"
    lean: Lean


class LeanEnded(Fact):
    """The desk no longer holds that the source is biased so."""

    type: Literal["lean-ended.v1"] = "lean-ended.v1"
    source: Slug
    towards: Slug


class SourceRated(Fact):
    """The desk graded a source on a scale."""

    type: Literal["source-rated.v1"] = "source-rated.v1"
    rating: Rating


class LocationRegistered(Fact):
    """The desk entered a place, or revised what it knows of it."""

    type: Literal["location-registered.v1"] = "location-registered.v1"
    location: Location


class LocationLinked(Fact):
    """The desk holds that one place is part of, near or beside another."""

    type: Literal["location-linked.v1"] = "location-linked.v1"
    link: LocationLink


class LocationLinkEnded(Fact):
    """The desk no longer holds that the places are so linked."""

    type: Literal["location-link-ended.v1"] = "location-link-ended.v1"
    link: LocationLink


class AspectRegistered(Fact):
    """The desk entered an aspect, or revised its rules."""

    type: Literal["aspect-registered.v1"] = "aspect-registered.v1"
    aspect: Aspect


class DocumentArchived(Fact):
    """The desk keeps a document, with its text or only with its hash."""

    type: Literal["document-archived.v1"] = "document-archived.v1"
    document: Document


class StoryRegistered(Fact):
    """The desk opened a story, or revised what it follows."""

    type: Literal["story-registered.v1"] = "story-registered.v1"
    story: Story


class ClaimRecorded(Fact):
    """A source said something about a location, and the desk wrote it down."""

    type: Literal["claim-recorded.v1"] = "claim-recorded.v1"
    claim: Claim


class ClaimCorrected(Fact):
    """The desk had written a claim down wrongly; the replacement is what was said."""

    type: Literal["claim-corrected.v1"] = "claim-corrected.v1"
    claim: ClaimId
    question: Question
    source: Slug
    replacement: Claim
    reason: Passage


class ClaimWithdrawn(Fact):
    """The source (or `by`, where it is known) took its words back. (The desk's own mistakes are ClaimCorrected.)"""

    type: Literal["claim-withdrawn.v1"] = "claim-withdrawn.v1"
    claim: ClaimId
    question: Question
    source: Slug
    reason: Passage
    by: Slug | None = None


class ClaimVoided(Fact):
    """The words were never the source's: fabricated, or spoken by an impostor."""

    type: Literal["claim-voided.v1"] = "claim-voided.v1"
    claim: ClaimId
    question: Question
    source: Slug
    reason: Passage


class RelationAsserted(Fact):
    """The desk saw how a recorded claim stands to another one."""

    type: Literal["relation-asserted.v1"] = "relation-asserted.v1"
    claim: ClaimId
    question: Question
    source: Slug
    relation: Relation


class AssessmentMade(Fact):
    """An editor gave a verdict on a question."""

    type: Literal["assessment-made.v1"] = "assessment-made.v1"
    assessment: Assessment


class EditionPublished(Fact):
    """A story was published; what it relied on is pinned."""

    type: Literal["edition-published.v1"] = "edition-published.v1"
    edition: Edition


class TextErased(Fact):
    """A text had to go; whatever refers to it keeps its hash."""

    type: Literal["text-erased.v1"] = "text-erased.v1"
    sha256: Sha256
    reason: Passage


Event = Annotated[
    SourceRegistered
    | AffiliationAsserted
    | AffiliationEnded
    | LeanDeclared
    | LeanEnded
    | SourceRated
    | LocationRegistered
    | LocationLinked
    | LocationLinkEnded
    | AspectRegistered
    | DocumentArchived
    | StoryRegistered
    | ClaimRecorded
    | ClaimCorrected
    | ClaimWithdrawn
    | ClaimVoided
    | RelationAsserted
    | AssessmentMade
    | EditionPublished
    | TextErased,
    Field(discriminator="type"),
]

EVENTS: dict[str, type[Fact]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(Event)[0]) if issubclass(kind, Fact)
}
"""Stored name → class, for every shape that is written today."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place: `position` is the order, `recorded` (UTC) is for people, `by` is who let it in."""

    position: int
    recorded: datetime
    event: Event
    by: str | None = None


def stream_of(event: Event) -> str:  # noqa: C901 (one arm for each event)
    """Return the stream, one per thing, that the event belongs to."""
    if isinstance(event, ClaimRecorded):
        return f"claim/{event.claim.id}"
    match event:
        case SourceRegistered(source=Source(slug=source)) | SourceRated(rating=Rating(source=source)):
            return f"source/{source}"
        case AffiliationAsserted(affiliation=affiliation):
            return f"affiliation/{affiliation.id}"
        case AffiliationEnded(affiliation=edge):
            return f"affiliation/{edge}"
        case LeanDeclared(lean=lean):
            return f"lean/{lean.source}/{lean.towards}"
        case LeanEnded(source=source, towards=towards):
            return f"lean/{source}/{towards}"
        case LocationRegistered(location=location):
            return f"location/{location.slug}"
        case LocationLinked(link=link) | LocationLinkEnded(link=link):
            return f"link/{link.name}"
        case AspectRegistered(aspect=aspect):
            return f"aspect/{aspect.name}"
        case DocumentArchived(document=document):
            return f"document/{document.sha256}"
        case StoryRegistered(story=story):
            return f"story/{story.slug}"
        case EditionPublished(edition=edition):
            return f"story/{edition.story}"
        case (
            ClaimCorrected(claim=claim)
            | ClaimWithdrawn(claim=claim)
            | ClaimVoided(claim=claim)
            | RelationAsserted(claim=claim)
        ):
            return f"claim/{claim}"
        case AssessmentMade(assessment=assessment):
            return f"assessment/{assessment.id}"
        case TextErased(sha256=sha256):
            return f"text/{sha256}"


def texts_of(event: Event) -> Iterator[Text]:
    """Yield the texts that an event refers to, which are kept beside it."""
    match event:
        case ClaimRecorded(claim=claim) | ClaimCorrected(replacement=claim):
            texts = (claim.statement, claim.quote.exact if claim.quote else None)
        case DocumentArchived(document=document):
            texts = (document.text,)
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
            | StoryRegistered()
            | ClaimWithdrawn()
            | ClaimVoided()
            | RelationAsserted()
            | AssessmentMade()
            | EditionPublished()
            | TextErased()
        ):
            texts = ()
    yield from (text for text in texts if text)
