"""The views answer for any position of the past, and a case loaded from them lacks nothing that it may depend on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.claims import Question
from domain.events import ClaimRecorded, Event
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing
from domain.values import Text
from services.store.asking import Search, ViewReader
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from support.builders import (
    assesses,
    carrying,
    corrects,
    location,
    publishes,
    relates,
    says,
    small_world,
    story,
    tie,
    unties,
    withdraws,
)
from support.following import Following, following
from support.ledger import PaperLedger, uuid7

NOW = 10_000


def a_ledger() -> PaperLedger:
    ledger = small_world()
    ledger.apply(
        story("siege", "minian/control", "aleppo/strike"),
        says("sohr", "ongoing", claim="a", story=["siege"], statement="heavy fighting in the village", tags=["front"]),
        says("rebels", "none", claim="b", at="minian/fighting"),
        says("reuters", "ongoing", claim="c", relations=carrying("a"), at="aleppo/fighting"),
        corrects("a", says("sohr", "rebels", at="minian/control", claim="a2", statement="the rebels hold the village")),
        relates("b", "denies", "a2"),
        withdraws("b"),
        assesses("verdict", "minian/control", "rebels"),
        publishes("siege", "a2", as_of=27),
        tie("sohr", "opposes", "government"),
        unties("sohr", "opposes", "government"),
        location("minian", "region"),
    )
    return ledger


@pytest.fixture(scope="module")
def ledger() -> PaperLedger:
    return a_ledger()


@pytest.fixture
def world(addresses: Addresses, ledger: PaperLedger) -> Iterator[Following]:
    with following(addresses, ledger.history) as ready:
        ready.catch_up()
        yield ready


@pytest.fixture
def views(world: Following) -> ViewReader:
    return world.views


def ids(standings: list[Standing]) -> set[str]:
    return {one.claim.id for one in standings}


def named(*names: str) -> set[str]:
    return {uuid7(name) for name in names}


def position_of(ledger: PaperLedger, name: str) -> int:
    return ledger.standings[uuid7(name)].recorded


def test_the_registry_built_from_its_view_is_that_of_the_ledger(views: ViewReader, ledger: PaperLedger) -> None:
    registry = Registry(views.registry_rows(0, NOW))
    assert (registry.sources.keys(), registry.edges, registry.touched) == (
        ledger.book.sources.keys(),
        ledger.book.edges,
        ledger.book.touched,
    )
    then, now = RegistryView(registry, 20).location("minian"), RegistryView(registry, NOW).location("minian")
    assert (then and then.precision, now and now.precision) == ("locality", "region")


def test_a_registry_is_kept_up_by_what_came_since(views: ViewReader, ledger: PaperLedger) -> None:
    assert list(views.registry_rows(20, NOW)) == ledger.history[-3:]
    assert list(views.registry_rows(20, ledger.head - 2)) == ledger.history[-3:-2]


def test_claims_are_found_by_place_and_aspect_as_they_were_recorded_by_then(views: ViewReader) -> None:
    places = [("minian", "fighting"), ("minian", "control")]
    assert ids(views.claims_on(places, NOW)) == named("a", "b", "a2")
    assert views.claims_on([], NOW) == []


def test_what_was_recorded_later_is_left_out(views: ViewReader, ledger: PaperLedger) -> None:
    assert ids(views.claims_on([("minian", "fighting")], position_of(ledger, "a"))) == named("a")


def test_a_claim_comes_with_all_that_became_of_it(views: ViewReader, ledger: PaperLedger) -> None:
    assert views.claims_named([uuid7("b")], NOW) == [ledger.standings[uuid7("b")]]


def test_a_case_has_those_who_name_a_claim_and_those_whom_it_names(views: ViewReader) -> None:
    assert ids(views.claims_for([("minian", "control")], NOW)) == named("a2", "a", "b", "c")
    assert ids(views.claims_for([("aleppo", "fighting")], NOW)) == named("c", "a", "a2")
    assert views.claims_for([("syria", "fighting")], NOW) == []


def test_claims_are_found_by_source_story_and_tag(views: ViewReader) -> None:
    assert ids(views.claims_of_source("sohr", NOW)) == named("a", "a2")
    assert ids(views.claims_of_story("siege", NOW)) == named("a")
    assert ids(views.search(Search(tag="front", source="sohr"), 0, NOW, 10)) == named("a")


def test_a_search_goes_on_after_the_last_one_found(views: ViewReader) -> None:
    first = views.search(Search(), 0, NOW, 3)
    rest = views.search(Search(), first[-1].recorded, NOW, 3)
    assert [len(first), len(rest)] == [3, 1]
    assert ids(first + rest) == named("a", "b", "c", "a2")


def test_what_a_source_spoke_of_is_counted_as_it_was_then(views: ViewReader, ledger: PaperLedger) -> None:
    now = {one.question.name: one for one in views.questions_of_source("sohr", NOW)}
    then = views.questions_of_source("sohr", position_of(ledger, "a"))
    assert (now["minian/fighting"].corrected, now["minian/control"].claims) == (1, 1)
    assert [(one.question.name, one.corrected) for one in then] == [("minian/fighting", 0)]


def test_a_story_gathers_what_was_declared_and_what_claims_brought(views: ViewReader) -> None:
    gathered = views.questions_of_story("siege", NOW)
    assert {one.question.name: (one.declared, one.claims) for one in gathered} == {
        "minian/control": (20, 0),
        "aleppo/strike": (20, 0),
        "minian/fighting": (None, 1),
    }


def test_every_question_that_was_spoken_of_is_known(views: ViewReader) -> None:
    assert views.questions_known(NOW, ["minian"]) == [
        Question(location="minian", aspect="control"),
        Question(location="minian", aspect="fighting"),
    ]
    assert views.questions_known(NOW, aspect="fighting") == [
        Question(location="aleppo", aspect="fighting"),
        Question(location="minian", aspect="fighting"),
    ]


def test_verdicts_are_found_by_question(views: ViewReader) -> None:
    (made,) = views.assessments_on([("minian", "control")], NOW)
    assert made.assessment.id == "verdict"
    assert views.assessments_on([("minian", "control")], made.position - 1) == []


def test_editions_are_found_by_what_they_relied_on(views: ViewReader) -> None:
    assert [one.edition.number for one in views.editions_of_story("siege", NOW)] == [1]
    assert len(views.editions_relying_on([uuid7("a2")], [])) == 1
    assert views.editions_relying_on([uuid7("b")], ["minian/control"]) == []


def with_words(ledger: PaperLedger) -> list[Event]:
    """The events as they are when they are recorded: with the bodies of their statements."""
    return [_worded(one.event, ledger) for one in ledger.history]


def _worded(event: Event, ledger: PaperLedger) -> Event:
    if isinstance(event, ClaimRecorded) and event.claim.statement:
        statement = Text.of(str(ledger.texts[event.claim.statement.sha256]))
        return event.model_copy(update={"claim": event.claim.model_copy(update={"statement": statement})})
    return event


def test_claims_are_found_by_their_words(addresses: Addresses, ledger: PaperLedger) -> None:
    with following(addresses) as world, EventLog(addresses.service) as log:
        log.append(with_words(ledger))
        world.log.history = log.read(0, NOW)
        world.catch_up()
        assert ids(world.views.search(Search(words="fighting village"), 0, NOW, 10)) == named("a")
        assert ids(world.views.search(Search(words='"heavy fighting" -village'), 0, NOW, 10)) == set()


def test_what_nobody_spoke_of_has_no_answer(views: ViewReader) -> None:
    assert views.claims_of_source("nobody", NOW) == []
    assert views.questions_of_story("nothing", NOW) == []
