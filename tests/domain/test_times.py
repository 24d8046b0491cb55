"""A time that a desk writes down becomes exactly one interval, or a reason why not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.times import Interval, UnreadableTime, instant, read, read_instant, show

BEIRUT = "+02:00"


def bounds(interval: Interval) -> tuple[str | None, str | None]:
    return show(interval.start), show(interval.end)


def refusal(text: str, tz: str = "UTC") -> UnreadableTime:
    with pytest.raises(UnreadableTime) as caught:
        read(text, tz)
    return caught.value


# ---- the times of the Aleppo article ----

STATES = {
    "2016-11-08": ("2016-11-07T22:00:00Z", None),
    "2016-06~/2016-11-07": ("2016-05-31T22:00:00Z", "2016-11-07T22:00:00Z"),
    "2016-09": ("2016-08-31T22:00:00Z", None),
    "2016-11~": ("2016-10-31T22:00:00Z", None),
    "2016-10-29~/2016-11-07": ("2016-10-28T22:00:00Z", "2016-11-07T22:00:00Z"),
    "2016-10-30~/..": ("2016-10-29T22:00:00Z", None),
    "2016-11-08T20:00:00+02:00": ("2016-11-08T18:00:00Z", None),
    "../2016-10-18": (None, "2016-10-18T22:00:00Z"),
    "../..": (None, None),
    "2011/..": ("2010-12-31T22:00:00Z", None),
}
OCCURRENCES = {
    "2016-11-08": ("2016-11-07T22:00:00Z", "2016-11-08T22:00:00Z"),
    "2016-10-18/..": ("2016-10-17T22:00:00Z", None),
    "../2016-10-18": (None, "2016-10-18T22:00:00Z"),
    "2016-11-08/2016-11-09~": ("2016-11-07T22:00:00Z", "2016-11-09T22:00:00Z"),
    "2016-10-31/2016-11-06": ("2016-10-30T22:00:00Z", "2016-11-06T22:00:00Z"),
    "2016-11-08T20:00:00+02:00": ("2016-11-08T18:00:00Z", "2016-11-08T18:00:00.000001Z"),
}


@pytest.mark.parametrize(("text", "expected"), STATES.items())
def test_a_state_holds_from_then_on_unless_its_interval_has_an_end(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    assert bounds(read(text, BEIRUT).as_state()) == expected


@pytest.mark.parametrize(("text", "expected"), OCCURRENCES.items())
def test_an_occurrence_lies_within_its_interval(text: str, expected: tuple[str | None, str | None]) -> None:
    assert bounds(read(text, BEIRUT).as_occurrence()) == expected


# ---- every form ----

FORMS = {
    "2016": ("single", "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
    "2016-02": ("single", "2016-02-01T00:00:00Z", "2016-03-01T00:00:00Z"),
    "2016-12-31": ("single", "2016-12-31T00:00:00Z", "2017-01-01T00:00:00Z"),
    "2016-21": ("single", "2016-03-01T00:00:00Z", "2016-06-01T00:00:00Z"),
    "2016-22": ("single", "2016-06-01T00:00:00Z", "2016-09-01T00:00:00Z"),
    "2016-23": ("single", "2016-09-01T00:00:00Z", "2016-12-01T00:00:00Z"),
    "2016-24": ("single", "2016-12-01T00:00:00Z", "2017-03-01T00:00:00Z"),
    "2015-24": ("single", "2015-12-01T00:00:00Z", "2016-03-01T00:00:00Z"),
    "201X": ("single", "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    "20XX": ("single", "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
    "2016-XX": ("single", "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
    "2016-11-XX": ("single", "2016-11-01T00:00:00Z", "2016-12-01T00:00:00Z"),
    "2016-XX-XX": ("single", "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
    "0001": ("single", "0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z"),
    "9999-12-30": ("single", "9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z"),
    "2016-11-08T10:00:00Z": ("instant", "2016-11-08T10:00:00Z", "2016-11-08T10:00:00.000001Z"),
    "2016-11-08t10:00:00.5z": ("instant", "2016-11-08T10:00:00.500000Z", "2016-11-08T10:00:00.500001Z"),
    "2016-11-08T10:00:00-00:00": ("instant", "2016-11-08T10:00:00Z", "2016-11-08T10:00:00.000001Z"),
    "2016/2016": ("closed", "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
    "2016-11/2016-11-08": ("closed", "2016-11-01T00:00:00Z", "2016-11-09T00:00:00Z"),
    "2016-11-08/2016-11": ("closed", "2016-11-08T00:00:00Z", "2016-12-01T00:00:00Z"),
    "2016-22/2017-01-XX": ("closed", "2016-06-01T00:00:00Z", "2017-02-01T00:00:00Z"),
    "2016-11-08/2016-11-08T10:00:00Z": ("closed", "2016-11-08T00:00:00Z", "2016-11-08T10:00:00.000001Z"),
    "2016-11-08T10:00:00+02:00/..": ("open_end", "2016-11-08T08:00:00Z", None),
    "2016-11-08/": ("open_end", "2016-11-08T00:00:00Z", None),
    "/2016-11-08": ("open_start", None, "2016-11-09T00:00:00Z"),
    "../2016-11-08": ("open_start", None, "2016-11-09T00:00:00Z"),
    "../..": ("open", None, None),
    "../": ("open", None, None),
    "/..": ("open", None, None),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.items())
def test_every_form_of_level_1_is_read(text: str, expected: tuple[str, str | None, str | None]) -> None:
    reading = read(text)
    assert (reading.shape, *bounds(reading.interval)) == expected
    assert not reading.approximate


@pytest.mark.parametrize("sign", ["~", "?", "%"])
@pytest.mark.parametrize("text", ["2016", "2016-11", "2016-11-08", "2016-22", "201X", "../2016", "2016/2017"])
def test_a_qualifier_keeps_the_bounds_and_marks_the_reading(text: str, sign: str) -> None:
    qualified = read(text + sign)
    assert qualified.approximate
    assert qualified.interval == read(text).interval


def test_a_qualifier_on_either_end_marks_the_whole_interval() -> None:
    assert read("2016?/2017").approximate
    assert read("2016~/..").approximate
    assert not read("2016/2017").approximate


# ---- refusals: what, where, what instead ----

REFUSED = {
    "": "character 1: there is nothing; expected a date",
    "on Tuesday": "character 1: 'o' is no part of a date",
    "2016-1": "character 7: this is half a date",
    "2016-11-081": "character 11: '1' is no part of a date",
    "2016-11-08-01": "character 11: '-' is no part of a date",
    "2016-xx": "character 6: 'x' is no part of a date; expected a date (2016-11-08, 2016-11, 2016), a season",
    "٢٠١٦": "character 1: '٢' is no part of a date",
    "2016\n": "character 5: there is white space; expected none",
    " 2016": "character 1: there is white space",
    "2016\x00": "character 5: there is a NUL",
    "2016-00": "character 6: there is no month 00; expected 01 to 12, XX, or a season from 21 to 24",
    "2016-25": "character 6: there is no month 25",
    "2015-02-29": "character 9: 2015-02 has no day 29; expected 01 to 28, or XX",
    "2016-11-00": "character 9: 2016-11 has no day 00",
    "2016-22-01": "character 9: a season has no days",
    "0000": "character 1: the year 0000 reaches before 0001",
    "000X": "character 1: the year 000X reaches before 0001",
    "00XX": "character 1: the year 00XX reaches before 0001",
    "-0044": "character 1: the ledger knows the years 0001 to 9999 only",
    "Y17000": "character 1: the ledger knows the years 0001 to 9999 only",
    "20161": "character 1: the ledger knows the years 0001 to 9999 only; expected four digits",
    "20161108": "character 1: the ledger knows the years 0001 to 9999 only; expected four digits, then -",
    "9999-24": "character 1: this winter ends after the year 9999",
    "2XXX": "character 2: these digits cannot be open at level 1; expected 201X, 20XX",
    "2016-1X": "character 7: these digits cannot be open at level 1",
    "2016-11-2X": "character 10: these digits cannot be open at level 1",
    "201X-11": "character 4: open digits in the year of a longer date are EDTF level 2",
    "2016-XX-08": "character 9: a day of an open month is EDTF level 2",
    "2016~-11": "character 5: a qualifier inside a date is EDTF level 2",
    "~2016": "character 1: a qualifier inside a date",
    "2016~~": "character 5: a qualifier inside a date",
    "[2016,2017]": "character 1: a set of dates is EDTF level 2",
    "..": "character 1: an open end stands alone",
    "..~/2016": "character 1: an open end stands alone",
    "2016..2017": "character 5: an open end stands alone",
    "/": "character 1: neither end is given; expected a date on one side, or ../.. for all time",
    "2016/2017/2018": "character 10: there is a second /",
    "2016/2017-13": "character 11: there is no month 13",
    "2016-11-08/2016-11-07": "character 12: the interval is impossible, it ends before it begins",
    "2016-11-08T10:00:00Z/2016-11-07": "character 22: the interval is impossible",
    "2016-11-08T10:00:00": "character 20: the time is naive, it names no offset from UTC",
    "../2016-11-08T10:00:00": "character 23: the time is naive",
    "2016-11-08T10:00Z": "character 17: this is not an instant; expected an RFC 3339 instant with seconds",
    "2016-11-08T10:00:00Z~": "character 20: this is not an instant",
    "2016-11-08 10:00:00Z": "character 11: this is not an instant",
    "2016-11-08T10:00:00 02:00": "character 20: this is not an instant",
    "2016-11-08T10:00:00,5Z": "character 20: this is not an instant",
    "2016-11-08T10:00:00+0200": "character 20: this is not an instant",
    "2016-11-08T10:00:00+24:00": "character 20: there is no offset +24:00",
    "2016-11-08T10:00:00+02:60": "character 20: there is no offset +02:60",
    "2016-11-08T10:00:00.1234567Z": "character 27: the fraction is finer than a microsecond; expected six digits",
    "2016-12-31T23:59:60Z": "character 18: leap seconds cannot be placed",
    "2016-11-08T24:00:00Z": "character 1: no such day or hour",
    "2016-02-30T10:00:00Z": "character 1: no such day or hour",
    "0001-01-01T00:00:00+00:01": "character 1: in UTC this is outside the years 0001 to 9999",
    "9999-12-31T23:59:59.999999Z": "character 1: in UTC this is outside the years 0001 to 9999",
    "9999": "character 1: in UTC a bound is outside the years 0001 to 9999; expected bounds in these years, or ..",
    "9999-12-31": "character 1: in UTC a bound is outside the years 0001 to 9999",
    "2016/99XX": "character 1: in UTC a bound is outside the years 0001 to 9999",
    "2016" * 26: "character 101: the text has 104 characters; expected 100 at most",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_a_refusal_says_what_is_wrong_and_where_and_what_was_expected(text: str, reason: str) -> None:
    refused = refusal(text)
    assert f", {reason}" in str(refused)
    assert refused.text == text


def test_a_huge_text_is_refused_without_being_repeated() -> None:
    assert len(str(refusal("2016-11-08/" * 1_000_000))) < 200


def test_a_day_that_begins_before_the_first_year_in_utc_is_refused() -> None:
    assert bounds(read("0001", "-05:00").interval) == ("0001-01-01T05:00:00Z", "0002-01-01T05:00:00Z")
    assert "outside the years" in str(refusal("0001", "+05:00"))


@pytest.mark.parametrize("text", ["2016-11-08", "2016", "../..", "", "2016-11-08T10:00:00", "2016-11-08T10:00:00Z/.."])
def test_an_instant_is_nothing_but_an_instant(text: str) -> None:
    with pytest.raises(UnreadableTime) as caught:
        read_instant(text)
    assert caught.value.text == text


def test_an_instant_is_read_in_utc() -> None:
    assert read_instant("2016-11-08T10:00:00.25+05:30") == datetime(2016, 11, 8, 4, 30, 0, 250_000, UTC)
    assert read_instant("2016-11-08T10:00:00+02:00").tzinfo is UTC


# ---- intervals ----


def test_intervals_that_only_touch_do_not_overlap() -> None:
    monday, tuesday = read("2016-11-07").interval, read("2016-11-08").interval
    assert not monday.overlaps(tuesday)
    assert monday.overlaps(read("2016-11").interval)
    assert read("../2016-11-07").interval.overlaps(monday)
    assert not read("../2016-11-07").interval.overlaps(tuesday)
    assert not read("2016-11-08/..").interval.overlaps(monday)


def test_an_empty_interval_overlaps_nothing() -> None:
    noon = datetime(2016, 11, 8, 12, tzinfo=UTC)
    assert not Interval(noon, noon).overlaps(read("2016-11-08").interval)


def test_an_interval_has_its_start_and_its_last_instant_but_not_its_end() -> None:
    tuesday = read("2016-11-08").interval
    assert tuesday.start
    assert tuesday.end
    assert tuesday.contains(tuesday.start)
    assert not tuesday.contains(tuesday.end)
    assert show(tuesday.last_instant()) == "2016-11-08T23:59:59.999999Z"
    assert read("2016-11-08/..").interval.last_instant() is None


def test_a_naive_moment_is_never_taken_for_local_time() -> None:
    naive = datetime(2016, 11, 8)  # noqa: DTZ001 - the refusal is the point
    with pytest.raises(UnreadableTime, match="naive"):
        instant(naive)
    with pytest.raises(UnreadableTime, match="naive"):
        show(naive)


def test_a_moment_outside_the_years_in_utc_is_refused() -> None:
    with pytest.raises(UnreadableTime, match="outside"):
        show(datetime.min.replace(tzinfo=timezone(timedelta(hours=1))))
    with pytest.raises(UnreadableTime, match="nothing comes after"):
        instant(datetime.max.replace(tzinfo=UTC))


def test_no_moment_is_shown_as_nothing() -> None:
    assert show(None) is None
