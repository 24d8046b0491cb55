"""Each question that a story gathers is known, whether the desk declared it or a claim brought it in."""

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
from domain.values import Fact, Slug


class Gathered(Fact):
    """That a story gathers a question since position `first`.

    `declared` is the position of the last revision of the story that names the question; `claims` counts the claims
    that brought it, whatever became of them: a question whose only claim was corrected stays, and is unreported.
    """

    story: Slug
    question: Question
    first: int
    declared: int | None = None
    claims: int = 0

    def followed(self, registered: int | None) -> bool:
        """Tell whether the story follows the question, `registered` being the position of its revision in force.

        A question that only an earlier revision named is not followed any more, unless a claim brought it as well.
        """
        return self.claims > 0 or (self.declared is not None and self.declared == registered)


def key_of(story: str, question: Question) -> str:
    """Return the key: `aleppo|minian/control`."""
    return f"{story}|{question.name}"


def _of_claim(claim: Claim) -> tuple[str, ...]:
    return tuple(key_of(story, claim.question) for story in claim.story)


def keys(event: Event) -> tuple[str, ...]:
    """Return the questions that the event brings to a story."""
    match event:
        case StoryRegistered(story=story):
            return tuple(dict.fromkeys(key_of(story.slug, question) for question in story.questions))
        case ClaimRecorded(claim=claim) | ClaimCorrected(replacement=claim):
            return _of_claim(claim)
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
            | ClaimWithdrawn()
            | ClaimVoided()
            | RelationAsserted()
            | AssessmentMade()
            | EditionPublished()
            | TextErased()
        ):
            return ()


def evolve(gathered: Gathered | None, key: str, recorded: Recorded) -> Gathered | None:
    """Remember that the question was declared, or count one more claim."""
    event, position = recorded.event, recorded.position
    if isinstance(event, StoryRegistered):
        question = next(one for one in event.story.questions if key_of(event.story.slug, one) == key)
        known = gathered or Gathered(story=event.story.slug, question=question, first=position)
        return known.model_copy(update={"declared": position})
    if isinstance(event, ClaimRecorded | ClaimCorrected):
        claim = event.claim if isinstance(event, ClaimRecorded) else event.replacement
        story = key.partition("|")[0]
        known = gathered or Gathered(story=story, question=claim.question, first=position)
        return known.model_copy(update={"claims": known.claims + 1})
    return gathered


def columns(gathered: Gathered) -> Mapping[str, Column]:
    """Return what a story's questions are searched by."""
    return {
        "story": gathered.story,
        "location": gathered.question.location,
        "aspect": gathered.question.aspect,
        "subject": gathered.question.subject,
        "first": gathered.first,
    }


projection = Projection("stories", 1, Gathered, keys, evolve, columns)
