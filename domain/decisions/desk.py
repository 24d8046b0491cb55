"""What the desk keeps and publishes: documents, stories, verdicts, editions; and texts that have to go."""

from __future__ import annotations

from collections.abc import Iterator

from domain.claims import Question
from domain.commands import ArchiveDocument, EraseText, MakeAssessment, PublishEdition, RegisterStory, entry_of
from domain.decisions.checks import require_aspects, require_locations, require_sources, require_stories, require_times
from domain.decisions.fitting import checked_answer
from domain.decisions.known import Known, says_the_same
from domain.entries import Assessment, Document, Edition, Story
from domain.events import AssessmentMade, DocumentArchived, EditionPublished, Event, StoryRegistered, TextErased
from domain.refusals import (
    AlreadyRecorded,
    EditionOutOfOrder,
    HashDoesNotFit,
    Place,
    Problem,
    TextNotHeld,
    UnknownClaim,
    pointer,
    refuse_if_any,
)
from domain.values import Text


def decide_document(command: ArchiveDocument, known: Known) -> tuple[Event, ...]:
    """Archive the document, add its text to the hash, or revise what is known of it.

    A text that was archived is not dropped by sending the document without it, and one that was erased does not come
    back by sending it again.
    """
    document = entry_of(command, Document)
    if document.text is not None and document.text.sha256 != document.sha256:
        raise HashDoesNotFit(
            Problem(pointer("sha256"), "the hash is not that of the text (UTF-8)", document.text.sha256)
        )
    if document.source is not None:
        require_sources(known, [(("source",), document.source)])
    require_times(document.tz, [(("published",), document.published)])
    before = known.registry.document(document.sha256)
    if before is not None and before.text is not None:
        document = document.model_copy(update={"text": Text(sha256=document.sha256)})
    return () if says_the_same(before, document) else (DocumentArchived(document=document),)


def decide_story(command: RegisterStory, known: Known) -> tuple[Event, ...]:
    """Open the story, or revise it if anything is new."""
    story = entry_of(command, Story)
    if says_the_same(known.registry.story(story.slug), story):
        return ()
    if story.tz is not None:
        require_times(story.tz, ())
    _require_questions(known, [(("questions", n), question) for n, question in enumerate(story.questions)])
    return (StoryRegistered(story=story),)


def decide_assessment(command: MakeAssessment, known: Known) -> tuple[Event, ...]:
    """Record a verdict under a new id; its value or quantity is one that the aspect takes."""
    assessment = entry_of(command, Assessment)
    before = known.assessment(assessment.id)
    if before is None:
        require_times(assessment.tz, [(("valid",), assessment.valid)])
        return (AssessmentMade(assessment=_with_least(known, assessment)),)
    if assessment.quantity is not None and assessment.quantity.min is None and before.quantity is not None:
        quantity = assessment.quantity.model_copy(update={"min": before.quantity.min})
        assessment = assessment.model_copy(update={"quantity": quantity})
    if says_the_same(before, assessment):
        return ()
    raise AlreadyRecorded(
        Problem(pointer("id"), f"the assessment {assessment.id!r} is recorded with other content", "an id of its own")
    )


def decide_edition(command: PublishEdition, known: Known) -> tuple[Event, ...]:
    """Publish the next edition of a story; it cites claims that were recorded by the position that it pins.

    The same edition sent again, with its number, is the same edition.
    """
    require_stories(known, [(("story",), command.story)])
    require_times(command.tz, [(("published",), command.published)])
    published = known.editions(command.story)
    if command.number is not None and command.number <= len(published):
        before = published[command.number - 1]
        if says_the_same(before, entry_of(command, Edition)):
            return ()
    number = len(published) + 1
    refuse_if_any(EditionOutOfOrder, _out_of_order(command, number, known.head))
    refuse_if_any(UnknownClaim, _uncitable(command, known))
    _require_questions(
        known, [(("beliefs", n, "question"), belief.question) for n, belief in enumerate(command.beliefs)]
    )
    return (EditionPublished(edition=entry_of(command.model_copy(update={"number": number}), Edition)),)


def decide_erasure(command: EraseText, known: Known) -> tuple[Event, ...]:
    """Erase a text or an identity that is held, or (if the caller says so) one that may come.

    Else a hash of which nothing is held is refused and not passed over: a slip of the pen in it must not look like
    success while the text is still there.
    """
    if known.is_erased(command.sha256):
        return ()
    held = known.text(command.sha256) is not None or known.identity(command.sha256) is not None
    if not held and not command.also_absent:
        raise TextNotHeld(
            Problem(
                pointer("sha256"),
                f"no text of the hash {command.sha256} is held here",
                "the hash of a document's text, a statement or a quote that is held, or the commitment of a source",
            )
        )
    return (TextErased(sha256=command.sha256, reason=command.reason),)


def _with_least(known: Known, assessment: Assessment) -> Assessment:
    quantity = checked_answer(known, assessment.question, assessment.value, assessment.quantity)
    return assessment if quantity is assessment.quantity else assessment.model_copy(update={"quantity": quantity})


def _require_questions(known: Known, questions: list[tuple[Place, Question]]) -> None:
    require_locations(known, [((*at, "location"), question.location) for at, question in questions])
    require_aspects(known, [((*at, "aspect"), question.aspect) for at, question in questions])


def _out_of_order(command: PublishEdition, number: int, head: int) -> Iterator[Problem]:
    if command.number is not None and command.number != number:
        yield Problem(
            pointer("number"), f"the next edition of {command.story!r} is number {number}", f"{number}, or no number"
        )
    if command.as_of > head:
        yield Problem(pointer("as_of"), f"the ledger ends at position {head}", f"a position up to {head}")
    if command.corrects is not None and command.corrects >= number:
        yield Problem(
            pointer("corrects"), f"edition {command.corrects} is not an earlier one", f"a number less than {number}"
        )


def _uncitable(command: PublishEdition, known: Known) -> Iterator[Problem]:
    for n, claim in enumerate(command.claims):
        standing = known.claim(claim)
        if standing is None or standing.recorded > command.as_of:
            yield Problem(
                pointer("claims", n),
                f"the claim {claim} was not recorded by position {command.as_of}",
                "a claim recorded by the position that the edition pins",
            )
