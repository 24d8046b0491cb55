"""A ledger can be taken elsewhere: its export, taken in by an empty one, makes the same ledger."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from domain.claims import Question
from domain.commands import EraseText
from domain.events import ClaimRecorded
from domain.times import read_instant
from domain.values import sha256_of
from services.bootstrap import Newsroom, open_newsroom
from services.chosen import Chosen
from services.claim_table import _cell, claim_rows
from services.cuts import Query
from services.editions import Draft
from services.feed import EVERYTHING
from services.imports import import_lines
from services.parquet import NoParquet, write_parquet
from services.story import lines
from support.database import Cluster, fresh_database
from support.expectations import NOW

EVENING = Query(valid_at=NOW)
MINIAN = Question(location="minian", aspect="control")
GONE = "He says the village remains in rebel hands."


@pytest.fixture(scope="module")
def original(cluster: Cluster) -> Iterator[Newsroom]:
    """The whole story, with an edition, and one text that had to go."""
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        for name in ("registry", "claims", "later"):
            list(import_lines(newsroom.ledger, lines(name)))
        query = Query(valid_at=NOW, at_least=newsroom.feed.head())
        newsroom.ledger.record(newsroom.editions.prepare(Draft(story="aleppo", title="Evening"), query))
        newsroom.ledger.record(EraseText(sha256=sha256_of(GONE), reason="a court has ordered it"))
        yield newsroom


def exported(newsroom: Newsroom) -> list[bytes]:
    return [line.encode() for line in newsroom.feed.export()]


def report(newsroom: Newsroom, sent: list[bytes]) -> dict[str, object]:
    return list(import_lines(newsroom.ledger, sent))[-1]


def test_an_empty_ledger_takes_in_every_line_and_is_the_same_then(original: Newsroom, cluster: Cluster) -> None:
    sent = exported(original)
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        assert report(copy, sent)["accepted"] == len(sent) == original.feed.head()
        assert exported(copy) == sent
        cut = Query(valid_at=NOW, at_least=len(sent))
        assert copy.beliefs.belief(MINIAN, cut).body["digest"] == original.beliefs.belief(MINIAN, cut).body["digest"]


def test_a_ledger_that_is_sent_its_own_lines_has_them_all(original: Newsroom) -> None:
    sent = exported(original)
    assert report(original, sent)["duplicates"] == len(sent)


def test_an_erased_text_is_nowhere_in_the_export(original: Newsroom) -> None:
    assert GONE.encode() not in b"\n".join(exported(original))


def test_a_copy_does_not_take_an_erased_text_in_either(original: Newsroom, cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        report(copy, exported(original))
        again = [line for line in lines("claims") if GONE.encode() in line]
        assert report(copy, again)["duplicates"] == len(again)
        assert GONE.encode() not in b"\n".join(exported(copy))


def every_digest(newsroom: Newsroom, head: int) -> dict[str, object]:
    cut = Query(valid_at=NOW, at_least=head)
    asked = {one.event.claim.question for one in claims_recorded(newsroom, head)}
    return {one.name: newsroom.beliefs.belief(one, cut).body["digest"] for one in asked}


def claims_recorded(newsroom: Newsroom, head: int) -> list[Any]:
    return [one for one in newsroom.feed._log.read(0, head) if isinstance(one.event, ClaimRecorded)]  # noqa: SLF001


def test_every_belief_of_the_copy_has_the_digest_that_it_has_in_the_original(
    original: Newsroom, cluster: Cluster
) -> None:
    sent = exported(original)
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        report(copy, sent)
        assert every_digest(copy, len(sent)) == every_digest(original, len(sent))


def test_in_another_order_and_twice_over_the_claims_lead_to_the_same_beliefs(
    original: Newsroom, cluster: Cluster
) -> None:
    registry = list(lines("registry"))
    claims = list(lines("claims"))
    with (
        fresh_database(cluster) as one,
        fresh_database(cluster) as other,
        open_newsroom(one) as ordered,
        open_newsroom(other) as shuffled,
    ):
        head = cast(int, report(ordered, registry + claims)["position"])
        mixed = Random(7).sample(claims + claims, 2 * len(claims))
        assert report(shuffled, registry + mixed)["duplicates"] == len(claims)
        assert every_digest(shuffled, head) == every_digest(ordered, head)


@pytest.mark.parametrize(
    "chosen", [Chosen(location="minian"), Chosen(story="aleppo"), Chosen(source="reuters"), Chosen(location="nowhere")]
)
def test_a_part_of_the_ledger_is_taken_in_elsewhere_without_a_refusal(
    original: Newsroom, cluster: Cluster, chosen: Chosen
) -> None:
    sent = [line.encode() for line in original.feed.export(chosen=chosen)]
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as copy:
        done = report(copy, sent)
        kept = claims_recorded(copy, len(sent))
        assert (done["accepted"], done["refused"]) == (len(sent), 0)
        assert all(chosen.location in (None, one.event.claim.question.location) for one in kept)
        assert all(chosen.source in (None, one.event.claim.source) for one in kept)


def table_of(newsroom: Newsroom, chosen: Chosen = EVERYTHING) -> list[dict[str, str]]:
    head = newsroom.feed.head()
    lines = claim_rows(newsroom.claims, newsroom.feed.claims(0, head, chosen), head)
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_claims_are_a_table_for_people(original: Newsroom) -> None:
    table = table_of(original)
    claims = claims_recorded(original, original.feed.head())
    assert [row["id"] for row in table][: len(claims)] == [one.event.claim.id for one in claims][: len(table)]
    assert {row["status"] for row in table} >= {"standing", "withdrawn"}
    assert {row["location"] for row in table} >= {"minian"}


def test_parquet_without_its_package_is_refused_in_a_sentence(
    original: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NoParquet, match=r"pip install 'onrecord\[parquet\]'"):
        list(write_parquet(original.feed, original.feed.pages(0, None), tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_no_cell_of_the_table_is_run_by_a_spreadsheet(original: Newsroom) -> None:
    row = {"value": "=HYPERLINK(1)", "chain": [{"source": "a"}], "quantity": {"min": -3}}
    assert (_cell(row, "value"), _cell(row, "min")) == ("'=HYPERLINK(1)", "-3")
