"""What a source says now: last words, runs, horizons, episodes, and the ways in which a claim stops counting."""

from support.believing import NO_TIME, believed, names, outcome, short
from support.builders import aspect, corrects, counts, says, small_world, voids, withdraws

CONTROL = "minian/control"
STRIKE = "minian/strike"


def test_a_state_is_asked_about_at_the_end_of_the_time() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-08T12:00:00Z"))
    assert short(ledger, CONTROL, "2016-11-08") == "uncontested S3 rebels R4"
    assert short(ledger, CONTROL, "2016-11-08T11:59:59Z") == "unreported R1"


def test_a_single_date_of_a_state_means_from_then_on() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL))
    assert short(ledger, CONTROL, "2026-01-01") == "uncontested S3 rebels R4"


def test_an_instant_of_a_state_means_from_then_on() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-08T10:00:00Z"))
    assert short(ledger, CONTROL, "2016-12-24") == "uncontested S3 rebels R4"


def test_a_closed_interval_of_a_state_ends_with_its_end() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-01/2016-11-08"))
    assert short(ledger, CONTROL, "2016-11-08") == "uncontested S3 rebels R4"
    assert short(ledger, CONTROL, "2016-11-09") == "stale R3"


def test_the_horizon_runs_from_the_later_of_beginning_and_statement() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="2016-11-08", stated="2016-11-09T06:00:00Z"))
    assert short(ledger, valid="2016-11-10T05:59:59Z") == "uncontested S3 ongoing R4"
    assert short(ledger, valid="2016-11-10T06:00:00Z") == "stale R3"


def test_no_horizon_cuts_a_closed_interval_short() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="2016-11-01/2016-11-20", stated="2016-11-01"))
    assert short(ledger, valid="2016-11-20") == "uncontested S3 ongoing R4"


def test_no_horizon_runs_from_an_open_beginning() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="../..", stated="2016-11-08"))
    assert short(ledger, valid="2016-11-08T23:00:00Z") == "uncontested S3 ongoing R4"
    assert short(ledger, valid="1999-01-01") == "uncontested S3 ongoing R4"


def test_a_horizon_beyond_the_last_year_is_no_end() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="9999-12-31T12:00:00Z", published="9999-12-31T12:00:00Z"))
    assert short(ledger, valid="9999-12-31T23:00:00Z") == "uncontested S3 ongoing R4"


def test_the_later_time_is_the_last_word_though_it_was_said_and_recorded_before() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-08", stated="2016-11-08"))
    ledger.apply(says("sohr", "government", at=CONTROL, valid="2016-11-07", stated="2016-11-09"))
    assert short(ledger, CONTROL) == "uncontested S3 rebels R4"


def test_of_one_time_the_later_statement_is_the_last_word() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, stated="2016-11-10", claim="a"))
    ledger.apply(says("sohr", "government", at=CONTROL, stated="2016-11-09", claim="b"))
    belief = believed(ledger, CONTROL)
    assert (belief["value"], belief["supporters"], belief["earlier"]) == ("rebels", names("a"), names("b"))


def test_where_time_and_statement_tie_the_later_position_is_the_last_word() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL), says("sohr", "government", at=CONTROL))
    assert short(ledger, CONTROL) == "uncontested S3 government R4"


def test_an_unbroken_run_that_says_the_same_stands_together() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-01", claim="a"))
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-05/2016-11-06", claim="b"))
    assert believed(ledger, CONTROL)["supporters"] == names("a")


def test_what_lies_before_the_run_is_ended_even_where_the_run_is_over() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-01"))
    ledger.apply(says("sohr", "government", at=CONTROL, valid="2016-11-05/2016-11-06"))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "stale R3"
    assert belief["last"] == {"agreement": "uncontested", "strength": "S3", "value": "government"}


def test_a_source_counts_once_however_often_it_speaks() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, claim="a", stated="2016-11-08"))
    ledger.apply(says("sohr", "rebels", at=CONTROL, claim="b", stated="2016-11-09"))
    belief = believed(ledger, CONTROL)
    assert (belief["strength"], belief["supporters"]) == ("S3", names("b"))


def test_a_withdrawal_brings_the_earlier_word_back() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-01"))
    ledger.apply(says("sohr", "government", at=CONTROL, claim="b"), withdraws("b"))
    assert short(ledger, CONTROL) == "uncontested S3 rebels R4"


def test_a_voided_word_was_never_the_sources() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-11-01"))
    ledger.apply(says("sohr", "government", at=CONTROL, claim="b"), voids("b"))
    assert short(ledger, CONTROL) == "uncontested S3 rebels R4"


def test_a_correction_puts_the_replacement_in_its_place_from_its_position_on() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, claim="a"))
    before = ledger.head
    ledger.apply(corrects("a", says("sohr", "government", at=CONTROL, claim="b")))
    assert short(ledger, CONTROL, position=before) == "uncontested S3 rebels R4"
    assert short(ledger, CONTROL) == "uncontested S3 government R4"


def test_a_withdrawal_is_not_known_before_its_position() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, claim="a"), withdraws("a"))
    assert short(ledger, CONTROL, position=ledger.head - 1) == "uncontested S3 rebels R4"


def test_what_was_last_believed_ended_where_another_word_began() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="2016-11-08T00:00:00Z"))
    ledger.apply(says("sohr", "none", valid="2016-11-08T06:00:00Z"))
    assert short(ledger, "aleppo/fighting") == "stale R3"
    assert believed(ledger, "aleppo/fighting")["last"]["value"] == "ongoing"


def test_without_a_time_a_state_is_taken_now() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"))
    assert short(ledger, valid=NO_TIME) == "uncontested S3 ongoing R4"
    assert short(ledger, valid=NO_TIME, now="2016-11-10T00:00:00Z") == "stale R3"


def test_without_a_time_the_latest_episode_is_the_belief_and_the_rest_is_history() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at=STRIKE, valid="2016-10-01", claim="a"))
    ledger.apply(says("reuters", "occurred", at=STRIKE, valid="2016-11-01", claim="b"))
    belief = believed(ledger, STRIKE, NO_TIME)
    assert (belief["agreement"], belief["supporters"]) == ("uncontested", names("b"))
    assert belief["history"] == [{"from": "2016-10-01T00:00:00Z", "to": "2016-10-02T00:00:00Z", "claims": names("a")}]


def test_with_a_time_only_what_overlaps_it_counts() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at=STRIKE, valid="2016-10-01", claim="a"))
    ledger.apply(says("reuters", "occurred", at=STRIKE, valid="2016-11-01", claim="b"))
    assert believed(ledger, STRIKE, "2016-10-01")["supporters"] == names("a")
    assert short(ledger, STRIKE, "2016-10-15") == "stale R3"


def test_episodes_join_through_chains_of_overlap() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at=STRIKE, valid="2016-11-01/2016-11-03", claim="a"))
    ledger.apply(says("rebels", "occurred", at=STRIKE, valid="2016-11-03/2016-11-05", claim="b"))
    ledger.apply(says("reuters", "occurred", at=STRIKE, valid="2016-11-05/2016-11-07", claim="c"))
    assert believed(ledger, STRIKE, NO_TIME)["supporters"] == names("a", "b", "c")


def test_intervals_that_only_touch_are_two_episodes() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at=STRIKE, valid="2016-11-01", claim="a"))
    ledger.apply(says("reuters", "occurred", at=STRIKE, valid="2016-11-02", claim="b"))
    assert believed(ledger, STRIKE, NO_TIME)["supporters"] == names("b")


def test_of_the_episodes_that_a_time_meets_the_latest_is_the_belief() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at=STRIKE, valid="2016-11-01", claim="a"))
    ledger.apply(says("reuters", "occurred", at=STRIKE, valid="2016-11-05", claim="b"))
    belief = believed(ledger, STRIKE, "2016-11")
    assert (belief["supporters"], [one["claims"] for one in belief["history"]]) == (names("b"), [names("a")])


def test_within_an_episode_a_source_has_one_last_word() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=10, valid="2016-11-08", stated="2016-11-08"))
    ledger.apply(counts("sohr", min=14, max=14, valid="2016-11-08", stated="2016-11-09"))
    assert short(ledger, "minian/casualties") == "uncontested S3 14 R4"


def test_what_a_desk_gives_no_horizon_holds_on() -> None:
    ledger = small_world()
    ledger.apply(aspect("curfew", values=["on", "off"]), says("sohr", "on", at="minian/curfew"))
    assert short(ledger, "minian/curfew", "2020-01-01") == "uncontested S3 on R4"


def test_the_same_question_has_the_same_outcome_whoever_asks_when() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL))
    assert outcome(ledger, CONTROL, now="2016-11-08T12:00:00Z") == outcome(ledger, CONTROL, now="2030-01-01T00:00:00Z")
