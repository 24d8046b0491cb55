"""Whose voice it is and what its group has to win: blocs, interest, leans, ties with dates, and lines of carriers."""

from collections.abc import Callable

import pytest

from domain.commands import Command
from support.believing import believed, names, short
from support.builders import (
    carrying,
    corrects,
    leans,
    leans_no_more,
    relates,
    says,
    small_world,
    source,
    tie,
    unties,
    voids,
    withdraws,
)
from support.ledger import PaperLedger

CONTROL = "minian/control"


def interest(ledger: PaperLedger, *, at: str = CONTROL, valid: str = "2016-11-08T12:00:00Z") -> list[str]:
    return [group["interest"] for group in believed(ledger, at, valid)["groups"]]


def test_a_spokesman_speaks_for_the_whole_bloc() -> None:
    ledger = small_world()
    ledger.apply(says("army-spokesman", "government", at=CONTROL, claim="a"))
    (group,) = believed(ledger, CONTROL)["groups"]
    assert (group["interest"], group["members"]) == ("self", ["ally", "army", "army-spokesman", "government"])
    assert "army-spokesman/speaks_for/army" in group["edges"]


def test_a_shared_publisher_never_joins_groups() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL, via=["reuters publisher"]))
    ledger.apply(says("interfax", "rebels", at=CONTROL, via=["reuters publisher"]))
    assert short(ledger, CONTROL) == "uncontested S4 rebels R4"
    assert believed(ledger, CONTROL)["sole_relay"] == "reuters"


def test_a_bloc_without_a_party_is_no_group() -> None:
    ledger = small_world()
    ledger.apply(tie("interfax", "owned_by", "reuters"))
    ledger.apply(says("interfax", "rebels", at=CONTROL), says("reuters", "rebels", at=CONTROL))
    assert short(ledger, CONTROL) == "uncontested S4 rebels R4"
    assert interest(ledger) == ["neutral", "neutral"]


def test_allies_are_one_bloc_only_where_both_are_parties() -> None:
    ledger = small_world()
    ledger.apply(tie("sohr", "allied_with", "rebels"), says("sohr", "rebels", at=CONTROL))
    assert (short(ledger, CONTROL), interest(ledger)) == ("uncontested S3 rebels R4", ["neutral"])


def test_allied_parties_are_one_bloc() -> None:
    ledger = small_world()
    ledger.apply(says("ally", "government", at=CONTROL), says("army", "government", at=CONTROL))
    assert (short(ledger, CONTROL), interest(ledger)) == ("uncontested S2 government R4", ["self"])


def test_opposition_is_mutual() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "government", at=CONTROL), says("army", "rebels", at="aleppo/control"))
    assert (interest(ledger), interest(ledger, at="aleppo/control")) == (["adverse"], ["adverse"])


def test_who_opposes_the_harmed_is_favoured() -> None:
    ledger = small_world()
    ledger.apply(says("army", "lost", at="minian/territory_change/rebels"))
    assert interest(ledger, at="minian/territory_change/rebels") == ["self"]


def test_a_denial_turns_favour_and_harm_round() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "government", at=CONTROL, polarity="denies"), says("sohr", "government", at=CONTROL))
    (denial,) = [side for side in believed(ledger, CONTROL)["sides"].values() if side["name"] == "not:government"]
    assert [group["interest"] for group in denial["groups"]] == ["self"]


def test_given_beneficiaries_stand_in_place_of_derived_ones_on_the_claims_own_question() -> None:
    ledger = small_world()
    ledger.apply(says("army", "captured", at="minian/territory_change/government", against=["government"]))
    assert interest(ledger, at="minian/territory_change/government") == ["adverse"]
    assert interest(ledger) == ["self"]


def test_where_nothing_is_said_nobody_benefits() -> None:
    ledger = small_world()
    ledger.apply(says("army", "ongoing"))
    assert (interest(ledger, at="minian/fighting"), short(ledger)) == (["unknown"], "uncontested S2 ongoing R4")


def test_a_kind_that_is_not_neutral_is_unknown_without_a_bloc() -> None:
    ledger = small_world()
    ledger.apply(source("tv", "state_media"), says("tv", "rebels", at=CONTROL))
    assert interest(ledger) == ["unknown"]


def test_a_media_unit_of_a_party_speaks_as_the_party() -> None:
    ledger = small_world()
    ledger.apply(source("tv", "state_media"), tie("tv", "run_by", "government"), says("tv", "rebels", at=CONTROL))
    assert (interest(ledger), short(ledger, CONTROL)) == (["adverse"], "uncontested S5 rebels R4")


def test_a_lean_towards_the_favoured_demotes_to_self() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL), leans("sohr", "brigade"))
    assert (interest(ledger), short(ledger, CONTROL)) == (["self"], "uncontested S2 rebels R4")


def test_a_lean_against_the_favoured_lifts_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL), leans("sohr", "government"))
    assert (interest(ledger), short(ledger, CONTROL)) == (["neutral"], "uncontested S3 rebels R4")


def test_a_leaning_source_is_never_adverse() -> None:
    ledger = small_world()
    ledger.apply(says("army", "rebels", at=CONTROL), leans("army", "government"))
    assert (interest(ledger), short(ledger, CONTROL)) == (["unknown"], "uncontested S2 rebels R4")


def test_a_lean_counts_until_it_is_ended_and_has_no_date() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=CONTROL), leans("sohr", "rebels"), leans_no_more("sohr", "rebels"))
    assert interest(ledger) == ["neutral"]
    assert short(ledger, CONTROL, position=ledger.head - 1) == "uncontested S2 rebels R4"


def test_an_edge_with_dates_holds_within_them() -> None:
    ledger = small_world()
    ledger.apply(tie("sohr", "run_by", "rebels", valid="2016-11-01/2016-11-10"))
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-10-01"))
    assert interest(ledger, valid="2016-10-31") == ["neutral"]
    assert interest(ledger, valid="2016-11-10") == ["self"]
    assert interest(ledger, valid="2016-11-11") == ["neutral"]


def test_an_edge_from_a_single_date_holds_from_then_on() -> None:
    ledger = small_world()
    ledger.apply(tie("sohr", "run_by", "rebels", valid="2016-11-01"))
    ledger.apply(says("sohr", "rebels", at=CONTROL, valid="2016-10-01"))
    assert (interest(ledger, valid="2016-10-31"), interest(ledger, valid="2026")) == (["neutral"], ["self"])


def test_an_edge_that_ended_with_a_date_held_until_then() -> None:
    ledger = small_world()
    ledger.apply(tie("sohr", "run_by", "rebels"), says("sohr", "rebels", at=CONTROL, valid="2016-10-01"))
    ledger.apply(unties("sohr", "run_by", "rebels", at="2016-11"))
    assert (interest(ledger, valid="2016-10-31"), interest(ledger, valid="2016-11-01")) == (["self"], ["neutral"])


def test_an_edge_that_ended_without_a_date_never_held_from_its_position_on() -> None:
    ledger = small_world()
    ledger.apply(tie("sohr", "run_by", "rebels"), says("sohr", "rebels", at=CONTROL, valid="2016-10-01"))
    ledger.apply(unties("sohr", "run_by", "rebels"))
    assert interest(ledger, valid="2016-10-31") == ["neutral"]
    assert short(ledger, CONTROL, position=ledger.head - 1) == "uncontested S2 rebels R4"


@pytest.mark.parametrize("relation", ["carries", "carries_similar"])
def test_who_carries_a_claim_is_no_second_voice(relation: str) -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL, claim="a"))
    ledger.apply(says("reuters", "government", at=CONTROL, claim="b", relations=carrying("a", relation=relation)))
    assert (short(ledger, CONTROL), interest(ledger)) == ("uncontested S2 government R4", ["self"])


@pytest.mark.parametrize("ends", [withdraws, voids])
def test_the_line_goes_on_through_claims_that_no_longer_count(ends: Callable[[str], Command]) -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL, claim="a"))
    ledger.apply(says("interfax", "government", at=CONTROL, claim="b", relations=carrying("a")))
    ledger.apply(says("reuters", "government", at=CONTROL, claim="c", relations=carrying("b")), ends("a"), ends("b"))
    assert (short(ledger, CONTROL), interest(ledger)) == ("uncontested S2 government R4", ["self"])


def test_a_relation_to_a_corrected_claim_is_one_to_its_replacement() -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL, claim="a"))
    ledger.apply(says("reuters", "government", at=CONTROL, claim="b", relations=carrying("a")))
    ledger.apply(corrects("a", says("sohr", "government", at=CONTROL, claim="c")))
    belief = believed(ledger, CONTROL)
    assert [(group["claims"], group["interest"]) for group in belief["groups"]] == [(names("b", "c"), "neutral")]


def test_a_relation_to_a_claim_recorded_later_takes_effect_when_both_are() -> None:
    ledger = small_world()
    ledger.apply(says("reuters", "government", at=CONTROL, claim="b", relations=carrying("a")))
    ledger.apply(says("army", "government", at=CONTROL, claim="a"))
    assert short(ledger, CONTROL) == "uncontested S2 government R4"
    assert short(ledger, CONTROL, position=ledger.head - 1) == "uncontested S3 government R4"


def test_a_relation_that_the_desk_sees_later_counts_from_then_on() -> None:
    ledger = small_world()
    ledger.apply(
        says("army", "government", at=CONTROL, claim="a"), says("reuters", "government", at=CONTROL, claim="b")
    )
    ledger.apply(relates("b", "carries", "a"))
    assert short(ledger, CONTROL) == "uncontested S2 government R4"
    assert short(ledger, CONTROL, position=ledger.head - 1) == "uncontested S4 government R4"


def test_a_group_names_the_ties_that_make_it_one_and_their_evidence() -> None:
    ledger = small_world()
    ledger.apply(source("unit", "party_media"), says("sohr", "seen", at="minian/source_fact", claim="e"))
    ledger.apply(tie("unit", "run_by", "rebels", evidence=names("e")), says("unit", "rebels", at=CONTROL))
    (group,) = believed(ledger, CONTROL)["groups"]
    assert "unit/run_by/rebels" in group["edges"]
    assert group["evidence"] == names("e")
