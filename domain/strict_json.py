"""A line of JSON has one meaning: no name twice, no number that is none, no nesting without end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from math import isfinite
from typing import NoReturn, cast

from pydantic import JsonValue

from domain.refusals import Malformed, Problem, pointer
from domain.values import Fact

MAX_DEPTH = 32
"""How deep lists and objects may be nested; the deepest form, a MultiPolygon of a location, needs seven."""
MAX_MEMBERS = 10_000
"""How many members a list or an object may have, but for geometries; the longest form, an edition's claims, may have so
many. Each member that is wrong costs a kilobyte until it is told, and four letters to send."""
MAX_PARTS = 200_000
"""How many lists and objects there may be in all; the most has a MultiPolygon of 100,000 positions, each a list."""

_GAPS = (b'" ', b'"\t', b'"\r', b'"\n')
# A text that has no end is taken as one, too: to look for its end again behind each of its quotation marks would take
# hours. The possessive + keeps the search from going back, for the same reason.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read_object(line: bytes | str) -> tuple[str, dict[str, JsonValue]]:
    """Return the line as text, and the object that it holds.

    Raises Malformed for whatever is not one JSON object (RFC 8259) in UTF-8, and for what JSON readers understand
    differently: a name that occurs twice in an object, NaN and numbers beyond a double, nesting beyond `MAX_DEPTH`; and
    for more members than `MAX_MEMBERS`, or more lists and objects than `MAX_PARTS`.
    """
    text = _decoded(line)
    _refuse_the_deep(text)
    if text.startswith("\ufeff"):
        raise _not_json("line 1, character 1: unexpected UTF-8 BOM (decode using utf-8-sig)")
    try:
        read = _READER.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(
            f"line {error.lineno}, character {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
        ) from None
    except ValueError:
        raise _not_json("a whole number has thousands of digits") from None
    if not isinstance(read, dict):
        raise Malformed(Problem("", "the JSON is not an object", "an object: {…}"))
    members = cast("dict[str, JsonValue]", read)
    if text.count(",") >= MAX_MEMBERS:
        _refuse_the_many(members)
    return text, members


def is_plain(line: bytes, fact: Fact) -> bool:
    """Tell whether `line`, which was read as `fact`, surely names nothing twice; False where that takes a closer look.

    Every name in JSON is followed by a colon, so where there are as many of these as members in the fact, each name
    stands there once. What could spoil the count, white space between the two, is not plain. A colon behind a quotation
    mark inside a text only makes the count greater.
    """
    return not any(gap in line for gap in _GAPS) and line.count(b'":') == _members(fact)


def _members(fact: Fact) -> int:
    given = fact.model_fields_set
    count = len(given)
    for name in given:
        value = fact.__dict__[name]
        if isinstance(value, Fact):
            count += _members(value)
        elif isinstance(value, tuple):
            for one in cast("tuple[object, ...]", value):
                if isinstance(one, Fact):
                    count += _members(one)
        elif isinstance(value, dict):
            count += len(cast("dict[str, object]", value))
    return count


def _decoded(line: bytes | str) -> str:
    if isinstance(line, str):
        return line
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(Problem("", f"byte {error.start + 1} is not UTF-8", "text in UTF-8")) from None


def _refuse_the_deep(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = parts = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        first = text[found.start()]
        opens = first in "[{"
        depth += opens - (first in "]}")
        parts += opens
        if depth > MAX_DEPTH:
            raise Malformed(Problem("", f"lists and objects are nested more than {MAX_DEPTH} deep", "fewer levels"))
        if parts > MAX_PARTS:
            raise Malformed(Problem("", f"there are more than {MAX_PARTS} lists and objects", "fewer of them"))


def _refuse_the_many(read: dict[str, JsonValue]) -> None:
    waiting: list[tuple[str, dict[str, JsonValue] | list[JsonValue]]] = [("", read)]
    while waiting:
        place, here = waiting.pop()
        if len(here) > MAX_MEMBERS:
            said = f"{len(here)} members are more than a list or an object may have"
            raise Malformed(Problem(place, said, f"{MAX_MEMBERS} at most"))
        named: Iterable[tuple[str | int, JsonValue]] = here.items() if isinstance(here, dict) else enumerate(here)
        waiting += [
            (place + pointer(name), one)
            for name, one in named
            if isinstance(one, dict | list) and (place, name) != ("", "geometry")
        ]


def _unambiguous(members: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    read = dict(members)
    if len(read) < len(members):
        times = Counter(name for name, _ in members)
        twice = next(name for name, many in times.items() if many > 1)
        raise Malformed(Problem("", f"the name {twice!r} occurs twice in one object", "each name once"))
    return read


def _no_number(name: str) -> NoReturn:
    raise _not_json(f"{name} is not a number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Malformed(Problem("", f"the number {digits[:40]} is too great", "a number that a double can hold"))
    return number


def _not_json(reason: str) -> Malformed:
    return Malformed(Problem("", f"this is not JSON: {reason}", "one JSON object"))


_READER = json.JSONDecoder(object_pairs_hook=_unambiguous, parse_constant=_no_number, parse_float=_finite)
