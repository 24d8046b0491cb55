"""Which questions an event may have changed the belief on, so that no other needs to be judged again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.belief.picture import Dirty
from domain.belief.words import times_of
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
from domain.times import read


@dataclass(frozen=True, slots=True)
class Affected:
    """What an event touches, as far as the event and the registry tell; whoever holds the views fills in the rest.

    `questions` are touched themselves. `claims` are named by it: the questions of these claims, and of claims that name
    them, step by step (who carries a carrier has the voice of the origin), are touched at any time. `sources`: so are
    all questions in which one of these, or of their relatives, speaks or is spoken of. `locations` and `aspects`: so
    are all known questions there. `parts`: the same aspect's known questions at these parts of a place. `dirty` is
    the first instant touched of `questions` and `parts`; None is all of time.
    """

    questions: frozenset[Question] = frozenset()
    claims: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    aspects: frozenset[str] = frozenset()
    parts: frozenset[Question] = frozenset()
    dirty: Dirty = Dirty()


def affected(event: Event, view: RegistryView) -> Affected:  # noqa: C901 (one arm for each event)
    """Return what the event touches."""
    match event:
        case ClaimRecorded(claim=claim):
            return _by_claim(view, claim)
        case ClaimCorrected(claim=old, question=question, replacement=claim):
            new = _by_claim(view, claim)
            questions = new.questions | spoken_on(view, question)
            return Affected(questions=questions, claims=new.claims | {old}, parts=_parts(view, questions))
        case ClaimWithdrawn(claim=claim, question=question) | ClaimVoided(claim=claim, question=question):
            questions = spoken_on(view, question)
            return Affected(questions=questions, claims=frozenset({claim}), parts=_parts(view, questions))
        case RelationAsserted(claim=claim, question=question):
            questions = spoken_on(view, question)
            return Affected(questions=questions, claims=frozenset({claim}), parts=_parts(view, questions))
        case AssessmentMade(assessment=assessment):
            return Affected(questions=frozenset({assessment.question}))
        case SourceRegistered(source=source):
            return Affected(sources=frozenset({source.slug}))
        case AffiliationAsserted(affiliation=tie):
            return Affected(sources=frozenset({tie.from_, tie.to}))
        case AffiliationEnded() as ended:
            return Affected(sources=frozenset({ended.from_, ended.to}))
        case LeanDeclared(lean=lean):
            return Affected(sources=frozenset({lean.source, lean.towards}))
        case LeanEnded(source=slug, towards=towards):
            return Affected(sources=frozenset({slug, towards}))
        case LocationLinked(link=link):
            within = frozenset({link.from_, *view.parts(link.from_)})
            return Affected(locations=within if link.relation == "part_of" else frozenset())
        case LocationLinkEnded(link=link):
            return Affected(locations=_around(view, link.from_, link.to) if link.relation == "part_of" else frozenset())
        case AspectRegistered(aspect=aspect):
            return Affected(aspects=frozenset({aspect.name, *(rule.aspect for rule in aspect.implies)}))
        case (
            LocationRegistered()
            | SourceRated()
            | DocumentArchived()
            | StoryRegistered()
            | EditionPublished()
            | TextErased()
        ):
            return Affected()


def touched_by(view: RegistryView, claim: Claim) -> Dirty:
    """Return the instants that the claim can have touched, or that it touches by being taken back."""
    return _by_claim(view, claim).dirty._replace(claim=None)


def _by_claim(view: RegistryView, claim: Claim) -> Affected:
    questions = spoken_on(view, claim.question)
    starts: list[datetime | None] = []
    for name in {question.aspect for question in questions}:
        aspect = view.aspect(name)
        if aspect is not None:
            interval, stated = times_of(claim, aspect)
            starts.append(stated if aspect.kind == "plan" else interval.start)
    known = [start for start in starts if start is not None]
    return Affected(
        questions=questions,
        claims=frozenset({claim.id}),
        parts=_parts(view, questions),
        dirty=Dirty(
            min(known) if len(known) == len(starts) and known else None,
            read(claim.valid.edtf, claim.tz).as_occurrence().end,
            claim.id,
        ),
    )


def spoken_on(view: RegistryView, question: Question) -> frozenset[Question]:
    """Return the questions that a claim on this one can count for: it, those implied, and the wholes' above."""
    found = {question}
    aspect = view.aspect(question.aspect)
    for rule in aspect.implies if aspect else ():
        found.add(Question(location=question.location, aspect=rule.aspect))
    return frozenset(found | {up for one in found for up in _upwards(view, one)})


def _upwards(view: RegistryView, question: Question) -> Iterator[Question]:
    aspect = view.aspect(question.aspect)
    if aspect and aspect.inherits and aspect.inherits.direction == "up":
        for whole in view.surroundings(question.location):
            yield question.model_copy(update={"location": whole})


def _parts(view: RegistryView, questions: frozenset[Question]) -> frozenset[Question]:
    found: set[Question] = set()
    for question in questions:
        aspect = view.aspect(question.aspect)
        if aspect and aspect.inherits and aspect.inherits.direction == "down":
            found |= {question.model_copy(update={"location": part}) for part in view.parts(question.location)}
    return frozenset(found)


def _around(view: RegistryView, part: str, whole: str) -> frozenset[str]:
    """Return the places whose beliefs the end of a link can touch: the part and its parts, the whole and its wholes.

    The beginning of one touches what was said of the part and its parts, and what that counts for from then on.
    """
    return frozenset({part, *view.parts(part), whole, *view.surroundings(whole)})
