"""What is recorded names sources, places, aspects and documents, and means nothing where these are not known."""

from __future__ import annotations

from collections.abc import Iterator

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
    RelationAsserted,
    SourceRated,
    SourceRegistered,
    StoryRegistered,
    TextErased,
)
from domain.registry_view import RegistryView


def named_by(event: Event, view: RegistryView) -> Iterator[str]:  # noqa: C901 (one arm for each event)
    """Yield the streams of whatever of the registry the event names: `source/reuters`, `document/…`.

    Stories are not among them: which stories a claim is of is not what it says.
    """
    match event:
        case ClaimRecorded(claim=claim) | ClaimCorrected(replacement=claim):
            yield from _by_claim(claim, view)
        case ClaimWithdrawn(by=by):
            yield from (f"source/{source}" for source in (by,) if source is not None)
        case AffiliationAsserted(affiliation=tie):
            yield from (f"source/{tie.from_}", f"source/{tie.to}")
        case AffiliationEnded(affiliation=tie, from_=from_, to=to):
            yield from (f"affiliation/{tie}", f"source/{from_}", f"source/{to}")
        case LeanDeclared(lean=lean):
            yield from (f"source/{lean.source}", f"source/{lean.towards}")
        case LeanEnded(source=source, towards=towards):
            yield from (f"source/{source}", f"source/{towards}")
        case LocationLinked(link=link) | LocationLinkEnded(link=link):
            yield from (f"location/{link.from_}", f"location/{link.to}")
        case AspectRegistered(aspect=aspect):
            yield from (f"aspect/{other.aspect}" for other in (*aspect.implies, *aspect.tension))
        case DocumentArchived(document=document):
            yield from (f"source/{source}" for source in (document.source,) if source is not None)
        case StoryRegistered(story=story):
            for question in story.questions:
                yield from _by_question(question)
        case AssessmentMade(assessment=assessment):
            yield from _by_question(assessment.question)
        case (
            SourceRegistered()
            | SourceRated()
            | LocationRegistered()
            | ClaimVoided()
            | RelationAsserted()
            | EditionPublished()
            | TextErased()
        ):
            return


def _by_claim(claim: Claim, view: RegistryView) -> Iterator[str]:
    yield from (f"source/{link.source}" for link in claim.chain)
    yield from (f"source/{slug}" for slug in (*(claim.favours or ()), *(claim.against or ())))
    yield from _by_question(claim.question)
    if claim.quote is not None:
        yield f"document/{claim.quote.document}"
    aspect = view.aspect(claim.question.aspect)
    if claim.value is not None and aspect is not None and aspect.values == "sources":
        yield f"source/{claim.value}"


def _by_question(question: Question) -> Iterator[str]:
    yield from (f"location/{question.location}", f"aspect/{question.aspect}")
    if question.subject is not None:
        # Often a source; where it is none, nothing of that name was registered.
        yield f"source/{question.subject}"
