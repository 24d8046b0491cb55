"""Rows go to a binary COPY as bytes made here: to ask the driver about each value costs more than the database does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from struct import Struct

_ROWS = 100
"""Rows sent together: the server stores them while the next are made."""
_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
"""What PostgreSQL says such a file begins and ends with (its documentation of COPY, "Binary Format")."""
# Before each value stands its length; before the first of a row, how many there are.
_first_text = Struct(">hi").pack
_number_then_text = Struct(">iqi").pack
_length = Struct(">i").pack
_number = Struct(">iq").pack
_two_numbers = Struct(">iqiq").pack


def packed(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what COPY reads, from beginning to end; a row is one of the shapes below."""
    waiting = iter(rows)
    yield _BEGIN
    while some := list(islice(waiting, _ROWS)):
        yield b"".join(some)
    yield _END


def event_row(stream: str, revision: int, name: str, state: bytes, position: int) -> bytes:
    """Return a row of the events: text, bigint, text, bytea, bigint."""
    thing = stream.encode()
    return b"%b%b%b%b%b%b" % (
        _first_text(5, len(thing)),
        thing,
        _revision_and_name(revision, name),
        _length(len(state)),
        state,
        _number(8, position),
    )


@lru_cache(maxsize=256)
def _revision_and_name(revision: int, name: str) -> bytes:
    """Pack what is the same for nearly every event."""
    told = name.encode()
    return _number_then_text(8, revision, len(told)) + told


def key_row(key: str, fingerprint: bytes, stream: str, first: int, position: int) -> bytes:
    """Return a row of the keys: text, bytea, text, bigint, bigint."""
    named, thing = key.encode(), stream.encode()
    return b"%b%b%b%b%b%b%b" % (
        _first_text(5, len(named)),
        named,
        _length(len(fingerprint)),
        fingerprint,
        _length(len(thing)),
        thing,
        _two_numbers(8, first, 8, position),
    )
