"""A few bytes cost a few bytes' work: no text keeps its reader busy for longer than a sound one of its length does."""

import json
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from domain.commands import parse_command
from domain.geometry import MAX_POSITIONS
from domain.refusals import Malformed
from domain.strict_json import MAX_MEMBERS, read_object
from domain.times import UnreadableTime, read, read_instant, read_timezone

MILLION = 1_000_000
QUICKLY = 8.0
"""Seconds on a busy machine; each of these once took from twenty of them to hours, or gigabytes."""
MOST = 200 * 1024 * 1024
BOMBS = {
    "escaped quotation marks without an end": b"[" * 33 + b'"' + b'\\"' * MILLION,
    "quotation marks without an end": b"[" * 33 + b'"' * (2 * MILLION + 1),
    "backslashes": b"[" * 33 + b'"' + b"\\" * (2 * MILLION + 1),
    "a name that occurs twice behind many": b"{%b" % b"".join(b'"%d":1,' % n for n in range(200_000)) + b'"199999":1}',
    "lists within lists": b"[" * 2 * MILLION,
    "a whole number of millions of digits": b'{"value":' + b"9" * 2 * MILLION + b"}",
    "a fraction of millions of digits": b'{"value":0.' + b"9" * 2 * MILLION + b"}",
    "an exponent of millions of digits": b'{"value":1e' + b"9" * 2 * MILLION + b"}",
    "empty links": b'{"chain":[' + b",".join([b"{}"] * 600_000) + b"]}",
    "numbers for texts": b'{"tags":[' + b",".join([b"1"] * MILLION) + b"]}",
    "positions without a map": b'{"geometry":{"coordinates":[' + b",".join([b"[1]"] * 800_000) + b"]}}",
    "fields that do not exist": b"{%b" % b",".join(b'"%d":1' % n for n in range(200_000)) + b"}",
    "a type that is a book": b'{"type":"' + b"a" * 2 * MILLION + b'"}',
}  # fmt: skip


@pytest.fixture
def within() -> Iterator[None]:
    """Holds what is done meanwhile against its bounds."""
    began = time.process_time()
    tracemalloc.start()
    try:
        yield
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < QUICKLY
    assert most < MOST


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.usefixtures("within")
def test_a_line_that_was_made_to_be_slow_is_refused_at_once(bomb: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_command(bomb)
    assert len(refused.value.problems) < 10
    assert max(len(problem.said) for problem in refused.value.problems) < 200


@pytest.mark.parametrize("text", ["2" * MILLION, "2016-" * MILLION, "/" * MILLION, "X" * 100, "2016-11-08T" + "9" * 89])
@pytest.mark.usefixtures("within")
def test_a_time_that_was_made_to_be_slow_is_refused_at_once(text: str) -> None:
    with pytest.raises(UnreadableTime):
        read(text)
    with pytest.raises(UnreadableTime):
        read_instant(text)
    with pytest.raises(UnreadableTime):
        read_timezone(text)


def test_the_widest_geometry_is_read() -> None:
    positions = [[n % 180, 0.5] for n in range(MAX_POSITIONS)]
    line = json.dumps({"type": "location", "geometry": {"type": "MultiPoint", "coordinates": positions}})
    assert len(read_object(line)[1]) == 2


def test_the_many_are_told_with_their_place() -> None:
    line = b'{"type":"edition","claims":[' + b",".join([b'"x"'] * (MAX_MEMBERS + 1)) + b"]}"
    with pytest.raises(Malformed) as refused:
        parse_command(line)
    [problem] = refused.value.problems
    assert (problem.pointer, str(MAX_MEMBERS) in str(problem.expected)) == ("/claims", True)
