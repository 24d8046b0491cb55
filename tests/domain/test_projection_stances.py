"""The stances projection: what each source spoke of, how often, and how often its words came to an end."""

from __future__ import annotations

from domain.projections.stances import Spoken, projection
from support import spec
from support.builders import corrects, question, relates, says, small_world, voids, withdraws
from support.ledger import uuid7

FIRST = small_world().head + 1
FIGHTING = question("minian/fighting")
KEY = "sohr|minian/fighting"


def spoken(claims: int, last: int, latest: str, **ends: int) -> Spoken:
    return Spoken(source="sohr", question=FIGHTING, claims=claims, first=FIRST, last=last, latest=uuid7(latest), **ends)


def test_a_source_that_speaks_again_is_counted_again() -> None:
    spec.given(projection, says("sohr", "ongoing", claim="a")).when(says("sohr", "none", claim="b")).then_at(
        KEY, spoken(2, FIRST + 1, "b")
    )


def test_words_taken_back_or_forged_are_counted_apart() -> None:
    spec.given(projection, says("sohr", "ongoing", claim="a"), says("sohr", "none", claim="b")).when(
        withdraws("a"), voids("b")
    ).then_at(KEY, spoken(2, FIRST + 1, "b", withdrawn=1, voided=1))


def test_a_correction_on_the_same_question_counts_on_both_sides() -> None:
    spec.given(projection, says("sohr", "ongoing", claim="a")).when(
        corrects("a", says("sohr", "none", claim="b"))
    ).then_at(KEY, spoken(2, FIRST + 1, "b", corrected=1))


def test_a_correction_about_another_place_begins_another_stance() -> None:
    example = spec.given(projection, says("sohr", "ongoing", claim="a")).when(
        corrects("a", says("sohr", "ongoing", at="aleppo/fighting", claim="b"))
    )
    example.then_at(KEY, spoken(1, FIRST, "a", corrected=1))
    moved = example.states().get("sohr|aleppo/fighting")
    assert isinstance(moved, Spoken)
    assert (moved.claims, moved.first) == (1, FIRST + 1)


def test_who_only_publishes_takes_no_stance() -> None:
    example = spec.given(projection).when(says("sohr", "ongoing", claim="a", via=("reuters publisher",)))
    example.then_at("reuters|minian/fighting", None)


def test_a_relation_changes_no_stance() -> None:
    spec.given(projection, says("sohr", "ongoing", claim="a"), says("rebels", "none", claim="b")).when(
        relates("a", "contradicts", "b")
    ).then_at(KEY, spoken(1, FIRST, "a"))
