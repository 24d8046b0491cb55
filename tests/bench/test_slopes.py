"""What grows is told from what only moves."""

from bench.slopes import pace_of, slope_of


def test_what_rises_with_every_minute_grows() -> None:
    found = slope_of("service MiB", [(at * 10.0, 200 + at / 6 + at % 3) for at in range(270)], events=9_000)
    assert found.grows
    assert round(found.an_hour) == 60
    assert "GROWS" in found.verdict
    assert "4.89 for 1,000 events" in found.verdict


def test_what_moves_around_one_value_does_not_grow() -> None:
    assert not slope_of("service MiB", [(at * 10.0, 200.0 + 40 * (at // 6 % 2)) for at in range(270)]).grows


def test_one_jump_that_goes_back_does_not_grow() -> None:
    assert not slope_of("service files", [(at * 10.0, 400.0 if 200 < at < 210 else 60.0) for at in range(270)]).grows


def test_a_step_that_stays_is_not_hidden_by_a_median() -> None:
    assert slope_of("service files", [(at * 10.0, 60.0 + 2 * (at // 54)) for at in range(270)]).grows


def test_what_takes_half_as_long_again_at_the_end_rises() -> None:
    assert pace_of("record", [(float(at), 20.0 + at / 9) for at in range(90)], 90).startswith("record: RISES")


def test_what_was_slow_once_in_a_while_is_steady() -> None:
    assert pace_of("record", [(float(at), 20.0 + 90 * (at % 7 == 0)) for at in range(90)], 90).startswith(
        "record: steady"
    )
