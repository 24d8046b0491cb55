"""A day is read where it was lived: a zone makes it longer, shorter, or skips it."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from domain.times import Interval, UnreadableTime, read, read_timezone, show


def bounds(interval: Interval) -> tuple[str | None, str | None]:
    return show(interval.start), show(interval.end)


def refusal(text: str, tz: str) -> UnreadableTime:
    with pytest.raises(UnreadableTime) as caught:
        read(text, tz)
    return caught.value


def hours(text: str, tz: str) -> float:
    interval = read(text, tz).interval
    assert interval.start
    assert interval.end
    return (interval.end - interval.start) / timedelta(hours=1)


def test_a_day_lasts_as_long_as_it_lasted_there() -> None:
    assert hours("2016-03-27", "Europe/Berlin") == 23
    assert hours("2016-10-30", "Europe/Berlin") == 25
    assert hours("2016-11-08", "Europe/Berlin") == 24


def test_where_midnight_was_skipped_the_day_begins_with_its_first_instant() -> None:
    assert bounds(read("2018-11-04", "America/Sao_Paulo").interval) == ("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")


def test_where_the_clock_jumped_over_midnight_from_before_it_the_day_begins_with_the_jump() -> None:
    assert bounds(read("1919-03-31", "America/Toronto").interval) == ("1919-03-31T04:30:00Z", "1919-04-01T04:00:00Z")
    assert hours("1919-03-30", "America/Toronto") == 23.5


def test_where_midnight_came_twice_the_first_one_counts() -> None:
    assert bounds(read("2016-11-06", "America/Havana").interval) == ("2016-11-06T04:00:00Z", "2016-11-07T05:00:00Z")
    assert hours("2010-11-07", "America/St_Johns") == 25


def test_a_day_that_a_zone_skipped_is_refused_but_may_bound_an_interval() -> None:
    assert "this day was skipped in Pacific/Apia" in str(refusal("2011-12-30", "Pacific/Apia"))
    assert read("2011-12-30/2011-12-31", "Pacific/Apia").interval == read("2011-12-31", "Pacific/Apia").interval


@pytest.mark.parametrize("tz", ["Z", "UTC", "+00:00", "-00:00", "Etc/UTC"])
def test_there_are_several_names_for_utc(tz: str) -> None:
    assert read("2016-11-08", tz).interval == read("2016-11-08").interval


def test_a_zone_is_an_offset_or_a_name() -> None:
    assert read_timezone("-03:30") == timezone(-timedelta(hours=3, minutes=30))
    assert read_timezone("America/Argentina/Buenos_Aires") == ZoneInfo("America/Argentina/Buenos_Aires")


@pytest.mark.parametrize(
    "tz",
    ["", "-0330", "+2", "+24:00", "+02:60", "02:00", "utc", "z", "Europe", "Europe/", "Europe/Nowhere", "europe/berlin"]
    + [
        "/etc/localtime",
        "../UTC",
        "localtime",
        "posixrules",
        "right/UTC",
        "Factory",
        "zone.tab",
        "UTC\n",
        "U\x00",
        "\ud800",
    ]
    + ["Europe/../UTC", "A" * 101, "+٠٢:٠٠", "America/Argentina"],
)
def test_what_is_no_zone_is_refused_even_if_no_date_needs_it(tz: str) -> None:
    assert refusal("2016-11-08T10:00:00Z", tz).text == tz
