"""What the services answer about the Aleppo story beside single beliefs: across places, stories, editions, records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Timer
from typing import Any, LiteralString, cast

import psycopg
import pytest

from domain.claims import Question
from domain.commands import parse_command
from domain.times import read_instant, show
from services.across import Wanted
from services.bootstrap import Newsroom, open_newsroom
from services.comparison import Compared, ComparedPage, Side
from services.cuts import Answer, Query
from services.editions import Draft
from services.errors import BadQuery, NotCaughtUp, UnknownThing
from services.imports import import_lines
from services.scopes import About
from services.side_by_side import WantedReplay
from services.store.asking import Search
from services.store.embedded import Addresses
from services.story import lines
from services.timelines import Changes
from support.database import Cluster, fresh_database
from support.expectations import EXPECTED, NOW, names

EVENING = Query(valid_at=NOW)
ALEPPO = About("story", "aleppo")
CLAIM = {name: claim for claim, name in names().items()}
ADMITS_MINIAN = EXPECTED["later"][1]["events"][0]


def evening() -> datetime:
    return read_instant(NOW)


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=evening) as newsroom:
        list(import_lines(newsroom.ledger, (*lines("registry"), *lines("claims"))))
        newsroom.projector.caught_up_to(108, 300.0)
        yield newsroom


Json = dict[str, Any]


def told(rows: Sequence[Json]) -> dict[str, object]:
    return {"/".join(str(part) for part in row["question"].values()): row["agreement"] for row in rows}


def test_what_is_contested_is_found_across_places(room: Newsroom) -> None:
    page = room.across.beliefs(Wanted(agreement="contested"), "", 100, EVENING).body
    assert told(page.rows) == {"minian/control": "contested", "minian/fighting": "contested"}


def test_a_page_of_beliefs_goes_on_where_the_last_one_ended(room: Newsroom) -> None:
    whole = room.across.beliefs(Wanted(), "", 100, EVENING).body
    first = room.across.beliefs(Wanted(), "", 5, EVENING).body
    second = room.across.beliefs(Wanted(), str(first.next), 100, EVENING).body
    assert first.rows + second.rows == whole.rows


def test_a_box_holds_the_places_inside_it(room: Newsroom) -> None:
    page = room.across.beliefs(Wanted(aspect="control", box=(37.0, 36.15, 37.1, 36.2)), "", 100, EVENING).body
    assert set(told(page.rows)) == {"1070-apartments/control", "minian/control"}


def test_the_list_is_the_same_whether_read_off_the_picture_or_judged(room: Newsroom) -> None:
    picture = room.across.beliefs(Wanted(aspect="control"), "", 100, EVENING).body.rows
    as_interval = Query(valid_at="2016-11-08T19:59:59.999999+02:00/2016-11-08T20:00:00+02:00")
    judged = room.across.beliefs(Wanted(aspect="control"), "", 100, as_interval).body.rows
    assert picture == judged


def test_a_policy_that_hears_nobody_in_their_own_cause_differs_where_it_should(room: Newsroom) -> None:
    first, second = Side(policy="desk/1"), Side(policy="opponents/1")
    compared = cast("Json", room.comparison.compare(first, second, Compared(aspect="control"), EVENING).body.body)
    assert compared["counts"]["agreement"]["contested"] == {"uncontested": 1}
    assert compared["counts"]["agreement"]["uncontested"]["unreported"] == 1
    assert {row["question"]["location"] for row in compared["differences"]} == {"1070-hills", "minian"}


def listed(pages: Iterable[Answer[ComparedPage]]) -> list[Json]:
    """The differences of all pages, one after the other."""
    return [row for page in pages for row in cast("list[Json]", page.body.body["differences"])]


@pytest.fixture(scope="module")
def opponents(room: Newsroom) -> Side:
    """The whole ledger under the policy that hears nobody in their own cause."""
    room.side_by_side.replay("picture", WantedReplay("opponents", "opponents/1"))
    return Side(projection="opponents")


def test_what_is_read_off_two_pictures_is_what_judging_question_by_question_finds(
    room: Newsroom, opponents: Side
) -> None:
    query = Query(valid_at=NOW)
    judged, read = (
        room.comparison.compare(Side(policy="desk/1"), side, Compared(), query).body.body
        for side in (Side(policy="opponents/1"), opponents)
    )
    assert read["judged"] is None
    assert cast("int", judged["judged"]) >= cast("int", judged["questions"])
    assert judged["whole"] is read["whole"] is True
    assert [name for name in judged if judged[name] != read[name]] == ["second", "judged"]
    assert cast("int", judged["differing"]) > 5


@pytest.mark.parametrize("is_read", [False, True])
def test_differences_come_in_pages(room: Newsroom, opponents: Side, *, is_read: bool) -> None:
    sides = Side(policy="desk/1"), opponents if is_read else Side(policy="opponents/1")
    (whole,) = room.comparison.pages(*sides, Compared(limit=1_000), EVENING)
    pages = list(room.comparison.pages(*sides, Compared(limit=2), EVENING))
    assert listed(pages) == listed([whole])
    assert pages[0].body.body["whole"] is is_read
    behind = pages[1:] if is_read else pages
    found = [cast("int", page.body.body["differing"]) for page in behind]
    assert sum(found) == cast("int", whole.body.body["differing"]) - (2 if is_read else 0)


def test_nothing_differs_from_itself(room: Newsroom, opponents: Side) -> None:
    for side in (opponents, Side(projection="picture"), Side(policy="opponents/1")):
        body = room.comparison.compare(side, side, Compared(), EVENING).body.body
        assert (body["differing"], body["differences"], body["whole"]) == (0, [], True)


def test_words_find_the_claims_that_use_them(room: Newsroom) -> None:
    page = room.claims.search(Search(words="clashes"), 0, 10, Query()).body
    assert [names()[str(row["id"])] for row in page.rows] == ["C18"]


def test_words_of_many_texts_find_the_claims_too(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = room.claims.search(Search(words="Aleppo"), 0, 100, Query()).body
    monkeypatch.setattr("services.store.asking._FEW_TEXTS", 0)
    assert room.claims.search(Search(words="Aleppo"), 0, 100, Query()).body == looked_up
    assert looked_up.rows


def found_page_by_page(room: Newsroom, search: Search, after: int = 0) -> list[object]:
    page = room.claims.search(search, after, 2, Query()).body
    rows: list[object] = [row["id"] for row in page.rows]
    return rows + (found_page_by_page(room, search, int(page.next)) if page.next else [])


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("place", ["aleppo", "minian", "atlantis"])
def test_claims_of_a_place_come_in_order_page_by_page(room: Newsroom, place: str, *, newest: bool) -> None:
    everything = cast("list[Any]", room.claims.search(Search(newest=newest), 0, 1_000, Query()).body.rows)
    here = [row["id"] for row in everything if row["question"]["location"] == place]
    assert found_page_by_page(room, Search(location=place, newest=newest)) == here


def test_a_claim_names_those_that_name_it(room: Newsroom) -> None:
    shown = room.claims.claim(CLAIM["C01"], Query()).body
    assert shown["named_by"] == [{"claim": CLAIM["C19"], "type": "confirms"}]


def test_a_place_that_nobody_knows_is_said_to_be_unknown(room: Newsroom) -> None:
    with pytest.raises(UnknownThing, match="no location is called 'atlantis'"):
        room.beliefs.picture("atlantis", EVENING)


def test_a_query_says_all_that_is_wrong_with_it(room: Newsroom) -> None:
    with pytest.raises(BadQuery) as refused:
        room.beliefs.picture("minian", Query(as_of="999999", valid_at="someday"))
    assert [wrong.parameter for wrong in refused.value.wrong] == ["as_of", "valid_at"]


def test_a_position_that_nobody_reached_is_not_waited_for_for_ever(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cuts.PATIENCE", 0.5)
    with pytest.raises(NotCaughtUp):
        room.beliefs.picture("minian", Query(at_least=10_000))


def test_the_diff_of_two_moments_names_what_changed_and_because_of_what(room: Newsroom) -> None:
    body = cast("Json", room.differences.between(ALEPPO, "95", "108", EVENING).body)
    changed = {row["question"]["aspect"]: row for row in body["changed"] if row["question"]["location"] == "minian"}
    because = [names()[cause["cause"]["claim"]] for cause in changed["control"]["because"]]
    assert because == ["C37", "C41"]


def test_a_timeline_can_be_cut_and_filtered(room: Newsroom) -> None:
    changes = Changes(after="95", location="minian", aspect="control")
    rows = cast("list[Json]", room.timelines.of(ALEPPO, EVENING, changes).body)
    assert [names()[str(row["cause"]["claim"])] for row in rows] == ["C37", "C41"]


def test_an_edition_is_affected_by_what_changes_afterwards(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=evening) as newsroom:
        list(import_lines(newsroom.ledger, (*lines("registry"), *lines("claims"))))
        query = Query(valid_at=NOW, at_least=108)
        newsroom.ledger.record(newsroom.editions.prepare(Draft(story="aleppo", title="Evening"), query))
        assert newsroom.editions.edition("aleppo", 1, Query(at_least=109)).body["affected"] == {
            "since": None, "urgency": None, "answered_by": None, "beliefs": [], "claims": [],
        }  # fmt: skip
        newsroom.ledger.record(parse_command(json.dumps(ADMITS_MINIAN)))
        affected = cast("Json", newsroom.editions.edition("aleppo", 1, Query(at_least=110)).body["affected"])
        assert affected["since"] == 110
        assert [row["question"] for row in affected["beliefs"]] == [{"location": "minian", "aspect": "control"}]
        record = newsroom.sources.record("sohr", query).body
        assert (record["settled"], record["agreed"], record["refuted"]) == (2, 2, 0)


@contextmanager
def late(addresses: Addresses, view: LiteralString) -> Iterator[None]:
    """Let the view take in nothing for a while, which anybody may read meanwhile."""
    with psycopg.connect(addresses.owner) as holding:
        holding.execute("LOCK TABLE views." + view + " IN EXCLUSIVE MODE")
        going_on = Timer(0.5, holding.commit)
        going_on.start()
        try:
            yield
        finally:
            going_on.join()


def test_who_has_just_recorded_something_is_answered_with_it_however_late_the_views_are(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=evening) as newsroom:
        list(import_lines(newsroom.ledger, (*lines("registry"), *lines("claims"))))
        told = newsroom.editions.prepare(Draft(story="aleppo", title="Evening"), Query(valid_at=NOW, at_least=108))
        with late(addresses, "editions"):
            newsroom.ledger.record(told)
            found = newsroom.differences.between(ALEPPO, "95", "edition/1", Query(at_least=109))
        assert cast("Json", found.body)["to"]["edition"]["title"] == "Evening"

        east = parse_command('{"type": "story", "slug": "east", "title": "East of here", "tz": "+05:00"}')
        with late(addresses, "registry"):
            newsroom.ledger.record(east)
            _, cutting = newsroom.stories.cut("east", Query(valid_at="2016-11-08", at_least=110))
        assert show(cutting.at.interval.start) == "2016-11-07T19:00:00Z"


def test_a_picture_of_a_place_holds_what_its_parts_say(room: Newsroom) -> None:
    rows = {Question.model_validate(row["question"]).name: row for row in room.beliefs.picture("aleppo", EVENING).body}
    assert rows["aleppo/fighting"]["value"] == "ongoing"
