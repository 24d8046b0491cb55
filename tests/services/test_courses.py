"""What a map is told of many places at once is, place by place, what each history tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from domain.claims import Question
from domain.times import read_instant
from services.across import Wanted
from services.bootstrap import Newsroom, open_newsroom
from services.courses import Followed
from services.cuts import Query
from services.errors import BadQuery
from services.imports import import_lines
from services.side_by_side import WantedReplay
from services.story import lines
from support.database import Cluster, fresh_database
from support.expectations import NOW

EVENING = Query(valid_at=NOW)
CONTROL = Followed("control", "valid")


@pytest.fixture(scope="module")
def aleppo(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        for part in ("registry", "claims", "later"):
            assert [report for report in import_lines(newsroom.ledger, lines(part))][-1]["refused"] == 0
        head = newsroom.feed.head()
        assert newsroom.projector.caught_up_to(head, 120.0) >= head
        yield newsroom


def told(newsroom: Newsroom, followed: Followed, query: Query, limit: int = 1_000, after: str = "") -> dict[str, Any]:
    return cast("dict[str, Any]", newsroom.courses.across(followed, after, limit, query).body.body)


def courses(body: dict[str, Any]) -> dict[Question, list[tuple[object, object, object]]]:
    """The intervals of each question: from, to, and what is believed, with the numbers looked up."""
    places, questions, intervals = body["places"], body["questions"], body["intervals"]
    moments = body["moments"].get("position", body["moments"]["at"])
    found: dict[Question, list[tuple[object, object, object]]] = {
        Question(location=places["slug"][place], aspect=body["aspect"], subject=subject): []
        for place, subject in zip(questions["place"], questions["subject"], strict=True)
    }
    asked = list(found)
    for of, start, end, outcome in zip(
        *(intervals[name] for name in ("question", "from", "to", "outcome")), strict=True
    ):
        bounds = (None if start is None else moments[start], None if end is None else moments[end])
        found[asked[of]].append((*bounds, body["outcomes"][outcome]))
    return found


def along(newsroom: Newsroom, question: Question, query: Query) -> list[tuple[object, object, object]]:
    return [
        (one["from"], one["to"], {name: one[name] for name in one if name not in ("from", "to")})
        for one in newsroom.beliefs.history(question, query, "valid").body
        if one["agreement"] != "unreported"
    ]


def through(newsroom: Newsroom, question: Question, query: Query) -> list[tuple[object, object, object]]:
    changes = newsroom.beliefs.history(question, query, "recorded").body
    ends: list[object] = [*(one["position"] for one in changes[1:]), None]
    return [
        (one["position"], end, {**cast("dict[str, object]", one["after"]), "rule": one["rule"]})
        for one, end in zip(changes, ends, strict=False)
        if cast("dict[str, object]", one["after"])["agreement"] != "unreported"
    ]


@pytest.mark.parametrize("aspect", ["control", "fighting", "territory_change", "casualties"])
@pytest.mark.parametrize("as_of", [None, "110"])
def test_along_valid_time_every_course_is_the_history_of_its_question(
    aleppo: Newsroom, aspect: str, as_of: str | None
) -> None:
    query = Query(as_of=as_of)
    found = courses(told(aleppo, Followed(aspect, "valid"), query))
    assert found
    assert found == {question: along(aleppo, question, query) for question in found}


@pytest.mark.parametrize("aspect", ["control", "fighting", "siege"])
@pytest.mark.parametrize("query", [EVENING, Query(), Query(valid_at="2016-11-08T12:00:00Z", as_of="100")])
def test_as_the_ledger_grew_every_course_is_the_history_of_its_question(
    aleppo: Newsroom, aspect: str, query: Query
) -> None:
    found = courses(told(aleppo, Followed(aspect, "recorded"), query))
    assert found
    assert found == {question: through(aleppo, question, query) for question in found}


def test_no_place_is_missing(aleppo: Newsroom) -> None:
    listed = aleppo.across.beliefs(Wanted(aspect="control"), "", 1_000, EVENING).body.rows
    body = told(aleppo, Followed("control", "recorded"), EVENING)
    now = {question.location for question, course in courses(body).items() if course[-1][1] is None}
    assert {cast("dict[str, str]", row["question"])["location"] for row in listed} == now


def test_each_moment_of_the_ledger_tells_when_it_was_recorded(aleppo: Newsroom) -> None:
    moments = told(aleppo, Followed("control", "recorded"), EVENING)["moments"]
    assert moments["position"] == sorted(set(moments["position"]))
    assert moments["at"] == [
        event["recorded"]
        for event in aleppo.feed.page(0, 1_000, 1_000).rows
        if event["position"] in moments["position"]
    ]


def test_pages_go_on_by_place_and_come_to_the_whole(aleppo: Newsroom) -> None:
    whole, after, found = courses(told(aleppo, CONTROL, Query())), "", dict[Question, object]()
    pages = 0
    while pages < 50:
        page = aleppo.courses.across(CONTROL, after, 2, Query()).body
        pages += 1
        assert len(cast("dict[str, list[str]]", page.body["places"])["slug"]) <= 2
        found |= courses(cast("dict[str, Any]", page.body))
        if page.next is None:
            break
        after = page.next
    assert found == whole
    assert pages > 2


def test_filters_leave_out_what_does_not_fit(aleppo: Newsroom) -> None:
    story = told(aleppo, Followed("control", "valid", story="aleppo"), Query())
    assert set(courses(story)) <= set(courses(told(aleppo, CONTROL, Query())))
    assert told(aleppo, Followed("control", "valid", box=(0, 0, 1, 1)), Query())["places"]["slug"] == []
    about = told(aleppo, Followed("territory_change", "valid", subject="syrian-government"), Query())
    assert {question.subject for question in courses(about)} <= {"syrian-government"}


def test_what_no_picture_has_is_refused_with_what_to_ask_instead(aleppo: Newsroom) -> None:
    with pytest.raises(BadQuery, match="many places are not judged anew"):
        told(aleppo, CONTROL, Query(policy="latest/1"))
    with pytest.raises(BadQuery, match="whole interval"):
        told(aleppo, Followed("casualties", "recorded"), Query(valid_at="2016-11-08"))


def test_a_what_if_is_asked_by_its_name(aleppo: Newsroom) -> None:
    aleppo.side_by_side.replay("picture", WantedReplay(name="latest", policy="latest/1"))
    query = Query(projection="latest", valid_at=NOW)
    answer = aleppo.courses.across(Followed("control", "recorded"), "", 1_000, query)
    assert (answer.projection, answer.immutable) == ("latest", False)
    judged = Query(policy="latest/1", valid_at=NOW)
    found = courses(cast("dict[str, Any]", answer.body.body))
    assert found == {question: through(aleppo, question, judged) for question in found}


def test_what_came_down_before_anybody_spoke_is_judged_or_said_to_be_missing(
    aleppo: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(aleppo, Followed("control", "recorded"), EVENING)
    monkeypatch.setattr("services.courses.MOST_LOOKED_BACK", 0)
    part = told(aleppo, Followed("control", "recorded"), EVENING)
    assert set(whole["questions"]["told_from"]) == {None}
    cut_off = [position for position in part["questions"]["told_from"] if position is not None]
    assert cut_off
    all_told, rest = courses(whole), courses(part)
    for number, question in enumerate(rest):
        since = part["questions"]["told_from"][number] or 0
        assert [one for one in all_told[question] if cast("int", one[0]) > since] == [
            one for one in rest[question] if cast("int", one[0]) > since
        ]
