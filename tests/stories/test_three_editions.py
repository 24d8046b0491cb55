"""Three editions of the Aleppo story: what an editor would write of the second and third, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from domain.commands import WithdrawClaim
from domain.times import read_instant
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.editions import WantedEditions
from services.sheet_forms import html, markdown
from services.shown import Json
from support.database import Cluster, fresh_database
from support.expectations import NOW, names
from support.three_editions import STORY, admission, asked, morning_and_evening, next_day, publish

GOLDEN = Path(__file__).with_name("aleppo") / "three_editions.md"
RECORDED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
WHOLE = re.compile(r"(?<=as JSON \(RFC 8785\): )[0-9a-f]{64}")


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        morning_and_evening(newsroom)
        next_day(newsroom)
        yield newsroom


def sheet(room: Newsroom, start: str, end: str) -> str:
    """What an editor pastes, but for when this test ran: the instants of recording, and the digest over them."""
    query = asked(room)
    answer = room.differences.between(STORY, start, end, query)
    told = markdown(room.sheets.difference(STORY, answer, query, "https://ledger.example"))
    return WHOLE.sub("…", RECORDED.sub("…", told))


def edition(room: Newsroom, number: int, **cut: str) -> dict[str, Any]:
    return cast("dict[str, Any]", room.editions.edition("aleppo", number, asked(room, **cut)).body)


def affected(room: Newsroom, **given: object) -> list[tuple[int, object]]:
    rows = room.editions.editions(WantedEditions(affected=True), "", 10, asked(room)).body.rows
    return [(cast("int", row["number"]), cast("Json", row["affected"])["urgency"]) for row in rows]


def test_the_differences_read_like_what_an_editor_would_write(room: Newsroom) -> None:
    told = "\n".join([sheet(room, "edition/1", "edition/2"), sheet(room, "edition/2", "edition/3")])
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_the_admission_is_one_sentence_that_says_who_and_against_whose_interest(room: Newsroom) -> None:
    told = sheet(room, "edition/2", "edition/3")
    assert "is settled: Syrian government, uncontested (S5 conceded). It had been contested" in told
    assert "Fastaqim (Zakaria Malahifji, head of Fastaqim's political office; through Reuters)" in told
    assert "against its own interest, on 9 November 2016: " in told


def test_the_page_says_what_the_note_says(room: Newsroom) -> None:
    query = asked(room)
    told = room.sheets.difference(STORY, room.differences.between(STORY, "edition/2", "edition/3", query), query)
    page = html(told)
    assert all(run.text.replace("'", "&#39;") in page for run in told.sections[0].entries[0].because[0])


def test_the_evening_edition_is_affected_and_the_claim_is_named(room: Newsroom) -> None:
    evening = edition(room, 2)["affected"]
    (row,) = evening["beliefs"]
    assert row["question"] == {"location": "minian", "aspect": "control"}
    assert (row["before"]["agreement"], row["after"]["strength"]) == ("contested", "S5")
    assert [names()[cause["claim"]] for cause in row["because"]] == ["L2"]
    assert evening["since"] == row["since"] == row["because"][0]["position"]


def test_the_next_day_s_edition_is_linked_and_answers_it(room: Newsroom) -> None:
    evening = edition(room, 2)
    assert [one["number"] for one in evening["corrected_by"]] == [3]
    assert (evening["affected"]["urgency"], evening["affected"]["answered_by"]) == ("answered", 3)
    assert edition(room, 3)["corrects"] == 2


def test_an_edition_pins_position_claims_and_digests(room: Newsroom) -> None:
    morning = edition(room, 1)
    assert morning["as_of"] < morning["position"]
    assert all(re.fullmatch("[0-9a-f]{64}", belief["digest"]) for belief in morning["beliefs"])
    assert morning["claims"]


def test_before_the_next_day_the_evening_edition_stood(room: Newsroom) -> None:
    before = edition(room, 2)["affected"]["since"] - 1
    assert edition(room, 2, as_of=str(before))["affected"]["urgency"] is None


def test_editions_come_by_urgency_and_page_by_page(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        morning_and_evening(newsroom)
        admission(newsroom)
        publish(newsroom, "Minian lost")
        assert affected(newsroom)[0] == (2, "settled")
        _withdraw(newsroom, "L2")
        assert affected(newsroom)[0] == (3, "overturned")
        _withdraw(newsroom, "C19")
        found = affected(newsroom)
        assert found[0] == (3, "overturned")
        assert {number for number, _ in found} == {1, 2, 3}
        first = newsroom.editions.editions(WantedEditions(affected=True), "", 1, asked(newsroom)).body
        second = newsroom.editions.editions(WantedEditions(affected=True), str(first.next), 9, asked(newsroom)).body
        assert [row["number"] for row in (*first.rows, *second.rows)] == [number for number, _ in found]
        everything = newsroom.editions.editions(WantedEditions("aleppo"), "", 2, asked(newsroom)).body
        assert ([row["number"] for row in everything.rows], everything.next is None) == ([1, 2], False)
        rest = newsroom.editions.editions(WantedEditions(), str(everything.next), 2, Query()).body
        assert [row["number"] for row in rest.rows] == [3]
        newest = newsroom.editions.editions(WantedEditions("aleppo", newest=True), "", 2, asked(newsroom)).body
        oldest = newsroom.editions.editions(WantedEditions(newest=True), str(newest.next), 2, Query()).body
        assert [row["number"] for row in (*newest.rows, *oldest.rows)] == [3, 2, 1]


def _withdraw(room: Newsroom, name: str) -> None:
    claim = next(claim for claim, short in names().items() if short == name)
    room.ledger.record(WithdrawClaim(claim=claim, reason="said in error"))
