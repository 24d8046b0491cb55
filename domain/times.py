"""A text about time means one half-open interval in UTC or is refused with the reason; it is never guessed.

A day is read in a zone: it lasts from its first instant there to the first instant of the next day, be that 23, 24 or
25 hours. What an interval means for a claim depends on the kind of its aspect: see `Reading`.
Times outside the years 0001 to 9999 (in UTC) are refused. That includes 9999-12-31, whose end is outside: whoever
means "for ever" writes `..`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.edtf import (
    LONGEST,
    Bound,
    Days,
    UnreadableTime,
    Written,
    ordinary_day,
    ordinary_instant,
    parse,
    read_instant,
    read_offset,
)

__all__ = ["Interval", "Reading", "Shape", "UnreadableTime", "instant", "read", "read_instant", "read_timezone", "show"]

Shape = Literal["instant", "single", "closed", "open_end", "open_start", "open"]

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC)
_EXPECTED_ZONE = "an offset ±HH:MM, Z, UTC, or an IANA name such as Asia/Damascus"

# An upper-case first letter keeps out what a machine's zone folder holds besides zones of the world: `localtime`
# (another answer on every machine), `right/…` (with leap seconds), `posixrules`.
_IANA = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z][A-Za-z0-9_+-]*){0,2}")


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open [start, end) in UTC; start None lies before everything, end None is without end.

    Nothing keeps one from making an empty interval (end not after start): it contains and overlaps nothing.
    """

    start: datetime | None
    end: datetime | None

    def overlaps(self, other: "Interval") -> bool:
        """Tell whether some instant is in both; intervals that only touch have none."""
        starts = [start for start in (self.start, other.start) if start is not None]
        ends = [end for end in (self.end, other.end) if end is not None]
        return not starts or not ends or max(starts) < min(ends)

    def contains(self, instant: datetime) -> bool:
        """Tell whether the instant (with an offset) is at or after the start and before the end."""
        return (self.start is None or self.start <= instant) and (self.end is None or instant < self.end)

    @property
    def is_instant(self) -> bool:
        """Whether it is one microsecond."""
        return self.start is not None and self.end is not None and self.end - self.start == _TICK

    def last_instant(self) -> datetime | None:
        """Return the microsecond before the end; None without an end."""
        return None if self.end is None else self.end - _TICK


@dataclass(frozen=True, slots=True)
class Reading:
    """What an EDTF text says, before an aspect's kind decides what it means.

    `approximate` is true if any date in it bears `~`, `?` or `%`; the bounds are kept as written. Open digits (201X)
    give the hull of all they may stand for and are not approximate.
    """

    text: str
    shape: Shape
    interval: Interval
    approximate: bool

    def as_state(self) -> Interval:
        """Read it for a state: a date, an instant or an open end means from then on; an interval ends with its end."""
        if self.shape in ("instant", "single", "open_end"):
            return Interval(self.interval.start, None)
        return self.interval

    def as_occurrence(self) -> Interval:
        """Read it for what happens: the interval itself."""
        return self.interval


def read(edtf: str, tz: str = "UTC") -> Reading:
    """Read an EDTF level 1 text or an RFC 3339 instant, its dates in the zone `tz`.

    An interval a/b runs from the start of a to the end of b (of an instant b: one microsecond after it); an open (..)
    or unknown (empty) end bounds nothing. Raises `UnreadableTime` for whatever cannot be read, an interval whose end is
    not after its start, and a zone that is not one, even if no date needs it.
    """
    return _read(edtf, tz)


@lru_cache(maxsize=256)
def read_timezone(tz: str) -> tzinfo:
    """Read ±HH:MM, Z, UTC, or an IANA name, spelt exactly so; raise `UnreadableTime` for anything else."""
    if len(tz) > LONGEST:
        raise UnreadableTime(tz, "no time zone is as long as this", LONGEST, _EXPECTED_ZONE)
    if tz in ("Z", "UTC"):
        return UTC
    offset = read_offset(tz)
    if offset is not None:
        return offset
    # Factory is the database's placeholder for a machine whose zone nobody has set.
    if not _IANA.fullmatch(tz) or tz == "Factory":
        raise UnreadableTime(tz, "this is not a time zone", 0, _EXPECTED_ZONE)
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        raise UnreadableTime(tz, "there is no time zone of this name", 0, _EXPECTED_ZONE) from None


def instant(moment: datetime) -> Interval:
    """Return the microsecond that begins with the moment; `UnreadableTime` if that is naive or the last of 9999."""
    start = _in_utc(moment)
    if start == _LATEST:
        raise UnreadableTime(moment.isoformat(), "nothing comes after this microsecond", 0, "an earlier instant")
    return Interval(start, start + _TICK)


def show(moment: datetime | None) -> str | None:
    """Write it as RFC 3339 in UTC with Z, to the microsecond if it has a fraction; `UnreadableTime` if it is naive."""
    return None if moment is None else _in_utc(moment).isoformat().removesuffix("+00:00") + "Z"


@lru_cache(maxsize=4096)
def _read(edtf: str, tz: str) -> Reading:
    zone = read_timezone(tz)
    plain = _read_plain(edtf, zone)
    if plain is not None:
        return plain
    written = parse(edtf)
    try:
        start = None if written.begin is None else _start(written.begin, zone)
        end = None if written.end is None else _end(written.end, zone)
    except OverflowError:
        raise UnreadableTime(
            edtf, "in UTC a bound is outside the years 0001 to 9999", 0, "bounds in these years, or .. for an open end"
        ) from None
    if start is not None and end is not None and end <= start:
        raise _empty(edtf, tz, written)
    return Reading(edtf, _shape(written), Interval(start, end), written.approximate)


def _read_plain(edtf: str, zone: tzinfo) -> Reading | None:
    """Read an instant, or a day in UTC, as nearly all times are written; None where `parse` has to look closer."""
    start = ordinary_instant(edtf)
    if start is not None:
        return Reading(edtf, "instant", Interval(start, start + _TICK), approximate=False)
    start = ordinary_day(edtf) if zone is UTC else None
    return None if start is None else Reading(edtf, "single", Interval(start, start + _DAY), approximate=False)


def _shape(written: Written) -> Shape:
    if not written.interval:
        return "single" if isinstance(written.begin, Days) else "instant"
    match written.begin is None, written.end is None:
        case False, False:
            return "closed"
        case False, True:
            return "open_end"
        case True, False:
            return "open_start"
        case True, True:
            return "open"


def _empty(edtf: str, tz: str, written: Written) -> UnreadableTime:
    """Say why nothing is left: the ends are swapped, or the zone skipped the day (as Samoa did 2011-12-30)."""
    if not written.interval:
        return UnreadableTime(edtf, f"this day was skipped in {tz}", 0, "a day that the zone had")
    return UnreadableTime(
        edtf, "the interval is impossible, it ends before it begins", edtf.index("/") + 1, "an end after the beginning"
    )


def _start(bound: Bound, zone: tzinfo) -> datetime:
    return _first_instant(bound.first, zone) if isinstance(bound, Days) else bound


def _end(bound: Bound, zone: tzinfo) -> datetime:
    return _first_instant(bound.last + timedelta(days=1), zone) if isinstance(bound, Days) else bound + _TICK


def _first_instant(day: date, zone: tzinfo) -> datetime:
    """Find the first instant in UTC at which the zone's calendar shows the day, or a later one if it skipped the day.

    Where the clock shows midnight twice, the first one counts, for the day that ends as for the day that begins.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    shown = midnight.astimezone(UTC)
    if shown.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return shown
    # The clock jumped over midnight. It need not have jumped from midnight (Toronto, 1919: from 23:30 to 00:30), so the
    # jump is looked for between the two readings that Python gives to a time that never was.
    before, after = midnight.replace(fold=1).astimezone(UTC), shown
    while after - before > _TICK:
        between = before + (after - before) // 2
        if between.astimezone(zone).date() < day:
            before = between
        else:
            after = between
    return after


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        # astimezone would read it in the zone of the machine: a guess.
        raise UnreadableTime(moment.isoformat(), "the time is naive, it names no offset from UTC", 0, "an offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise UnreadableTime(
            moment.isoformat(), "in UTC this is outside the years 0001 to 9999", 0, "these years"
        ) from None
