"""Other policies on the same last words, and what would change if somebody had not spoken."""

import pytest

from domain.commands import Command
from domain.policies import UnknownPolicy, policies, policy_named
from support.believing import believed, short
from support.builders import carrying, counts, denies, leans, says, small_world
from support.ledger import PaperLedger

CONTROL = "minian/control"


def told(*commands: Command) -> PaperLedger:
    ledger = small_world()
    ledger.apply(*commands)
    return ledger


def rumour(source: str, value: str) -> Command:
    chain = [
        {"source": source, "role": "speaker", "mode": "carried", "naming": "unnamed"},
        {"source": "interfax", "role": "carrier", "mode": "carried", "naming": "named"},
    ]
    return says(source, value, at=CONTROL, chain=chain)


def test_five_policies_ship() -> None:
    assert sorted(policies()) == ["desk/1", "latest/1", "majority/1", "opponents/1", "strict/1"]


def test_an_unknown_policy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownPolicy, match="strict/1"):
        policy_named("strict/9")


def test_strict_wants_two_disinterested_groups_to_corroborate() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    assert short(ledger, CONTROL, policy="strict/1") == "uncontested S3 rebels R4"
    ledger.apply(says("reuters", "rebels", at=CONTROL))
    assert short(ledger, CONTROL, policy="strict/1") == "uncontested S4 rebels R4"


def test_opponents_hears_nobody_in_their_own_cause() -> None:
    ledger = told(says("rebels", "rebels", at=CONTROL), says("army", "rebels", at=CONTROL))
    assert (
        believed(ledger, CONTROL, policy="opponents/1")["supporters"]
        == believed(told(says("army", "rebels", at=CONTROL)), CONTROL)["supporters"]
    )


def test_under_opponents_nothing_is_reported_where_only_the_interested_speak() -> None:
    ledger = told(says("rebels", "rebels", at=CONTROL), says("army", "government", at=CONTROL))
    assert short(ledger, CONTROL, policy="opponents/1") == "unreported R1"


def test_opponents_leaves_words_out_only_after_last_words_are_taken() -> None:
    ledger = told(
        says("army", "rebels", at=CONTROL, stated="2016-11-08"),
        says("army", "government", at=CONTROL, stated="2016-11-09"),
    )
    assert short(ledger, CONTROL, policy="opponents/1") == "unreported R1"


def test_by_majority_each_group_votes_once() -> None:
    ledger = told(
        says("army", "government", at=CONTROL),
        says("ally", "government", at=CONTROL),
        says("sohr", "rebels", at=CONTROL),
        says("reuters", "rebels", at=CONTROL),
    )
    assert believed(ledger, CONTROL, policy="majority/1")["lean"] == "rebels"


def test_a_tie_of_votes_leans_nowhere_though_one_side_is_stronger() -> None:
    ledger = told(says("army", "government", at=CONTROL), says("sohr", "rebels", at=CONTROL))
    assert short(ledger, CONTROL, policy="majority/1") == "contested R5: government S2, rebels S3"


def test_a_group_of_two_minds_votes_with_its_newest_word() -> None:
    ledger = told(
        says("army", "government", at=CONTROL, stated="2016-11-08"),
        says("ally", "rebels", at=CONTROL, stated="2016-11-09"),
    )
    assert short(ledger, CONTROL, policy="majority/1") == "uncontested S5 rebels R4"


def test_hearsay_has_no_vote() -> None:
    ledger = told(rumour("sohr", "rebels"), says("army", "government", at=CONTROL))
    assert short(ledger, CONTROL, policy="majority/1") == "uncontested S2 government R4"
    assert short(told(rumour("sohr", "rebels")), CONTROL, policy="majority/1") == "unreported R1"


def test_a_majority_of_denials_leaves_no_value() -> None:
    ledger = told(denies("sohr", "rebels", at=CONTROL))
    belief = believed(ledger, CONTROL, policy="majority/1")
    assert (belief["value"], belief["flags"]) == (None, ["denied-only"])


def test_the_latest_word_is_never_contested() -> None:
    ledger = told(
        says("sohr", "rebels", at=CONTROL, stated="2016-11-08"),
        says("army", "government", at=CONTROL, stated="2016-11-09"),
    )
    assert short(ledger, CONTROL, policy="latest/1") == "uncontested S2 government R4"


def test_the_latest_word_may_be_a_denial_but_no_hearsay() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL), denies("army", "rebels", at=CONTROL, stated="2016-11-09"))
    assert believed(ledger, CONTROL, policy="latest/1")["flags"] == ["denied-only"]
    assert short(told(rumour("sohr", "rebels")), CONTROL, policy="latest/1") == "unreported R1"


def test_without_a_source_what_it_speaks_is_left_out() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL), says("army", "government", at=CONTROL))
    assert short(ledger, CONTROL, without=["sohr"]) == "uncontested S2 government R4"
    assert short(ledger, CONTROL, without=["sohr", "army"]) == "unreported R1"


def test_without_a_spokesman_what_came_from_his_mouth_is_left_out() -> None:
    ledger = told(says("army", "government", at=CONTROL, via=["army-spokesman spokesperson", "reuters publisher"]))
    assert short(ledger, CONTROL, without=["army-spokesman"]) == "unreported R1"


def test_carriers_and_publishers_are_no_speakers() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL, via=["interfax carrier", "reuters publisher"]))
    assert short(ledger, CONTROL, without=["interfax", "reuters"]) == "uncontested S3 rebels R4"


def test_without_a_source_groups_are_still_reckoned_from_the_whole_ledger() -> None:
    ledger = told(
        says("army", "government", at=CONTROL, claim="a"),
        says("reuters", "government", at=CONTROL, relations=carrying("a")),
    )
    assert short(ledger, CONTROL, without=["army"]) == "uncontested S2 government R4"


def test_who_bears_the_belief_is_named_with_what_would_be_believed_instead() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    assert believed(ledger, CONTROL)["load_bearing"] == {
        "rebels": {"agreement": "uncontested", "strength": "S3", "value": "rebels"},
        "sohr": {"agreement": "uncontested", "strength": "S2", "value": "rebels"},
    }


def test_who_changes_nothing_bears_nothing() -> None:
    ledger = told(*(says(one, "rebels", at=CONTROL) for one in ("sohr", "reuters", "interfax")))
    assert believed(ledger, CONTROL)["load_bearing"] == {}


def test_a_sides_strength_and_the_lean_are_changes_too() -> None:
    ledger = told(
        says("sohr", "rebels", at=CONTROL), says("rebels", "rebels", at=CONTROL), says("army", "government", at=CONTROL)
    )
    assert believed(ledger, CONTROL)["load_bearing"]["rebels"] == {
        "agreement": "contested",
        "strength": None,
        "value": None,
        "lean": "rebels",
        "sides": {"government": {"strength": "S2"}, "rebels": {"strength": "S3"}},
    }


def test_one_publisher_for_all_is_named_as_the_sole_relay() -> None:
    ledger = told(
        says("sohr", "rebels", at=CONTROL, via=["reuters publisher"]),
        says("rebels", "rebels", at=CONTROL, via=["interfax carrier", "reuters publisher"]),
    )
    assert believed(ledger, CONTROL)["sole_relay"] == "reuters"
    ledger.apply(says("interfax", "rebels", at=CONTROL))
    assert believed(ledger, CONTROL)["sole_relay"] is None


def test_strengths_are_shown_as_by_the_desk_under_every_policy() -> None:
    ledger = told(counts("sohr", min=10), counts("rebels", min=12), leans("sohr", "government"))
    assert short(ledger, "minian/casualties", policy="latest/1") == "uncontested S4 12.. R4"
    assert short(ledger, "minian/casualties", policy="majority/1") == "uncontested S4 12.. R4"


def test_every_policy_is_asked_with_the_same_relevant_claims() -> None:
    ledger = told(says("sohr", "rebels", at=CONTROL, valid="2016-11-01/2016-11-02"))
    found = {name: believed(ledger, CONTROL, policy=name)["agreement"] for name in policies()}
    assert found == dict.fromkeys(policies(), "stale")
