"""All that was said on a question comes in one answer, whatever became of it, with the time that it speaks of."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from domain.claims import Question
from services import spoken
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.errors import UnknownThing
from services.imports import import_lines
from services.story import lines
from support.builders import aspect, corrects, location, says, source, withdraws
from support.database import Cluster, fresh_database
from support.expectations import names
from support.ledger import uuid7

Json = dict[str, Any]
MINIAN = Question(location="minian", aspect="control")
SQUARE = Question(location="square", aspect="crowd")
CLAIM = names()
PLAINLY = Query()

CROWD = (
    source("police", "party"),
    source("union", "party"),
    location("square"),
    aspect("crowd", kind="state", horizon_hours=24),
    says("police", "small", at="square/crowd", claim="first", valid="2016-11-08"),
    says("union", "large", at="square/crowd", claim="second", valid="2016-11-08/2016-11-09"),
    corrects("first", says("police", "middling", at="square/crowd", claim="third", valid="2016-11-08")),
    withdraws("second"),
    location("bridge"),
    *(says("police", "small", at="bridge/crowd", valid=f"2016-11-0{day}") for day in range(1, 10)),
)


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as newsroom:
        list(import_lines(newsroom.ledger, (*lines("registry"), *lines("claims"))))
        for command in CROWD:
            newsroom.ledger.record(command)
        newsroom.projector.caught_up_to(newsroom.feed.head(), 300.0)
        yield newsroom


def words(room: Newsroom, question: Question, query: Query = PLAINLY) -> Json:
    return cast("Json", room.spoken.words(question, query).body)


def test_a_claim_on_another_aspect_is_told_with_the_time_that_it_has_on_this_one(room: Newsroom) -> None:
    told = words(room, MINIAN, Query(valid_at="2016-11-12", tz="+02:00"))
    shown = {CLAIM[one["claim"]]: (one["value"], one["implied"], one["from"], one["to"]) for one in told["words"]}
    assert shown == {
        "C36": ("rebels", "hard", "2016-10-28T22:00:00Z", "2016-11-07T22:00:00Z"),
        "C37": ("syrian-government", "hard", "2016-11-07T22:00:00Z", None),
        "C41": ("rebels", None, "2016-11-07T22:00:00Z", None),
    }
    assert told["whole"]


def test_at_an_earlier_position_what_came_later_is_not_there(room: Newsroom) -> None:
    assert [CLAIM[one["claim"]] for one in words(room, MINIAN, Query(as_of="96"))["words"]] == ["C36", "C37"]


def test_whoever_is_left_out_is_told_as_left_out(room: Newsroom) -> None:
    told = words(room, MINIAN, Query(valid_at="2016-11-12", without=("sohr",)))
    assert {one["source"] for one in told["words"] if one["left_out"]} == {"sohr"}


def test_a_corrected_and_a_withdrawn_word_stay_with_the_position_that_ended_them(room: Newsroom) -> None:
    told = words(room, SQUARE)["words"]
    ended = {
        one["claim"]: (one["status"], one["ended"] and one["ended"]["position"] - told[0]["position"]) for one in told
    }
    assert ended == {
        uuid7("first"): ("corrected", 2),
        uuid7("third"): ("standing", None),
        uuid7("second"): ("withdrawn", 3),
    }


def test_an_open_time_ends_at_the_horizon_of_its_aspect(room: Newsroom) -> None:
    times = {one["claim"]: (one["from"], one["to"]) for one in words(room, SQUARE)["words"]}
    assert times[uuid7("third")] == ("2016-11-08T00:00:00Z", "2016-11-09T00:00:00Z")
    assert times[uuid7("second")] == ("2016-11-08T00:00:00Z", "2016-11-10T00:00:00Z")


def test_of_too_many_words_the_newest_of_every_source_are_told(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "MOST_WORDS", 2)
    monkeypatch.setattr(spoken, "MOST_OF_EACH", 1)
    told = words(room, SQUARE)
    assert [one["claim"] for one in told["words"]] == [uuid7("second"), uuid7("third")]
    assert (told["whole"], told["partly"]) == (False, ["police"])


def test_of_too_many_words_those_at_the_valid_time_are_told_as_well(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "MOST_WORDS", 2)
    monkeypatch.setattr(spoken, "MOST_OF_EACH", 1)
    told = words(room, Question(location="bridge", aspect="crowd"), Query(valid_at="2016-11-05"))
    assert [one["valid"]["edtf"] for one in told["words"]] == ["2016-11-05", "2016-11-09"]


def test_an_aspect_that_nobody_registered_is_unknown(room: Newsroom) -> None:
    with pytest.raises(UnknownThing):
        words(room, Question(location="minian", aspect="weather"))
