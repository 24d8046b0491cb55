"""Whatever the text, the zone or the moment, these hold of reading a time; another reader of EDTF agrees."""

from datetime import date, datetime, timedelta, timezone

import edtf as other_reader
from edtf.parser.parser_classes import EDTFObject
from hypothesis import example, given
from hypothesis import strategies as st

from domain.times import Interval, Reading, UnreadableTime, instant, read, read_instant, show

BEIRUT = "+02:00"
ZONES = st.sampled_from(["UTC", BEIRUT, "-11:00", "Europe/Berlin", "Asia/Damascus", "America/Havana", "Pacific/Apia"])
QUALIFIERS = st.sampled_from(["", "~", "?", "%"])
DAYS = st.dates(date(2, 1, 1), date(9990, 1, 1))
PLAIN = st.one_of(
    DAYS.map(date.isoformat),
    DAYS.map(lambda day: day.isoformat()[:7]),
    DAYS.map(lambda day: day.isoformat()[:4]),
)
OPEN_DIGITS = st.one_of(
    st.integers(1, 998).map(lambda decade: f"{decade:03}X"),
    st.integers(1, 98).map(lambda century: f"{century:02}XX"),
    DAYS.map(lambda day: f"{day.isoformat()[:7]}-XX"),
    DAYS.map(lambda day: f"{day.isoformat()[:4]}-XX"),
    DAYS.map(lambda day: f"{day.isoformat()[:4]}-XX-XX"),
)
SEASONS = st.builds(lambda day, season: f"{day.isoformat()[:4]}-{season}", DAYS, st.integers(21, 24))
DATES = st.builds(str.__add__, st.one_of(PLAIN, OPEN_DIGITS, SEASONS), QUALIFIERS)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9990, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - bounds must be naive
INSTANTS = MOMENTS.map(datetime.isoformat)
ENDS = st.one_of(DATES, INSTANTS)
INTERVALS = st.builds("{}/{}".format, st.one_of(ENDS, st.just("..")), st.one_of(ENDS, st.just("..")))
TIMES = st.one_of(DATES, INSTANTS, INTERVALS)
SIGNS = "0123456789X~?%/.-+:TtZzY u٣\n\x00\ud800"


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid text with a few characters cut out and others put in."""
    text = draw(TIMES)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.text(SIGNS, max_size=4)) + text[at + draw(st.integers(0, 3)) :]


def read_or_none(text: str, tz: str = "UTC") -> Reading | None:
    try:
        return read(text, tz)
    except UnreadableTime as refused:
        assert refused.text in (text, tz)
        return None


@given(st.one_of(st.text(), st.text(SIGNS), mutated()), ZONES)
@example("9999-12-31", "-11:00")
@example("0001-01-01", BEIRUT)
@example("0001-01-01", "Europe/Berlin")
@example("9999-12-30", "America/Havana")
@example("0001-01-01T00:00:00Z/0001-01-01", "Asia/Damascus")
def test_any_text_is_read_or_refused_and_nothing_else(text: str, tz: str) -> None:
    reading = read_or_none(text, tz)
    assert reading is None or reading.text == text


@given(st.one_of(st.text(), st.text("ABEUTZabeutz/+-:0123456789_. \x00")))
def test_any_zone_is_read_or_refused_and_nothing_else(tz: str) -> None:
    reading = read_or_none("2016-11-08", tz)
    assert reading is None or reading.shape == "single"


@given(st.one_of(st.text(), mutated()))
def test_any_instant_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        moment = read_instant(text)
    except UnreadableTime as refused:
        assert refused.text == text
    else:
        assert instant(moment) == read(text).interval


@given(ENDS, ZONES)
@example("2011-12-30", "Asia/Damascus")
def test_what_is_no_interval_is_always_read_and_not_empty(text: str, tz: str) -> None:
    interval = (read_or_none(text, tz) or read("2016")).interval
    assert interval.start
    assert interval.end
    assert interval.start < interval.end


@given(TIMES, ZONES)
def test_a_state_begins_with_the_interval_and_lasts_at_least_as_long(text: str, tz: str) -> None:
    reading = read_or_none(text, tz) or read("../..")
    state = reading.as_state()
    assert reading.as_occurrence() == reading.interval
    assert state.start == reading.interval.start
    assert state.end == (reading.interval.end if reading.shape in ("closed", "open_start") else None)


@given(ENDS, ENDS, ZONES)
def test_an_interval_runs_from_the_start_of_one_end_to_the_end_of_the_other(a: str, b: str, tz: str) -> None:
    first, last = read_or_none(a, tz) or read("0001"), read_or_none(b, tz) or read("2016")
    assert first.interval.start
    assert last.interval.end
    hull = Interval(first.interval.start, last.interval.end)
    both = read_or_none(f"{first.text}/{last.text}", tz)
    assert (both.interval if both else None) == (hull if first.interval.start < last.interval.end else None)


@given(DAYS, ZONES)
def test_days_leave_no_gap_and_do_not_overlap(day: date, tz: str) -> None:
    upto = read(f"../{day.isoformat()}", tz).interval
    after = read(f"{(day + timedelta(days=1)).isoformat()}/..", tz).interval
    assert upto.end == after.start
    assert not upto.overlaps(after)


@given(TIMES, TIMES, MOMENTS)
def test_two_intervals_that_share_an_instant_overlap(a: str, b: str, moment: datetime) -> None:
    one, other = (read_or_none(a) or read("../..")).interval, (read_or_none(b) or read("../..")).interval
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(other) or not (one.contains(moment) and other.contains(moment))
    assert one.contains(moment) == one.overlaps(instant(moment))


@given(MOMENTS)
def test_a_moment_that_is_shown_is_read_again(moment: datetime) -> None:
    assert read_instant(str(show(moment))) == moment


# ---- another reader of EDTF agrees ----


def as_the_other_reads(text: str) -> tuple[date, date]:
    """First and last day by the `edtf` package: no zones, no qualified seasons, and its winter ends with the year."""
    there = other_reader.parse_edtf(text)
    assert isinstance(there, EDTFObject)
    return date(*there.lower_strict()[:3]), date(*there.upper_strict()[:3])


def as_we_read(text: str) -> tuple[date, date]:
    interval = read(text).interval
    last = interval.last_instant()
    assert interval.start
    assert last
    return interval.start.date(), last.date()


MILD_SEASONS = st.builds(lambda day, season: f"{day.isoformat()[:4]}-{season}", DAYS, st.integers(21, 23))
SHARED = st.one_of(st.builds(str.__add__, st.one_of(PLAIN, OPEN_DIGITS), QUALIFIERS), MILD_SEASONS)


@given(SHARED)
def test_a_date_has_the_same_days_by_another_reader(text: str) -> None:
    assert as_we_read(text) == as_the_other_reads(text)


@given(st.tuples(PLAIN, PLAIN).map(sorted).map("/".join))
def test_an_interval_has_the_same_days_by_another_reader(text: str) -> None:
    assert as_we_read(text) == as_the_other_reads(text)
