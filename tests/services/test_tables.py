"""A newsroom's own table comes in through a mapping, and what is refused goes back to be mended."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from domain.events import ClaimRecorded
from domain.refusals import Malformed
from services.ledger import Ledger
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.tables import Table, read_mapping, refused_row

Json = dict[str, object]
MAPPING = {
    "delimiter": ";",
    "cells": {"Side": {"Govt": "government"}, "Dead": {"-": ""}},
    "lines": [
        {"type": "source", "slug": "{Source|slug}", "name": "{Source}", "kind": "outlet"},
        {
            "type": "location",
            "slug": "{Place|slug}",
            "names": ["{Place}"],
            "precision": "locality",
            "geometry": {"type": "Point", "coordinates": ["{Lon|number}", "{Lat|number}"]},
        },
        {
            "key": "desk/{No}",
            "question": {"location": "{Place|slug}", "aspect": "casualties"},
            "quantity": {"min": "{Dead|int}", "max": "{Most|int}", "verbatim": "{Words}"},
            "chain": [{"source": "{Source|slug}", "role": "speaker", "mode": "paraphrase", "naming": "named"}],
            "valid": {"edtf": "{Day}"},
            "published": {"edtf": "{Day}"},
            "statement": "{Source} says: {Words}",
        },
    ],
}
HEAD = "No;Source;Place;Lon;Lat;Dead;Most;Words;Day\n"
GOOD = "1;Évening Post;Minian;37.1;36.2;12;;a dozen;2016-11-08\n"


@pytest.fixture
def log(addresses: Addresses) -> Iterator[EventLog]:
    with EventLog(addresses.service) as opened:
        yield opened


@pytest.fixture
def ledger(log: EventLog) -> Iterator[Ledger]:
    with Ledger(log) as started:
        yield started


def imported(ledger: Ledger, text: str) -> tuple[list[Json], Json]:
    table = Table(read_mapping(json.dumps(MAPPING).encode()))
    *reports, done = table.import_rows(ledger, io.StringIO(text, newline=""))
    return [one for one in reports if one["report"] == "refused"], done


def test_a_row_becomes_the_lines_of_the_mapping(ledger: Ledger, log: EventLog) -> None:
    refused, done = imported(ledger, HEAD + GOOD)
    event = log.read(0, 10)[-1].event
    assert (refused, done["rows"], done["accepted"]) == ([], 1, 3)
    assert isinstance(event, ClaimRecorded)
    assert (event.claim.source, event.claim.question.name) == ("evening-post", "minian/casualties")
    assert event.claim.quantity is not None
    assert (event.claim.quantity.min, event.claim.quantity.max) == (12, None)


def test_what_many_rows_register_is_registered_once_and_the_same_table_again_is_all_duplicates(ledger: Ledger) -> None:
    text = HEAD + GOOD + GOOD.replace("1;", "2;", 1)
    assert imported(ledger, text)[1]["accepted"] == 4
    assert (imported(ledger, text)[1]["accepted"], imported(ledger, text)[1]["duplicates"]) == (0, 4)


def test_a_refused_row_is_told_with_line_column_and_reason_and_goes_in_when_it_is_mended(ledger: Ledger) -> None:
    bad = '2;Évening Post;Minian;37.1;36.2;many;;"two\nlines";2016-11-08\n3;Évening Post;Minian;;;1;;;2016-13-01\n'
    refused, done = imported(ledger, HEAD + GOOD + bad)
    told = [(one["line"], one["kind"], one["errors"]) for one in refused]
    assert [(line, kind, errors[0]["columns"]) for line, kind, errors in told] == [  # pyright: ignore[reportIndexIssue]
        (4, "unreadable-cell", ["Dead"]),
        (5, "unreadable-time", ["Day"]),
    ]
    assert done["accepted"] == 4
    rows = [refused_row(one) for one in refused]
    assert rows[0]["refused because"] == "Dead: 'many' is no number"
    mended = io.StringIO(newline="")
    writer = csv.DictWriter(mended, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows([{**rows[0], "Dead": "20"}, {**rows[1], "Day": "2016-11-09"}])
    assert imported(ledger, mended.getvalue())[1]["refused"] == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("No;Source\n1;x\n", "there is no column 'Place'"),
        ("", "there is no column"),
        (HEAD + '1;"open\n', "unexpected end of data"),
        (HEAD + GOOD.strip() + ";more\n", "more cells"),
    ],
)
def test_what_is_no_table_of_this_mapping_is_refused_in_a_sentence(ledger: Ledger, text: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        imported(ledger, text)


def test_a_mapping_is_read_strictly() -> None:
    with pytest.raises(Malformed):
        read_mapping(b'{"lines": [], "colums": {}}')
