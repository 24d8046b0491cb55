"""Each limit is told with its place and what would have been taken, alike for one claim and for a line of many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.imports import MAX_LINE
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

LINK = {"source": "coast-wire", "role": "carrier", "mode": "carried", "naming": "named"}
CLAIM: dict[str, Any] = {
    "question": {"location": "north-quay", "aspect": "stoppage"},
    "value": "on",
    "chain": [{**LINK, "role": "speaker"}],
    "valid": {"edtf": "2024-11-08"},
    "published": {"edtf": "2024-11-08"},
}
DEEP = b'{"type": "claim", "facets": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BEYOND = [
    ({"tags": [f"tag {number}" for number in range(51)]}, "/tags", "50"),
    ({"chain": [LINK] * 21}, "/chain", "20"),
    ({"relations": [{"type": "confirms", "claim": f"0192f0c4-7a00-7000-8000-{n:012d}"} for n in range(101)]},
     "/relations", "100"),
    ({"statement": "x" * 20_001}, "/statement", "20000"),
    ({"stated": {"edtf": "2919-01-01"}}, "/stated/edtf", "clock"),
    ({"published": {"edtf": "2919-01-01T00:00:00Z"}}, "/published/edtf", "clock"),
]  # fmt: skip
"""What is more than is taken, the place that is named, and what the sentence about it has in it."""


@pytest.fixture(scope="module")
def desk(cluster: Cluster) -> Iterator[Desk]:
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        opened.load()
        yield opened


def told(problem: dict[str, Any], pointer: str) -> str:
    """What the problem says of this place, and of no other."""
    [one] = problem["errors"]
    assert one["pointer"] == pointer
    return f"{problem['detail']} {one['said']} {one.get('expected', '')}"


@pytest.mark.parametrize(("more", "pointer", "most"), BEYOND, ids=[pointer for _, pointer, _ in BEYOND])
def test_what_is_more_than_is_taken_is_refused_with_its_place_and_the_limit(
    desk: Desk, more: dict[str, Any], pointer: str, most: str
) -> None:
    before = desk.head
    answer = desk.send("/v1/claims", {**CLAIM, **more})
    [refused, done] = desk.load([{"type": "claim", **CLAIM, **more}])

    assert answer.status_code == 422
    assert most in told(answer.json(), pointer)
    assert (refused["line"], most in told(refused, pointer)) == (1, True)
    assert (done["refused"], desk.head) == (1, before)


def test_the_most_that_is_taken_is_taken(desk: Desk) -> None:
    most = {"tags": [f"tag {number}" for number in range(50)], "chain": [{**LINK, "role": "speaker"}, *[LINK] * 19]}
    assert desk.send("/v1/claims", {**CLAIM, **most, "statement": "x" * 20_000}).status_code == 201


def test_nesting_without_end_is_refused_in_a_line_too(desk: Desk) -> None:
    [refused, done] = desk.load_bytes(DEEP + b"\n" + json.dumps({"type": "claim", **CLAIM}).encode())
    assert "deep" in told(refused, "")
    assert (done["accepted"], done["refused"]) == (1, 1)


def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_taken(desk: Desk) -> None:
    long = json.dumps({"type": "claim", **CLAIM, "statement": "x" * MAX_LINE}).encode()
    [refused, done] = desk.load_bytes(long + b"\n" + json.dumps({"type": "claim", **CLAIM, "value": "off"}).encode())
    assert str(MAX_LINE) in told(refused, "")
    assert (refused["line"], done["accepted"], done["refused"]) == (1, 1, 1)
