"""What the desk keeps and prints fits what is recorded; a text that must go goes, and its hash stays."""

import pytest

from domain.commands import Command
from domain.events import AssessmentMade, DocumentArchived, EditionPublished, TextErased
from domain.refusals import (
    AlreadyRecorded,
    EditionOutOfOrder,
    HashDoesNotFit,
    NotATime,
    NotAValue,
    Refusal,
    TextNotHeld,
    UnknownAspect,
    UnknownClaim,
    UnknownLocation,
    UnknownSource,
    UnknownStory,
)
from domain.values import sha256_of
from support.builders import about, assesses, document, erases, publishes, says, small_world, story, withdraws
from support.ledger import PaperLedger

TEXT = "They hold the hills."


@pytest.fixture
def ledger() -> PaperLedger:
    return small_world()


def refused(ledger: PaperLedger, command: Command, kind: type[Refusal]) -> Refusal:
    before = ledger.head
    with pytest.raises(kind) as caught:
        ledger.apply(command)
    assert ledger.head == before
    return caught.value


def at(refusal: Refusal) -> list[str]:
    return [problem.pointer for problem in refusal.problems]


# ---- documents and texts ----


def test_the_hash_of_a_document_is_that_of_its_text(ledger: PaperLedger) -> None:
    assert at(refused(ledger, document(TEXT, sha256=sha256_of("another")), HashDoesNotFit)) == ["/sha256"]


def test_a_document_has_a_registered_source_and_a_readable_time(ledger: PaperLedger) -> None:
    assert at(refused(ledger, document(TEXT, source="nobody"), UnknownSource)) == ["/source"]
    assert at(refused(ledger, document(TEXT, published={"edtf": "?"}), NotATime)) == ["/published/edtf"]


def test_the_same_document_again_is_nothing_new(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT))
    assert ledger.apply(document(TEXT)) == ()


def test_the_text_may_come_after_its_hash(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT, held=False))
    (event,) = (one.event for one in ledger.apply(document(TEXT)))
    assert isinstance(event, DocumentArchived)
    assert ledger.text(sha256_of(TEXT)) == TEXT


def test_a_text_is_not_dropped_by_sending_the_document_without_it(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT))
    assert ledger.apply(document(TEXT, held=False)) == ()
    ledger.apply(document(TEXT, held=False, title="The hills"))
    kept = ledger.registry.document(sha256_of(TEXT))
    assert kept is not None
    assert (kept.title, kept.text is not None) == ("The hills", True)


def test_a_text_is_erased_and_does_not_come_back(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT))
    (event,) = (one.event for one in ledger.apply(erases(TEXT)))
    assert isinstance(event, TextErased)
    assert ledger.apply(document(TEXT)) == ()
    assert ledger.text(sha256_of(TEXT)) is None


def test_the_statement_of_a_claim_may_be_erased(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", statement=TEXT))
    assert ledger.apply(erases(TEXT))


def test_erasing_what_is_not_held_is_refused_so_that_a_wrong_hash_is_noticed(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT, held=False))
    assert at(refused(ledger, erases(TEXT), TextNotHeld)) == ["/sha256"]


def test_erasing_it_again_is_nothing_new(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT), erases(TEXT))
    assert ledger.apply(erases(TEXT)) == ()


def test_a_copy_of_a_ledger_erases_what_it_never_held(ledger: PaperLedger) -> None:
    ledger.apply(document(TEXT, held=False))
    assert ledger.apply(erases(TEXT).model_copy(update={"also_absent": True}))


# ---- stories ----


def test_the_same_story_again_is_nothing_new(ledger: PaperLedger) -> None:
    assert ledger.apply(story("hills", "minian/control"))
    assert ledger.apply(story("hills", "minian/control")) == ()
    assert ledger.apply(story("hills", "minian/control", "minian/strike/army"))


def test_a_story_asks_about_known_places_and_aspects(ledger: PaperLedger) -> None:
    assert at(refused(ledger, story("hills", "atlantis/control"), UnknownLocation)) == ["/questions/0/location"]
    assert at(refused(ledger, story("hills", "minian/weather"), UnknownAspect)) == ["/questions/0/aspect"]


def test_a_story_has_a_readable_zone(ledger: PaperLedger) -> None:
    assert at(refused(ledger, story("hills", tz="Nowhere"), NotATime)) == ["/tz"]


# ---- assessments ----


def test_a_verdict_is_recorded_once(ledger: PaperLedger) -> None:
    (event,) = (one.event for one in ledger.apply(assesses("a1", "minian/control", "army")))
    assert isinstance(event, AssessmentMade)
    assert ledger.apply(assesses("a1", "minian/control", "army")) == ()
    assert at(refused(ledger, assesses("a1", "minian/control", "rebels"), AlreadyRecorded)) == ["/id"]


def test_a_verdict_is_one_that_the_aspect_takes(ledger: PaperLedger) -> None:
    refused(ledger, assesses("a1", "minian/fighting", "heavy"), NotAValue)
    refused(ledger, assesses("a1", "minian/control", "nobody"), UnknownSource)
    refused(ledger, assesses("a1", "atlantis/control", "army"), UnknownLocation)
    refused(ledger, assesses("a1", "minian/control", "army", valid={"edtf": "once"}), NotATime)


def test_a_vague_word_in_a_verdict_gets_its_number(ledger: PaperLedger) -> None:
    verdict = assesses("a1", "minian/casualties", quantity={"verbatim": "dozens"})
    ledger.apply(verdict)
    made = ledger.assessment("a1")
    assert made is not None
    assert made.quantity is not None
    assert made.quantity.min == 12
    assert ledger.apply(verdict) == ()


# ---- editions ----


@pytest.fixture
def newsroom(ledger: PaperLedger) -> PaperLedger:
    ledger.apply(story("hills", "minian/control"), says("sohr", "ongoing", claim="c1"))
    return ledger


def numbers(ledger: PaperLedger, command: Command) -> list[int]:
    events = [one.event for one in ledger.apply(command)]
    return [event.edition.number for event in events if isinstance(event, EditionPublished)]


def test_the_same_edition_again_is_the_same_edition(newsroom: PaperLedger) -> None:
    newsroom.apply(publishes("hills", number=1, as_of=1))
    assert newsroom.apply(publishes("hills", number=1, as_of=1)) == ()


def test_editions_are_numbered_in_order(newsroom: PaperLedger) -> None:
    assert numbers(newsroom, publishes("hills", "c1", as_of=newsroom.head)) == [1]
    assert numbers(newsroom, publishes("hills", "c1", as_of=newsroom.head, number=2, corrects=1)) == [2]


def test_an_edition_does_not_skip_or_repeat_a_number(newsroom: PaperLedger) -> None:
    assert at(refused(newsroom, publishes("hills", as_of=1, number=2), EditionOutOfOrder)) == ["/number"]


def test_an_edition_pins_no_position_that_is_not_there_yet(newsroom: PaperLedger) -> None:
    refusal = refused(newsroom, publishes("hills", as_of=newsroom.head + 1), EditionOutOfOrder)
    assert at(refusal) == ["/as_of"]


def test_an_edition_corrects_an_earlier_one(newsroom: PaperLedger) -> None:
    assert at(refused(newsroom, publishes("hills", as_of=1, corrects=1), EditionOutOfOrder)) == ["/corrects"]


def test_an_edition_belongs_to_a_story(ledger: PaperLedger) -> None:
    assert at(refused(ledger, publishes("hills", as_of=1), UnknownStory)) == ["/story"]


def test_an_edition_has_a_readable_date(newsroom: PaperLedger) -> None:
    refused(newsroom, publishes("hills", as_of=1, published={"edtf": "today"}), NotATime)


def test_an_edition_cites_claims_that_were_recorded_by_its_position(newsroom: PaperLedger) -> None:
    refusal = refused(newsroom, publishes("hills", "c1", "c2", as_of=newsroom.head), UnknownClaim)
    assert at(refusal) == ["/claims/1"]
    assert at(refused(newsroom, publishes("hills", "c1", as_of=newsroom.head - 1), UnknownClaim)) == ["/claims/0"]


def test_an_edition_may_cite_a_claim_that_was_withdrawn(newsroom: PaperLedger) -> None:
    newsroom.apply(withdraws("c1"))
    assert numbers(newsroom, publishes("hills", "c1", as_of=newsroom.head)) == [1]


def test_an_edition_relies_on_beliefs_about_known_questions(newsroom: PaperLedger) -> None:
    belief = {"digest": sha256_of("belief"), "agreement": "uncontested", "strength": "S4", "value": "army"}
    relied = {**belief, "question": about("minian/control")}
    assert numbers(newsroom, publishes("hills", as_of=1, beliefs=[relied])) == [1]
    unknown = {**belief, "question": about("atlantis/control")}
    refusal = refused(newsroom, publishes("hills", as_of=1, beliefs=[unknown]), UnknownLocation)
    assert at(refusal) == ["/beliefs/0/question/location"]
