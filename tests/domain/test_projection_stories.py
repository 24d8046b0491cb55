"""The stories projection: which questions a story gathers, and since when; and its editions."""

from __future__ import annotations

from domain.projections import editions
from domain.projections.editions import Published
from domain.projections.stories import Gathered, projection
from support import spec
from support.builders import corrects, publishes, question, says, small_world, story
from support.ledger import uuid7

FIRST = small_world().head + 1
KEY = "siege|minian/fighting"


def gathered(**what: int) -> Gathered:
    return Gathered.model_validate({"story": "siege", "question": question("minian/fighting"), **what})


def test_a_desk_declares_what_a_story_follows() -> None:
    spec.given(projection).when(story("siege", "minian/fighting")).then_at(KEY, gathered(first=FIRST, declared=FIRST))


def test_a_claim_brings_its_question_into_its_stories() -> None:
    spec.given(projection, story("siege"), story("west")).when(
        says("sohr", "ongoing", story=["siege", "west"]), says("sohr", "ongoing", at="aleppo/fighting")
    ).then_at(KEY, gathered(first=FIRST + 2, claims=1))


def test_a_replacement_brings_its_question_too() -> None:
    spec.given(projection, story("siege"), says("sohr", "ongoing", at="aleppo/fighting", claim="a")).when(
        corrects("a", says("sohr", "ongoing", story=["siege"]))
    ).then_at(KEY, gathered(first=FIRST + 2, claims=1))


def test_a_question_is_declared_by_the_last_revision_that_names_it() -> None:
    spec.given(projection, story("siege", "minian/fighting")).when(
        story("siege", "minian/fighting", "aleppo/strike")
    ).then_at(KEY, gathered(first=FIRST, declared=FIRST + 1))


def test_a_question_that_a_revision_dropped_is_followed_no_more() -> None:
    example = spec.given(projection, story("siege", "minian/fighting")).when(story("siege"))
    dropped = example.states().get(KEY)
    assert isinstance(dropped, Gathered)
    assert dropped.followed(FIRST)
    assert not dropped.followed(FIRST + 1)
    assert not dropped.followed(None)


def test_a_question_with_a_claim_is_followed_whatever_was_declared() -> None:
    assert gathered(first=FIRST, claims=1).followed(None)


def test_an_edition_is_kept_with_the_position_it_was_taken_in_at() -> None:
    example = spec.given(editions.projection, story("siege"), says("sohr", "ongoing", claim="a", story=["siege"]))
    published = example.when(publishes("siege", "a", as_of=FIRST + 1)).states().get("siege/1")
    assert isinstance(published, Published)
    assert (published.position, published.edition.claims) == (FIRST + 2, (uuid7("a"),))
    assert editions.columns(published)["claims"] == (uuid7("a"),)
