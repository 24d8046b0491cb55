"""Quantities that overlap, values that stand side by side, and plans."""

import pytest

from support.believing import NO_TIME, believed, names, short
from support.builders import aspect, carrying, counts, denies, relates, says, small_world, withdraws

DEAD = "minian/casualties"
CHANGE = "minian/territory_change/government"
PLAN = "minian/intent/government"


def test_two_quantities_are_one_value_where_their_ranges_overlap() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=20), counts("reuters", min=15, max=30))
    assert short(ledger, DEAD) == "uncontested S4 15..20 R4"


def test_quantities_are_one_value_through_chains_and_then_the_hull_is_believed() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=20), counts("reuters", min=15, max=30), counts("rebels", min=25, max=40))
    assert short(ledger, DEAD) == "uncontested S4 10..40 R4"


def test_a_range_without_end_overlaps_all_above_it() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=100), counts("reuters", min=250, max=300))
    assert short(ledger, DEAD) == "uncontested S4 250..300 R4"


def test_the_hull_has_no_end_where_one_of_its_ranges_has_none() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=1, max=10), counts("reuters", min=8, max=30), counts("rebels", min=20))
    assert short(ledger, DEAD) == "uncontested S4 1.. R4"


def test_quantities_that_do_not_overlap_are_contested() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=20), counts("rebels", min=50, max=60))
    assert short(ledger, DEAD) == "contested R5: 10..20 S3 > 50..60 S2"


def test_different_units_are_different_values() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, unit="people"), counts("rebels", min=10, unit="families"))
    assert short(ledger, DEAD) == "contested R5: 10.. people S3 > 10.. families S2"


def test_decimals_are_text_and_compared_exactly() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min="0.1", max="0.3"), counts("rebels", min="0.30", max="0.5"))
    assert believed(ledger, DEAD)["value"] == {"min": "0.30", "max": "0.3", "unit": None}


def test_a_vague_word_is_a_least_number() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", verbatim="dozens"))
    assert short(ledger, DEAD) == "uncontested S3 12.. R4"


def test_a_denial_touches_every_quantity_that_it_overlaps() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=20), counts("rebels", min=50, max=60))
    ledger.apply(counts("reuters", min=15, max=55, polarity="denies"))
    assert short(ledger, DEAD) == "contested R5: 10..20 S3, 50..60 S2, not:15..55 S3"


def test_a_denial_of_another_quantity_objects_to_nothing() -> None:
    ledger = small_world()
    ledger.apply(counts("sohr", min=10, max=20), counts("reuters", min=30, max=40, polarity="denies"))
    assert short(ledger, DEAD) == "uncontested S3 10..20 R4"


def test_values_that_do_not_exclude_each_other_are_judged_each_on_its_own() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "lost", at="minian/territory_change/rebels", claim="a"))
    ledger.apply(says("sohr", "withdrew", at="minian/territory_change/rebels", claim="b"))
    belief = believed(ledger, "minian/territory_change/rebels")
    assert (belief["agreement"], belief["value"], belief["strength"], belief["lean"]) == (
        "uncontested", None, None, None,
    )  # fmt: skip
    assert [(one["value"], one["strength"], one["rule"], one["supporters"]) for one in belief["values"]] == [
        ("lost", "S5", "R4", names("a")),
        ("withdrew", "S3", "R4", names("b")),
    ]


def test_a_source_has_a_last_word_for_each_such_value() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "captured", at=CHANGE), says("sohr", "advanced", at=CHANGE, stated="2016-11-09"))
    assert [one["value"] for one in believed(ledger, CHANGE)["values"]] == ["advanced", "captured"]


def test_a_source_that_denies_what_it_asserted_no_longer_asserts_it() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "captured", at=CHANGE), denies("sohr", "captured", at=CHANGE, stated="2016-11-09"))
    assert (short(ledger, CHANGE), believed(ledger, CHANGE)["flags"]) == ("uncontested R4", ["denied-only"])


def test_it_is_contested_if_one_of_the_values_is() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "advanced", at=CHANGE), says("army", "captured", at=CHANGE))
    ledger.apply(denies("rebels", "captured", at=CHANGE))
    belief = believed(ledger, CHANGE)
    assert (belief["agreement"], belief["value"], belief["lean"], belief["rule"]) == ("contested", None, None, "R5")
    assert [(one["value"], one["agreement"]) for one in belief["values"]] == [
        ("advanced", "uncontested"),
        (None, "contested"),
    ]


def test_the_only_value_that_somebody_asserts_is_the_beliefs_own() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "advanced", at=CHANGE), denies("rebels", "captured", at=CHANGE))
    belief = believed(ledger, CHANGE)
    assert (belief["value"], belief["strength"], belief["flags"]) == ("advanced", "S3", [])
    assert [one["flags"] for one in belief["values"]] == [[], ["denied-only"]]


def test_quantities_that_exclude_nothing_are_still_one_value_where_they_overlap() -> None:
    ledger = small_world()
    ledger.apply(aspect("queue", "occurrence", quantity=True, exclusive=False))
    ledger.apply(
        counts("sohr", at="minian/queue", min=10, max=20), counts("reuters", at="minian/queue", min=15, max=30)
    )
    ledger.apply(counts("rebels", at="minian/queue", min=50, max=60))
    shown = [
        (one["value"]["min"], one["value"]["max"], one["strength"])
        for one in believed(ledger, "minian/queue")["values"]
    ]
    assert shown == [(15, 20, "S4"), (50, 60, "S2")]


def test_a_plan_counts_from_the_moment_it_was_stated() -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08T10:00:00Z"))
    assert short(ledger, PLAN, "2016-11-08T09:59:59Z") == "unreported R1"
    assert (short(ledger, PLAN), believed(ledger, PLAN)["flags"]) == ("uncontested S2 storm R4", ["pending"])


@pytest.mark.parametrize(
    ("valid", "flag"),
    [
        ("2016-11-20", "pending"),
        ("2016-11-20T23:59:59Z", "pending"),
        ("2016-11-21T00:00:00Z", "lapsed"),
        ("2030", "lapsed"),
    ],
)
def test_a_plan_is_pending_until_its_time_is_over_and_never_stale(valid: str, flag: str) -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08"))
    belief = believed(ledger, PLAN, valid)
    assert (belief["agreement"], belief["flags"]) == ("uncontested", [flag])


def test_a_plan_is_fulfilled_once_a_claim_that_confirms_it_has_begun() -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08", claim="p"))
    done = says(
        "sohr", "occurred", at="minian/strike", valid="2016-11-10", relations=carrying("p", relation="confirms")
    )
    ledger.apply(done)
    assert believed(ledger, PLAN, "2016-11-09")["flags"] == ["pending"]
    assert believed(ledger, PLAN, "2016-11-10")["flags"] == ["fulfilled"]


@pytest.mark.parametrize("relation", ["contradicts", "denies"])
def test_a_plan_is_overtaken_by_a_claim_that_speaks_against_it(relation: str) -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08", claim="p"))
    ledger.apply(says("sohr", "none", claim="n"), relates("n", relation, "p"))
    assert believed(ledger, PLAN)["flags"] == ["overtaken"]
    assert believed(ledger, PLAN, position=ledger.head - 1)["flags"] == ["pending"]


def test_a_claim_that_was_taken_back_or_only_predicts_fulfils_no_plan() -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08", claim="p"))
    ledger.apply(says("sohr", "occurred", at="minian/strike", claim="n", relations=carrying("p", relation="confirms")))
    ledger.apply(withdraws("n"))
    guess = says(
        "reuters", "occurred", at="minian/strike", modality="predicted", relations=carrying("p", relation="confirms")
    )
    ledger.apply(guess)
    assert believed(ledger, PLAN)["flags"] == ["pending"]


def test_among_several_supporters_the_best_end_is_said_of_the_plan() -> None:
    ledger = small_world()
    ledger.apply(says("army", "storm", at=PLAN, modality="planned", valid="2016-11-09", stated="2016-11-08", claim="p"))
    ledger.apply(says("sohr", "storm", at=PLAN, modality="planned", valid="2016-11-20", stated="2016-11-08", claim="q"))
    ledger.apply(says("reuters", "none", claim="n", relations=carrying("p", relation="contradicts")))
    assert believed(ledger, PLAN, "2016-11-10")["flags"] == ["pending"]
    assert believed(ledger, PLAN, "2016-12-01")["flags"] == ["overtaken"]


def test_plans_are_judged_per_value_whatever_their_aspect_says() -> None:
    ledger = small_world()
    ledger.apply(aspect("schedule", "plan"))
    ledger.apply(
        says("army", "storm", at="minian/schedule", modality="planned", valid="2016-11-20", stated="2016-11-08")
    )
    ledger.apply(
        says("sohr", "leave", at="minian/schedule", modality="planned", valid="2016-11-20", stated="2016-11-08")
    )
    belief = believed(ledger, "minian/schedule", NO_TIME)
    assert [(one["value"], one["agreement"], one["flags"]) for one in belief["values"]] == [
        ("leave", "uncontested", ["pending"]),
        ("storm", "uncontested", ["pending"]),
    ]
