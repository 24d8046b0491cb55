"""A time is written in EDTF level 1 or RFC 3339 and read whole, or refused with the place and the reason.

This module knows calendars and texts, not zones: what a day means in UTC is decided in `domain.times`.
Sources: ISO 8601-2:2019 (EDTF) level 1 as published by the Library of Congress; RFC 3339 section 5.6.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

LONGEST = 100
"""Code points; no time needs more, and a longer text is refused before anything looks into it."""

EXPECTED_TIME = (
    "a date (2016-11-08, 2016-11, 2016), a season (2016-21 to 2016-24), open digits (201X, 2016-XX), each with ~ ? or %"
    " at its end if need be, an instant with an offset (2016-11-08T10:00:00+02:00), or two of them with / between"
)
EXPECTED_INSTANT = "an RFC 3339 instant with seconds and an offset, such as 2016-11-08T10:00:00+02:00 or …Z"

# [0-9], never \d: \d also reads the digits of other scripts, and two texts would be one time.
_DATE = re.compile(r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9]{2}|XX))?(?:-([0-9]{2}|XX))?")
_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_ORDINARY = re.compile(
    r"[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_ORDINARY_DAY = re.compile(r"[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}")
_SHORTEST_INSTANT = len("2016-11-08T10:00:00Z")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_MISTAKES_AT_THE_BEGINNING = (
    (re.compile(r"Y|-[0-9]"), "the ledger knows the years 0001 to 9999 only", "a year of four digits"),
    (re.compile(r"[0-9]{5}"), "the ledger knows the years 0001 to 9999 only", "four digits, then - if more follows"),
)
_MISTAKES = (
    (re.compile(r"[\[{]"), "a set of dates is EDTF level 2", "level 1: one date or one interval"),
    (re.compile(r"[~?%]"), "a qualifier inside a date is EDTF level 2", "one of ~ ? % at the end of the date"),
    (re.compile(r"\s"), "there is white space", "none"),
    (re.compile(r"\.\."), "an open end stands alone", ".. on one side of a /"),
)


class UnreadableTime(ValueError):
    """A text is not a time: the message says what is wrong, where (characters count from 1), and what was expected."""

    def __init__(self, text: str, wrong: str, at: int, expected: str) -> None:
        """Keep the whole `text`; `at` is the offset, in code points from 0, of the first character that is wrong."""
        shown = repr(text if len(text) <= LONGEST else text[:40] + "…")
        super().__init__(f"{shown}, character {at + 1}: {wrong}; expected {expected}")
        self.text = text
        self.at = at


@dataclass(frozen=True, slots=True)
class Days:
    """Whole calendar days, both ends included, in no zone yet."""

    first: date
    last: date


Bound = Days | datetime
"""Whole days of some zone, or one instant in UTC."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the text says, sign by sign: `end` is None for an open end, `begin` for an open beginning."""

    begin: Bound | None
    end: Bound | None
    interval: bool
    approximate: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """One side of a slash, which knows its place in the whole so that a refusal can name it."""

    whole: str
    said: str
    offset: int = 0

    def refused(self, wrong: str, at: int, expected: str) -> UnreadableTime:
        return UnreadableTime(self.whole, wrong, self.offset + at, expected)


def parse(text: str) -> Written:
    """Read a date, a season, an instant, or an interval of them; raise `UnreadableTime` for anything else."""
    _refuse_the_absurd(text, EXPECTED_TIME)
    left, slash, right = text.partition("/")
    if not slash:
        bound, approximate = _bound(_Piece(text, text))
        return Written(bound, bound, interval=False, approximate=approximate)
    if not left and not right:
        raise UnreadableTime(text, "neither end is given", 0, "a date on one side, or ../.. for all time")
    if "/" in right:
        raise UnreadableTime(text, "there is a second /", len(left) + 1 + right.index("/"), "two ends at most")
    begin, begin_approximate = _side(_Piece(text, left))
    end, end_approximate = _side(_Piece(text, right, len(left) + 1))
    return Written(begin, end, interval=True, approximate=begin_approximate or end_approximate)


def read_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset as UTC; `UnreadableTime` for a date, a naive time, or a leap second."""
    _refuse_the_absurd(text, EXPECTED_INSTANT)
    return _instant(_Piece(text, text))


def read_offset(text: str) -> timezone | None:
    """Read ±HH:MM (RFC 3339 time-numoffset); None if the text has another form or the offset is a day or more."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    hours, minutes = int(found[2]), int(found[3])
    if hours > 23 or minutes > 59:
        return None
    east = timedelta(hours=hours, minutes=minutes)
    return timezone(-east if found[1] == "-" else east)


def _refuse_the_absurd(text: str, expected: str) -> None:
    if len(text) > LONGEST:
        raise UnreadableTime(text, f"the text has {len(text)} characters", LONGEST, f"{LONGEST} at most")
    if not text:
        raise UnreadableTime(text, "there is nothing", 0, expected)
    if "\0" in text:
        raise UnreadableTime(text, "there is a NUL", text.index("\0"), expected)


def _side(piece: _Piece) -> tuple[Bound | None, bool]:
    """Read one end of an interval. An unknown end (empty) bounds nothing, so it is as good as an open one."""
    if piece.said in ("", ".."):
        return None, False
    return _bound(piece)


def _bound(piece: _Piece) -> tuple[Bound, bool]:
    if _CLOCK.match(piece.said):
        return _instant(piece), False
    qualified = piece.said.endswith(("~", "?", "%")) and len(piece.said) > 1
    return _days(_Piece(piece.whole, piece.said[:-1] if qualified else piece.said, piece.offset)), qualified


def _days(piece: _Piece) -> Days:
    found = _DATE.fullmatch(piece.said)
    if not found:
        raise _not_a_date(piece)
    year, month, day = found.groups()
    if int(year.replace("X", "0")) < 1:
        raise piece.refused(f"the year {year} reaches before 0001", 0, "a year from 0001 to 9999")
    if "X" in year:
        if month:
            raise piece.refused(
                "open digits in the year of a longer date are EDTF level 2", year.index("X"), "the year alone"
            )
        return Days(date(int(year.replace("X", "0")), 1, 1), date(int(year.replace("X", "9")), 12, 31))
    if month is None or month == "XX":
        if day not in (None, "XX"):
            raise piece.refused("a day of an open month is EDTF level 2", 8, "XX for the day too")
        return Days(date(int(year), 1, 1), date(int(year), 12, 31))
    return _days_of_month(piece, int(year), int(month), day)


def _days_of_month(piece: _Piece, year: int, month: int, day: str | None) -> Days:
    if 21 <= month <= 24:
        if day is not None:
            raise piece.refused("a season has no days", 8, "the season alone")
        return _season(piece, year, month)
    if not 1 <= month <= 12:
        raise piece.refused(f"there is no month {month:02}", 5, "01 to 12, XX, or a season from 21 to 24")
    last = calendar.monthrange(year, month)[1]
    if day is None or day == "XX":
        return Days(date(year, month, 1), date(year, month, last))
    if not 1 <= int(day) <= last:
        raise piece.refused(f"{year:04}-{month:02} has no day {day}", 8, f"01 to {last}, or XX")
    return Days(date(year, month, int(day)), date(year, month, int(day)))


def _season(piece: _Piece, year: int, season: int) -> Days:
    """Read a northern season: 21 spring (March to May), 22, 23, 24 winter (December to February of the next year)."""
    if season < 24:
        month = 3 * (season - 20)
        return Days(date(year, month, 1), date(year, month + 2, calendar.monthrange(year, month + 2)[1]))
    if year == 9999:
        raise piece.refused("this winter ends after the year 9999", 0, "a year from 0001 to 9999")
    return Days(date(year, 12, 1), date(year + 1, 3, 1) - timedelta(days=1))


def _not_a_date(piece: _Piece) -> UnreadableTime:
    """Say what kept the text from being a date, at the first character that does."""
    for mistake, wrong, expected in _MISTAKES_AT_THE_BEGINNING:
        if mistake.match(piece.said):
            return piece.refused(wrong, 0, expected)
    at = _departure(piece.said.replace("X", "0"), "0000-00-00")
    rest = piece.said[at:]
    for mistake, wrong, expected in _MISTAKES:
        if mistake.match(rest):
            return piece.refused(wrong, at, expected)
    if "X" in piece.said:
        return piece.refused(
            "these digits cannot be open at level 1",
            piece.said.index("X"),
            "201X, 20XX, 2016-XX, 2016-11-XX or 2016-XX-XX",
        )
    return piece.refused(f"{rest[0]!r} is no part of a date" if rest else "this is half a date", at, EXPECTED_TIME)


def ordinary_instant(said: str) -> datetime | None:
    """Return the instant if Python's own reader surely reads it as we do; that one is faster, and explains nothing."""
    if len(said) < _SHORTEST_INSTANT or not _ORDINARY.fullmatch(said):
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at if at.tzinfo is UTC else at.astimezone(UTC)


@lru_cache(maxsize=4096)
def ordinary_day(said: str) -> datetime | None:
    """Return the midnight in UTC with which a whole date in UTC begins, likewise."""
    if not _ORDINARY_DAY.fullmatch(said):
        return None
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        return None


def _instant(piece: _Piece) -> datetime:
    return ordinary_instant(piece.said) or _instant_in_parts(piece)


def _instant_in_parts(piece: _Piece) -> datetime:
    found = _INSTANT.fullmatch(piece.said)
    if not found:
        raise piece.refused(
            "this is not an instant", _departure(piece.said.upper(), "0000-00-00T00:00:00"), EXPECTED_INSTANT
        )
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, offset = found[7] or "", found[8]
    if offset is None:
        raise piece.refused("the time is naive, it names no offset from UTC", len(piece.said), EXPECTED_INSTANT)
    if len(fraction) > 6:
        raise piece.refused("the fraction is finer than a microsecond", found.start(7) + 6, "six digits at most")
    if second == 60:
        raise piece.refused("leap seconds cannot be placed", found.start(6), "seconds from 00 to 59")
    zone = UTC if offset in "Zz" else read_offset(offset)
    if zone is None:
        raise piece.refused(f"there is no offset {offset}", found.start(8), "±HH:MM, less than a day")
    try:
        at = datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), tzinfo=zone).astimezone(UTC)
        # The interval of an instant must have an end: the very last microsecond of 9999 has none.
        _ = at + timedelta(microseconds=1)
    except ValueError as impossible:
        raise piece.refused(f"no such day or hour ({impossible})", 0, EXPECTED_INSTANT) from None
    except OverflowError:
        raise piece.refused("in UTC this is outside the years 0001 to 9999", 0, "an instant in these years") from None
    return at


def _departure(said: str, example: str) -> int:
    """Find the first character at which the text leaves the form of the example, where 0 stands for any digit."""
    for at, (here, there) in enumerate(zip(said, example, strict=False)):
        if here != there and not (there == "0" and here in "123456789"):
            return at
    return min(len(said), len(example))
