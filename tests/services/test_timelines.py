"""Timelines and differences of stories, places and sources, by their filters and cuts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from domain.times import read_instant
from services import scopes
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.errors import BadQuery, UnknownThing
from services.scopes import About
from services.timelines import Changes
from support.database import Cluster, fresh_database
from support.expectations import NOW, names
from support.three_editions import STORY, asked, morning_and_evening, next_day

Json = dict[str, Any]
FASTAQIM = About("source", "fastaqim")
CITY = About("location", "aleppo")


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        morning_and_evening(newsroom)
        next_day(newsroom)
        yield newsroom


def timeline(room: Newsroom, about: About = STORY, **wanted: str) -> list[Json]:
    return cast("list[Json]", room.timelines.of(about, asked(room, valid_at=NOW), Changes(**wanted)).body)


def causes(rows: Sequence[Json]) -> list[str]:
    return [names()[row["cause"]["claim"]] for row in rows]


def places(rows: Sequence[Json]) -> set[str]:
    return {row["question"]["location"] for row in rows}


def difference(room: Newsroom, about: About, start: str, end: str | None = None, **given: str) -> Json:
    return cast("Json", room.differences.between(about, start, end, asked(room, **given)).body)


def told(rows: Sequence[Json]) -> set[str]:
    return {"/".join(row["question"].values()) for row in rows}


def test_changes_come_in_the_order_of_their_positions(room: Newsroom) -> None:
    positions = [row["position"] for row in timeline(room)]
    assert positions == sorted(positions)


def test_a_place_is_asked_with_its_parts(room: Newsroom) -> None:
    assert {"minian", "1070-apartments", "aleppo"} <= places(timeline(room, location="aleppo"))
    assert places(timeline(room, location="minian")) == {"minian"}


def test_only_what_one_source_brought_about_is_asked_for(room: Newsroom) -> None:
    assert causes(timeline(room, source="fastaqim", aspect="control")) == ["C19", "C41", "L2"]


def test_a_line_of_agreement_is_crossed_both_ways(room: Newsroom) -> None:
    rows = timeline(room, agreement="contested", location="minian", aspect="control")
    assert [(names()[row["cause"]["claim"]], row["after"]["agreement"]) for row in rows] == [
        ("C41", "contested"),
        ("L2", "uncontested"),
    ]


def test_a_line_of_strength_is_crossed_upwards_and_downwards(room: Newsroom) -> None:
    rows = timeline(room, strength="S3", location="minian", aspect="control")
    assert causes(rows) == ["C37", "C41", "L2"]
    assert causes(timeline(room, strength="S5", location="minian", aspect="control")) == ["L2"]


def test_a_timeline_is_cut_by_positions_and_by_instants(room: Newsroom) -> None:
    rows = timeline(room, aspect="control")
    middle = rows[2]
    assert timeline(room, aspect="control", after=str(middle["position"])) == rows[3:]
    assert timeline(room, aspect="control", upto=str(middle["position"])) == rows[:3]
    # Lines of one import share their instants; the admission came alone.
    assert timeline(room, aspect="control", after=rows[-2]["recorded"]) == rows[-1:]
    assert timeline(room, aspect="control", upto=rows[-2]["recorded"]) == rows[:-1]


@pytest.mark.parametrize("wrong", [{"after": "yesterday"}, {"upto": "99999"}])
def test_a_cut_of_a_timeline_that_cannot_be_read_is_named(room: Newsroom, wrong: dict[str, str]) -> None:
    with pytest.raises(BadQuery) as refused:
        timeline(room, STORY, **wrong)
    assert [one.parameter for one in refused.value.wrong] == list(wrong)


def test_the_timeline_of_a_place_is_that_of_its_parts_too(room: Newsroom) -> None:
    rows = timeline(room, CITY, agreement="contested")
    assert [names()[row["cause"]["claim"]] for row in rows if row["question"]["aspect"] == "control"] == ["C41", "L2"]


def test_a_place_with_too_many_questions_is_to_be_narrowed(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "MOST_QUESTIONS", 3)
    with pytest.raises(BadQuery, match="its parts included"):
        timeline(room, CITY)


def test_a_source_is_held_to_its_words(room: Newsroom) -> None:
    rows = timeline(room, FASTAQIM, location="minian", aspect="control")
    assert [[one["value"] for one in row["after"]] for row in rows] == [["rebels"], ["syrian-government"]]
    assert causes(rows) == ["C41", "L2"]


def test_what_a_source_says_has_no_strength_to_cross(room: Newsroom) -> None:
    with pytest.raises(BadQuery, match="no strength"):
        timeline(room, FASTAQIM, strength="S3")


def test_a_difference_of_a_source_names_its_own_words(room: Newsroom) -> None:
    body = difference(room, FASTAQIM, "110", valid_at=NOW)
    assert (told(body["appeared"]), told(body["gone"])) == (set(), set())
    (row,) = body["changed"]
    assert [[one["value"] for one in row[end]] for end in ("before", "after")] == [["rebels"], ["syrian-government"]]
    assert causes(row["because"]) == ["L2"]


def test_a_source_that_nobody_registered_is_unknown(room: Newsroom) -> None:
    with pytest.raises(UnknownThing):
        timeline(room, About("source", "nobody"))


def test_a_difference_up_to_the_present_needs_no_end(room: Newsroom) -> None:
    body = difference(room, CITY, "110", valid_at=NOW)
    assert (told(body["appeared"]), told(body["changed"])) == (set(), {"minian/control"})
    assert (body["to"]["cut"], body["to"]["position"]) == (None, room.feed.head())


def test_two_editions_are_compared_at_the_time_that_the_later_one_pinned(room: Newsroom) -> None:
    body = difference(room, STORY, "edition/2", "edition/3")
    assert (body["valid_at"], body["tz"]) == ("2016-11-08", "+02:00")
    assert told(body["changed"]) == {"minian/control"}
    assert body["to"]["edition"] == {"number": 3, "title": "Rebels admit the loss of Minian"}


def test_an_edition_and_an_instant_can_be_mixed(room: Newsroom) -> None:
    recorded = timeline(room, source="fastaqim", aspect="control")[-1]["recorded"]
    assert told(difference(room, STORY, "edition/2", recorded)["changed"]) == {"minian/control"}


def test_only_a_story_has_editions(room: Newsroom) -> None:
    with pytest.raises(BadQuery, match="there is no edition '1' here"):
        room.differences.between(CITY, "edition/1", None, Query())
