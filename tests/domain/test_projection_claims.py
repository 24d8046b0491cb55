"""The claims projection: what became of a claim, and what it is found by."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.projections.claims import columns, projection
from domain.standing import Standing
from support import spec
from support.builders import corrects, relates, says, story, voids, withdraws
from support.ledger import uuid7


def standing_after(example: spec.Kept, claim: str) -> Standing:
    state = example.states().get(uuid7(claim))
    assert isinstance(state, Standing)
    return state


def test_a_claim_stands_until_its_source_takes_it_back() -> None:
    example = spec.given(projection, says("sohr", "ongoing", claim="a"))
    assert standing_after(example, "a").ending is None
    ending = standing_after(example.when(withdraws("a", "we were wrong")), "a").ending
    assert (ending and ending.kind, ending and ending.reason) == ("withdrawn", "we were wrong")


def test_a_forged_claim_is_voided() -> None:
    ending = standing_after(spec.given(projection, says("sohr", "ongoing", claim="a")).when(voids("a")), "a").ending
    assert ending is not None
    assert ending.kind == "voided"


def test_a_correction_ends_one_claim_and_begins_another_at_one_position() -> None:
    example = spec.given(projection, says("sohr", "ongoing", claim="a")).when(
        corrects("a", says("sohr", "none", claim="b"))
    )
    wrong, right = standing_after(example, "a"), standing_after(example, "b")
    assert wrong.ending is not None
    assert (wrong.ending.replacement, wrong.ending.position) == (uuid7("b"), right.recorded)
    assert columns(wrong)["replacement"] == uuid7("b")


def test_what_is_seen_later_of_a_claim_is_added_to_it() -> None:
    example = spec.given(projection, says("sohr", "ongoing", claim="a"), says("rebels", "none", claim="b"))
    later = standing_after(example.when(relates("b", "denies", "a")), "b")
    assert [one.relation.claim for one in later.relations] == [uuid7("a")]
    assert columns(later)["relates_to"] == (uuid7("a"),)


def test_a_claim_is_found_by_its_question_speakers_story_tags_and_times() -> None:
    said = says(
        "army-spokesman",
        "occurred",
        at="minian/strike/army",
        claim="a",
        via=("reuters publisher",),
        story=["siege"],
        tags=["front"],
        valid="2016-11-07",
        stated="2016-11-08",
        statement="there was a strike",
        tz="Asia/Damascus",
    )
    found = columns(standing_after(spec.given(projection, story("siege")).when(said), "a"))
    assert (found["location"], found["aspect"], found["subject"]) == ("minian", "strike", "army")
    assert (found["source"], found["speakers"], found["stories"], found["tags"]) == (
        "army-spokesman",
        ("army-spokesman",),
        ("siege",),
        ("front",),
    )
    assert (found["valid_from"], found["valid_to"]) == (
        datetime(2016, 11, 6, 22, tzinfo=UTC),
        datetime(2016, 11, 7, 22, tzinfo=UTC),
    )
    assert found["stated"] == datetime(2016, 11, 7, 22, tzinfo=UTC)
    assert (found["ended"], found["replacement"]) == (None, None)


def test_an_open_bound_is_no_bound() -> None:
    said = says("sohr", "ongoing", claim="a", valid="../2016-11-08")
    assert columns(standing_after(spec.given(projection).when(said), "a"))["valid_from"] is None
