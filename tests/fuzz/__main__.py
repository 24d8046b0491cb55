"""What comes from outside is read or refused in our words, and quickly, whatever it is: found by coverage, not by us.

Run by hand as `python tests/fuzz TARGET SECONDS FOLDER`, with Atheris in an environment of its own: see CONTRIBUTING.
A refusal is an answer; any other exception, and an input that takes a second, is a defect.
"""

from __future__ import annotations

import importlib
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
atheris: Any = importlib.import_module("atheris")
with atheris.instrument_imports(include=["domain", "services", "api", "json", "base64"]):
    from api.bodies import lines_of
    from api.cursors import cursor, number_place, place_of, text_place
    from api.refused import AskedOtherwise
    from domain.commands import parse_command
    from domain.refusals import Malformed, Refusal
    from domain.strict_json import read_object
    from domain.times import UnreadableTime, read, read_instant, read_timezone, show
    from services.imports import refusal_json
    from services.plain import plain_line

SLOW = 1.0
"""Seconds of a processor that no input may take; those here are 4 kB at most, and a sound one takes a millisecond."""
PIECE = 7
"""Bytes that a body comes in by, so that every seam is tried."""
ID = "0192f0c4-7a00-7000-8000-000000000001"


def times(given: bytes) -> None:
    """A text about time means one interval, and says itself again; or it is refused."""
    zone, _, text = given.decode("utf-8", "replace").rpartition("|")
    try:
        reading = read(text, zone or "UTC")
    except UnreadableTime as error:
        assert 0 <= error.at <= 200
    else:
        start, end = reading.interval.start, reading.interval.end
        assert start is None or end is None or start < end
        for bound in (start, end):
            shown = show(bound)
            assert shown is None or read_instant(shown) == bound
        assert read(text, zone or "UTC") == reading
    for reader in (read_instant, read_timezone):
        with suppress(UnreadableTime):
            reader(text)


def lines(given: bytes) -> None:
    """A line is a command or refused with its places, and the short cut takes nothing that the long way refuses."""
    for packed in (False, True):
        chunks = (given[at : at + PIECE] for at in range(0, len(given), PIECE))
        try:
            for line in lines_of(chunks, 1_000, packed=packed):
                _line(line)
        except Malformed:
            pass


def _line(line: bytes) -> None:
    try:
        read_object(line)
    except Refusal as refusal:
        assert refusal_json(refusal)["errors"]
    try:
        command = parse_command(line)
    except Refusal as refusal:
        assert refusal_json(refusal)["errors"]
        assert plain_line(line, lambda: ID, None) is None
    else:
        assert type(command).model_validate_json(command.model_dump_json(by_alias=True, exclude_unset=True)) == command
        plain_line(line, lambda: ID, None)


def cursors(given: bytes) -> None:
    """A cursor is one of ours, with a place that the database takes, or refused."""
    _cursor(given.decode("utf-8", "replace")[:400])
    _cursor(urlsafe_b64encode(given).decode().rstrip("=")[:400])
    _cursor(urlsafe_b64encode(b'["c1",%b]' % given).decode().rstrip("=")[:400])


def _cursor(text: str) -> None:
    for reader in (place_of, text_place, number_place):
        try:
            place = reader(text)
        except AskedOtherwise as refused:
            assert refused.wrong[0].parameter == "after"
            continue
        assert isinstance(place, str | int)
        assert "\0" not in str(place)
        str(place).encode()
        assert place_of(cursor(place)) == place


TARGETS: dict[str, Callable[[bytes], None]] = {"times": times, "lines": lines, "cursors": cursors}


def seeds(target: str) -> Iterator[bytes]:
    """Yield what is sound, to begin with."""
    match target:
        case "times":
            yield from (
                b"2016-11-08", b"2016-11", b"2016-22~", b"201X", b"20XX?", b"2016-XX-XX", b"../2016-11-08%",
                b"2016-11-08T10:00:00.123456+02:00", b"2016-11-08/2016-11-09T00:00:00Z", b"Asia/Damascus|2016-03-25",
                b"America/Toronto|1919-03-31", b"Pacific/Apia|2011-12-30", b"+14:00|9999-12", b"-23:59|0001/..",
            )  # fmt: skip
        case "lines":
            yield from (file.read_bytes() for file in sorted((ROOT / "tests/stories").rglob("*.ndjson")))
            yield b'{"type":"claim","question":{"location":"a","aspect":"b"},"value":"on","chain":[{"source":"c"}]}'
        case _:
            yield from (cursor(place).encode() for place in (0, 7, 2**63, "north-quay", "é", '["'))
            yield from (
                b'"\\u00e9"',
                b'"\\ud83d\\ude00"',
                b'["c1","a"]',
                b"12",
                b"1e5",
                b"[[]]",
                b'{"a":1,"b":2}',
                b"true",
                b"NaN",
            )


def main() -> None:
    """Try inputs for so many seconds; what is found is kept in the folder, and so is what breaks."""
    target, seconds = sys.argv[1], sys.argv[2]
    work = Path(sys.argv[3])
    corpus = work / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        for part, line in enumerate(seed.splitlines()[:200]):
            (corpus / f"seed-{number}-{part}").write_bytes(line)
    slowest = 0.0
    count = 0

    def tried(given: bytes) -> None:
        nonlocal slowest, count
        began = time.process_time()
        TARGETS[target](given)
        took = time.process_time() - began
        count += 1
        if took > slowest:
            slowest = took
            told = f"slowest so far: {took * 1000:.1f} ms for {len(given)} bytes, after {count}"
            print(told, flush=True)  # noqa: T201 (somebody waits at a terminal)
        assert took < SLOW, f"{took:.1f} s"

    options = [f"-max_total_time={seconds}", "-timeout=5", "-max_len=4096", f"-artifact_prefix={work}/{target}-"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(corpus)], tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
