"""What is contested comes as a desk works it off: what was printed first, then what has waited longest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from domain.times import read_instant
from services.across import Wanted
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Page, Query
from services.errors import BadQuery, UnknownThing
from support.database import Cluster, fresh_database
from support.expectations import NOW
from support.three_editions import admission, morning_and_evening, publish

MINIAN = {"location": "minian", "aspect": "control"}


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    """The evening: Minian is contested, and the second edition says so."""
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        morning_and_evening(newsroom)
        yield newsroom


@dataclass(frozen=True)
class Asked:
    """What is asked, of Tuesday unless it says otherwise."""

    story: str | None = None
    aspect: str | None = None
    after: str = ""
    limit: int = 100
    cut: Query = Query(valid_at="2016-11-08", tz="+02:00")


EVERYTHING = Asked()
CONTROL = Asked(aspect="control")


def cut(asked: Asked = EVERYTHING, **given: str | tuple[str, ...] | None) -> Asked:
    """The same, cut otherwise."""
    return replace(asked, cut=replace(asked.cut, **given))  # type: ignore[arg-type]


def page(room: Newsroom, asked: Asked = EVERYTHING) -> Page:
    """The answer, which includes all that is recorded."""
    query = replace(asked.cut, at_least=room.feed.head())
    return room.contradictions.contradictions(asked.story, asked.aspect, asked.after, asked.limit, query).body


def rows(room: Newsroom, asked: Asked = EVERYTHING) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", page(room, asked).rows)


def named(row: dict[str, Any]) -> str:
    return "/".join(row["question"].values())


def names(room: Newsroom, asked: Asked = EVERYTHING) -> list[str]:
    return [named(row) for row in rows(room, asked)]


def test_what_is_contested_comes_with_its_sides_and_who_says_what(room: Newsroom) -> None:
    (minian,) = rows(room, CONTROL)
    assert minian["question"] == MINIAN
    assert {name: side["strength"] for name, side in minian["sides"].items()} == {
        "rebels": "S2",
        "syrian-government": "S3",
    }
    assert minian["lean"] == "syrian-government"
    assert {claim["chain"][0]["source"] for claim in minian["claims"]} == {"sohr", "fastaqim"}
    assert all(isinstance(claim["statement"], str) for claim in minian["claims"])


def test_it_is_contested_since_the_words_that_made_it_so(room: Newsroom) -> None:
    (minian,) = rows(room, CONTROL)
    assert minian["since"]["key"] == "aleppo/C41"
    assert minian["since"]["source"] == "fastaqim"


def test_the_editions_that_rest_on_it_say_what_was_printed(room: Newsroom) -> None:
    (minian,) = rows(room, CONTROL)
    assert minian["exposure"] == 1
    (evening,) = minian["editions"]
    assert (evening["story"], evening["number"]) == ("aleppo", 2)
    assert evening["printed"][0]["agreement"] == "contested"
    assert set(evening["cites"]) == {claim["id"] for claim in minian["claims"] if claim["key"] == "aleppo/C37"}


def test_an_edition_that_printed_nothing_of_it_does_not_rest_on_it(room: Newsroom) -> None:
    morning = cast("dict[str, Any]", room.editions.edition("aleppo", 1, Query()).body)
    pinned = [belief for belief in morning["beliefs"] if belief["question"] == MINIAN]
    assert [belief["agreement"] for belief in pinned] == ["unreported"]
    assert all(one["number"] != 1 for row in rows(room, CONTROL) for one in row["editions"])


def test_an_edition_counts_until_another_one_corrects_it(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as room:
        morning_and_evening(room)
        publish(room, "Minian still contested", corrects=2)
        (minian,) = rows(room, CONTROL)
        assert [edition["number"] for edition in minian["editions"]] == [3]
        publish(room, "Nothing new on Minian")
        (minian,) = rows(room, CONTROL)
        assert (minian["exposure"], [one["number"] for one in minian["editions"]]) == (2, [3, 4])


def test_what_more_editions_rest_on_comes_first_and_then_what_has_waited_longest(room: Newsroom) -> None:
    found = [(row["exposure"], row["since"]["position"]) for row in rows(room)]
    assert len(found) > 1
    assert found == sorted(found, key=lambda one: (-one[0], one[1]))


def test_pages_follow_each_other_without_a_gap(room: Newsroom) -> None:
    whole = names(room)
    first = page(room, Asked(limit=1))
    rest = names(room, Asked(after=str(first.next)))
    assert [*map(named, first.rows), *rest] == whole
    assert page(room).next is None


def test_before_it_was_contested_it_is_not_in_the_list(room: Newsroom) -> None:
    (minian,) = rows(room, CONTROL)
    position = minian["since"]["position"]
    assert "minian/control" not in names(room, cut(as_of=str(position - 1)))
    (then,) = rows(room, cut(CONTROL, as_of=str(position)))
    assert (then["exposure"], then["since"]["position"]) == (0, position)


def test_an_admission_takes_it_off_the_list(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as room:
        morning_and_evening(room)
        head = room.feed.head()
        assert "minian/control" in names(room)
        admission(room)
        assert "minian/control" not in names(room)
        assert "minian/control" in names(room, cut(as_of=str(head)))


@pytest.mark.parametrize(
    "given", [{}, {"valid_at": None}, {"valid_at": "2016-11-08T20:00:00Z"}, {"valid_at": "2016-11"}]
)
def test_it_is_the_list_of_contested_beliefs_in_another_order(room: Newsroom, given: dict[str, str | None]) -> None:
    asked = cut(EVERYTHING, **given)
    query = replace(asked.cut, at_least=room.feed.head())
    listed = room.across.beliefs(Wanted(agreement="contested"), "", 100, query).body.rows
    assert sorted(names(room, asked)) == [named(row) for row in listed]


def test_another_policy_and_a_missing_source_are_judged_anew(room: Newsroom) -> None:
    assert "minian/control" not in names(room, cut(policy="latest/1"))
    assert "minian/control" not in names(room, cut(without=("fastaqim",)))
    (minian,) = rows(room, cut(CONTROL, policy="strict/1"))
    assert minian["since"]["key"] == "aleppo/C41"


def test_more_questions_than_can_be_judged_at_once_are_refused_with_a_way_out(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.contradictions.MOST_JUDGED", 3)
    with pytest.raises(BadQuery) as refused:
        page(room, cut(policy="strict/1"))
    assert refused.value.wrong[0].parameter == "story"


def test_a_story_names_its_own_questions_and_must_be_known(room: Newsroom) -> None:
    assert names(room, Asked(story="aleppo")) == names(room)
    with pytest.raises(UnknownThing):
        page(room, Asked(story="nowhere"))
