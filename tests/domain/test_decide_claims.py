"""A claim is taken in once, as it was said; it ends at most once, and nothing is ever changed."""

from typing import Any

import pytest

from domain.commands import Command
from domain.decide import decide
from domain.events import ClaimCorrected, ClaimRecorded, ClaimVoided, ClaimWithdrawn, RelationAsserted
from domain.refusals import (
    AlreadyRecorded,
    CarriedInACircle,
    Malformed,
    NotATime,
    NotAValue,
    NotStanding,
    QuoteNotFound,
    Refusal,
    TiedToItself,
    UnknownAspect,
    UnknownClaim,
    UnknownDocument,
    UnknownLocation,
    UnknownSource,
    UnknownStory,
    WithdrawnByAnother,
)
from domain.values import sha256_of
from support.builders import (
    aspect,
    carrying,
    corrects,
    counts,
    denies,
    document,
    erases,
    quoting,
    relates,
    says,
    small_world,
    story,
    tie,
    voids,
    withdraws,
)
from support.ledger import PaperLedger, uuid7


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


def recorded(ledger: PaperLedger, command: Command) -> ClaimRecorded:
    (event,) = (one.event for one in ledger.apply(command))
    assert isinstance(event, ClaimRecorded)
    return event


# ---- what a claim names ----


def test_a_claim_is_recorded_as_it_was_said(ledger: PaperLedger) -> None:
    claim = recorded(ledger, says("sohr", "ongoing", claim="c1", hedged=True)).claim
    assert (claim.id, claim.source, claim.value, claim.hedged) == (uuid7("c1"), "sohr", "ongoing", True)


def test_every_source_that_a_claim_names_is_registered(ledger: PaperLedger) -> None:
    said = says("nobody", "ongoing", via=["someone publisher"], favours=["anyone"], against=["sohr", "noone"])
    assert at(refused(ledger, said, UnknownSource)) == [
        "/chain/0/source",
        "/chain/1/source",
        "/favours/0",
        "/against/1",
    ]


def test_the_location_is_registered(ledger: PaperLedger) -> None:
    refusal = refused(ledger, says("sohr", "ongoing", at="atlantis/fighting"), UnknownLocation)
    assert at(refusal) == ["/question/location"]


def test_the_aspect_is_known(ledger: PaperLedger) -> None:
    assert at(refused(ledger, says("sohr", "wet", at="minian/weather"), UnknownAspect)) == ["/question/aspect"]


def test_the_stories_are_registered(ledger: PaperLedger) -> None:
    ledger.apply(story("aleppo-2016"))
    said = says("sohr", "ongoing", story=["aleppo-2016", "another"])
    assert at(refused(ledger, said, UnknownStory)) == ["/story/1"]


def test_a_subject_need_not_be_a_source(ledger: PaperLedger) -> None:
    assert recorded(ledger, counts("sohr", at="minian/casualties/air-strikes", min=3)).claim.question.subject


def test_a_claim_without_an_id_is_not_decided(ledger: PaperLedger) -> None:
    with pytest.raises(Malformed):
        decide(says("sohr", "ongoing", id=None), ledger)


# ---- what an aspect takes ----


def test_a_value_is_one_of_a_closed_list(ledger: PaperLedger) -> None:
    refusal = refused(ledger, says("sohr", "heavy"), NotAValue)
    assert refusal.problems[0].expected == "one of ongoing, none"


def test_a_holder_is_a_registered_source(ledger: PaperLedger) -> None:
    assert at(refused(ledger, says("sohr", "martians", at="minian/control"), UnknownSource)) == ["/value"]


@pytest.mark.parametrize("place", ["minian/control", "minian/location_fact", "minian/strike"])
def test_a_value_is_given_whatever_the_aspect(ledger: PaperLedger, place: str) -> None:
    assert at(refused(ledger, says("sohr", at=place), NotAValue)) == ["/value"]


def test_a_denial_says_what_it_denies(ledger: PaperLedger) -> None:
    assert at(refused(ledger, denies("sohr"), NotAValue)) == ["/value"]


def test_a_quantity_is_needed_where_the_aspect_counts(ledger: PaperLedger) -> None:
    assert at(refused(ledger, says("sohr", at="minian/casualties"), NotAValue)) == ["/quantity"]


def test_a_value_beside_a_quantity_is_refused(ledger: PaperLedger) -> None:
    said = says("sohr", "many", at="minian/casualties", quantity={"min": 3})
    assert at(refused(ledger, said, NotAValue)) == ["/value"]


def test_a_quantity_is_refused_where_the_aspect_does_not_count(ledger: PaperLedger) -> None:
    assert at(refused(ledger, counts("sohr", at="minian/fighting", min=3), NotAValue)) == ["/quantity"]


@pytest.mark.parametrize(
    ("words", "least"),
    [("Dozens of people", 12), ("in the hundreds", 100), ("thousands", 1000), ("tens, perhaps", 10)],
)
def test_a_vague_word_gives_the_least_number(ledger: PaperLedger, words: str, least: int) -> None:
    quantity = recorded(ledger, counts("sohr", verbatim=words)).claim.quantity
    assert quantity is not None
    assert (quantity.min, quantity.verbatim) == (least, words)


@pytest.mark.parametrize("words", ["hundreds of thousands", "a few", "attendance: tensions"])
def test_words_that_leave_the_number_open_are_refused(ledger: PaperLedger, words: str) -> None:
    assert at(refused(ledger, counts("sohr", verbatim=words), NotAValue)) == ["/quantity"]


def test_a_number_that_is_given_is_not_overruled_by_a_word(ledger: PaperLedger) -> None:
    quantity = recorded(ledger, counts("sohr", min=24, verbatim="dozens")).claim.quantity
    assert quantity is not None
    assert quantity.min == 24


def test_a_vague_word_does_not_exceed_the_most(ledger: PaperLedger) -> None:
    assert at(refused(ledger, counts("sohr", max=5, verbatim="dozens"), NotAValue)) == ["/quantity/max"]


def test_an_aspect_without_vague_words_needs_a_number(ledger: PaperLedger) -> None:
    refusal = refused(ledger, counts("sohr", at="minian/population", verbatim="hundreds"), NotAValue)
    assert refusal.problems[0].expected == "'min'"


# ---- times ----


@pytest.mark.parametrize("field", ["valid", "stated", "published"])
@pytest.mark.parametrize("edtf", ["yesterday", "2016-11-09/2016-11-08", "2016-11-08T10:00:00"])
def test_a_time_that_cannot_be_read_is_refused(ledger: PaperLedger, field: str, edtf: str) -> None:
    more: dict[str, Any] = {field: edtf}
    assert at(refused(ledger, says("sohr", "ongoing", **more), NotATime)) == [f"/{field}/edtf"]


def test_a_zone_that_is_none_is_refused(ledger: PaperLedger) -> None:
    assert at(refused(ledger, says("sohr", "ongoing", tz="Mars/Olympus"), NotATime)) == ["/tz"]


def test_what_was_expected_of_a_time_stands_apart(ledger: PaperLedger) -> None:
    (problem,) = refused(ledger, says("sohr", "ongoing", valid="2016-13-01"), NotATime).problems
    assert problem.expected
    assert "expected" not in problem.said


def test_a_time_stated_after_it_was_published_is_allowed(ledger: PaperLedger) -> None:
    assert recorded(ledger, says("sohr", "ongoing", stated="2016-11-09"))


# ---- the same again ----


def test_the_same_claim_again_is_nothing_new(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1", statement="They fight on."))
    assert ledger.apply(says("sohr", "ongoing", claim="c1", statement="They fight on.")) == ()


def test_a_vague_word_again_is_nothing_new(ledger: PaperLedger) -> None:
    ledger.apply(counts("sohr", claim="c1", verbatim="dozens"))
    assert ledger.apply(counts("sohr", claim="c1", verbatim="dozens")) == ()


def test_a_claim_whose_words_were_erased_is_still_the_same(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1", statement="They fight on."), erases("They fight on."))
    assert ledger.apply(says("sohr", "ongoing", claim="c1", statement="They fight on.")) == ()


def test_an_id_is_not_used_for_another_claim(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    assert at(refused(ledger, says("sohr", "none", claim="c1"), AlreadyRecorded)) == ["/id"]


# ---- quotes ----

ARTICLE = "Both sides 👩‍🚒 said: “they hold the hills”. Later they hold the town."


def test_a_quote_has_the_words_of_its_document(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    start = ARTICLE.index("they hold")
    quote = quoting(ARTICLE, start, start + 9, "they hold")
    assert recorded(ledger, says("sohr", "ongoing", quote=quote)).claim.quote


def test_words_that_stand_elsewhere_are_refused_with_the_nearest_place(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    last = ARTICLE.rindex("they hold")
    refusal = refused(
        ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, last - 2, last + 7, "they hold")), QuoteNotFound
    )
    assert isinstance(refusal, QuoteNotFound)
    assert refusal.nearest == (last, last + 9)


def test_words_that_stand_nowhere_are_refused(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    refusal = refused(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, 0, 4, "both")), QuoteNotFound)
    assert isinstance(refusal, QuoteNotFound)
    assert refusal.nearest is None


def test_straight_quotes_are_not_curly_ones(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    start = ARTICLE.index("“")
    refused(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, start, start + 5, '"they')), QuoteNotFound)


def test_words_of_which_only_the_hash_is_told_are_compared_by_it(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    quote = quoting(ARTICLE, 0, 4)
    assert recorded(ledger, says("sohr", "ongoing", quote={**quote, "exact": {"sha256": sha256_of("Both")}}))
    other = says("sohr", "ongoing", claim="c2", quote={**quote, "exact": {"sha256": sha256_of("Bath")}})
    assert refused(ledger, other, QuoteNotFound).problems[0].expected == "the very words of the document"


def test_a_span_beyond_the_text_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE))
    refusal = refused(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, 0, len(ARTICLE) + 1)), QuoteNotFound)
    assert at(refusal) == ["/quote/end"]


def test_an_empty_span_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE, held=False))
    assert at(refused(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, 5, 5)), QuoteNotFound)) == ["/quote/end"]


def test_a_quote_of_a_text_held_elsewhere_is_taken_on_trust(ledger: PaperLedger) -> None:
    ledger.apply(document(ARTICLE, held=False))
    assert recorded(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, 0, 4, "what")))


def test_a_quote_of_a_document_that_is_not_archived_is_refused(ledger: PaperLedger) -> None:
    refusal = refused(ledger, says("sohr", "ongoing", quote=quoting(ARTICLE, 0, 4)), UnknownDocument)
    assert at(refusal) == ["/quote/document"]


# ---- relations ----


def test_a_relation_may_name_a_claim_that_is_not_recorded_yet(ledger: PaperLedger) -> None:
    assert recorded(ledger, says("sohr", "ongoing", relations=carrying("not-yet")))


def test_a_claim_is_not_related_to_itself(ledger: PaperLedger) -> None:
    said = says("sohr", "ongoing", claim="c1", relations=carrying("c1", relation="confirms"))
    assert at(refused(ledger, said, TiedToItself)) == ["/relations/0/claim"]


def test_a_circle_that_a_new_claim_would_close_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(
        says("sohr", "ongoing", claim="c1", relations=carrying("c3")),
        says("reuters", "ongoing", claim="c2", relations=carrying("c1", relation="carries_similar")),
    )
    refusal = refused(ledger, says("army", "ongoing", claim="c3", relations=carrying("c2")), CarriedInACircle)
    assert isinstance(refusal, CarriedInACircle)
    assert refusal.line == (uuid7("c3"), uuid7("c2"), uuid7("c1"), uuid7("c3"))


def test_a_circle_that_a_later_relation_would_close_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), says("reuters", "ongoing", claim="c2", relations=carrying("c1")))
    assert at(refused(ledger, relates("c1", "carries", "c2"), CarriedInACircle)) == ["/relation/claim"]


def test_a_circle_through_a_correction_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), says("reuters", "ongoing", claim="c2", relations=carrying("c1")))
    replacement = says("sohr", "ongoing", claim="c1b", relations=carrying("c2"))
    assert at(refused(ledger, corrects("c1", replacement), CarriedInACircle)) == ["/replacement/relations/0/claim"]


def test_a_relation_to_a_corrected_claim_is_one_to_its_replacement(ledger: PaperLedger) -> None:
    ledger.apply(
        says("sohr", "ongoing", claim="c1"),
        says("reuters", "ongoing", claim="c2", relations=carrying("c1")),
        corrects("c1", says("sohr", "ongoing", claim="c1b")),
    )
    refused(ledger, relates("c1b", "carries", "c2"), CarriedInACircle)


def test_a_replacement_does_not_relate_to_what_it_replaces(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    replacement = says("sohr", "ongoing", claim="c1b", relations=carrying("c1", relation="restates"))
    refused(ledger, corrects("c1", replacement), TiedToItself)


def test_denying_each_other_is_no_circle(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1", relations=carrying("c2", relation="denies")))
    assert recorded(ledger, says("army", "none", claim="c2", relations=carrying("c1", relation="denies")))


def test_two_lines_to_one_origin_are_no_circle(ledger: PaperLedger) -> None:
    ledger.apply(
        says("sohr", "ongoing", claim="c1", relations=carrying("c4", relation="confirms")),
        says("reuters", "ongoing", claim="c2", relations=carrying("c1")),
        says("interfax", "ongoing", claim="c3", relations=carrying("c1")),
    )
    assert recorded(ledger, says("army", "ongoing", claim="c4", relations=carrying("c2", "c3")))


def test_a_relation_is_asserted_later_once(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    (event,) = (one.event for one in ledger.apply(relates("c1", "confirms", "c2")))
    assert isinstance(event, RelationAsserted)
    assert (event.source, event.question.name) == ("sohr", "minian/fighting")
    assert ledger.apply(relates("c1", "confirms", "c2")) == ()


def test_a_relation_of_a_claim_that_is_not_recorded_is_refused(ledger: PaperLedger) -> None:
    refused(ledger, relates("c1", "confirms", "c2"), UnknownClaim)


def test_a_withdrawn_claim_may_still_be_related(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), withdraws("c1"))
    assert ledger.apply(relates("c1", "carries", "c2"))


def test_a_corrected_claim_takes_no_new_relation(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), corrects("c1", says("sohr", "none", claim="c1b")))
    refused(ledger, relates("c1", "carries", "c2"), NotStanding)


# ---- the ends of a claim ----


def test_a_correction_carries_the_whole_replacement(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    (event,) = (one.event for one in ledger.apply(corrects("c1", says("reuters", "none", claim="c1b"))))
    assert isinstance(event, ClaimCorrected)
    assert (event.source, event.replacement.source, event.replacement.value) == ("sohr", "reuters", "none")


def test_a_replacement_is_checked_like_any_claim(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    refusal = refused(ledger, corrects("c1", says("sohr", "heavy", claim="c1b")), NotAValue)
    assert at(refusal) == ["/replacement/value"]


def test_a_replacement_gives_a_vague_word_its_number(ledger: PaperLedger) -> None:
    ledger.apply(counts("sohr", claim="c1", min=3))
    ledger.apply(corrects("c1", counts("sohr", claim="c1b", verbatim="dozens")))
    quantity = ledger.standings[uuid7("c1b")].claim.quantity
    assert quantity is not None
    assert quantity.min == 12


def test_the_same_correction_again_is_nothing_new(ledger: PaperLedger) -> None:
    ledger.apply(counts("sohr", claim="c1", min=3), corrects("c1", counts("sohr", claim="c1b", verbatim="dozens")))
    assert ledger.apply(corrects("c1", counts("sohr", claim="c1b", verbatim="dozens"))) == ()


def test_the_same_correction_with_another_text_is_refused(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), corrects("c1", says("sohr", "none", claim="c1b")))
    refusal = refused(ledger, corrects("c1", says("army", "none", claim="c1b")), AlreadyRecorded)
    assert at(refusal) == ["/replacement/id"]


def test_a_replacement_has_an_id_of_its_own(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    refused(ledger, corrects("c1", says("sohr", "none", claim="c1")), AlreadyRecorded)


def test_a_replacement_is_not_a_claim_that_is_recorded(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), says("sohr", "none", claim="c2"))
    refused(ledger, corrects("c1", says("sohr", "none", claim="c2")), AlreadyRecorded)


def test_a_replacement_may_be_corrected_in_its_turn(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), corrects("c1", says("sohr", "none", claim="c1b")))
    assert ledger.apply(corrects("c1b", says("sohr", "ongoing", claim="c1c")))


def test_a_corrected_claim_is_not_corrected_twice(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), corrects("c1", says("sohr", "none", claim="c1b")))
    refusal = refused(ledger, corrects("c1", says("sohr", "none", claim="c1c")), NotStanding)
    assert refusal.problems[0].said.endswith(
        f"was corrected at position {ledger.head}; {uuid7('c1b')} stands in its place"
    )


def test_a_claim_is_withdrawn_once(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    (event,) = (one.event for one in ledger.apply(withdraws("c1", by="sohr")))
    assert isinstance(event, ClaimWithdrawn)
    assert (event.source, event.by) == ("sohr", "sohr")
    assert ledger.apply(withdraws("c1", by="sohr")) == ()
    refused(ledger, withdraws("c1", "for another reason", by="sohr"), NotStanding)


def test_a_claim_is_voided_once(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"))
    (event,) = (one.event for one in ledger.apply(voids("c1")))
    assert isinstance(event, ClaimVoided)
    assert ledger.apply(voids("c1")) == ()
    refused(ledger, withdraws("c1"), NotStanding)


def test_a_withdrawn_claim_is_not_voided(ledger: PaperLedger) -> None:
    ledger.apply(says("sohr", "ongoing", claim="c1"), withdraws("c1"))
    refused(ledger, voids("c1"), NotStanding)


@pytest.mark.parametrize("end", [withdraws("c1"), voids("c1"), corrects("c1", says("sohr", "none", claim="c1b"))])
def test_what_was_never_recorded_cannot_end(ledger: PaperLedger, end: Command) -> None:
    assert at(refused(ledger, end, UnknownClaim)) == ["/claim"]


@pytest.mark.parametrize("who", ["army", "army-spokesman", "government"])
def test_words_are_taken_back_by_who_said_them_or_stands_above_or_below(ledger: PaperLedger, who: str) -> None:
    ledger.apply(says("army", "ongoing", claim="c1"))
    assert ledger.apply(withdraws("c1", by=who))


@pytest.mark.parametrize("who", ["ally", "brigade", "sohr", "reuters"])
def test_words_are_not_taken_back_by_others(ledger: PaperLedger, who: str) -> None:
    ledger.apply(says("army", "ongoing", claim="c1", via=["reuters publisher"]))
    assert at(refused(ledger, withdraws("c1", by=who), WithdrawnByAnother)) == ["/source"]


def test_a_sibling_does_not_take_back_words(ledger: PaperLedger) -> None:
    ledger.apply(tie("ally", "member_of", "government"), says("army", "ongoing", claim="c1"))
    refused(ledger, withdraws("c1", by="ally"), WithdrawnByAnother)


def test_who_takes_words_back_is_registered(ledger: PaperLedger) -> None:
    ledger.apply(says("army", "ongoing", claim="c1"))
    refused(ledger, withdraws("c1", by="nobody"), UnknownSource)


def test_an_aspect_of_the_desk_is_asked_like_a_built_in_one(ledger: PaperLedger) -> None:
    ledger.apply(aspect("water_supply", values=["running", "cut"]))
    assert recorded(ledger, says("sohr", "cut", at="minian/water_supply"))
