"""Agreement and the rule behind it: R0 to R7, one test a sentence."""

from domain.commands import Command
from support.believing import believed, names, short
from support.builders import assesses, corrects, denies, leans, location, says, small_world, voids, withdraws

CONTROL = "minian/control"


def rumour(source: str, value: str, *, at: str, **more: str) -> Command:
    """A claim of an unnamed speaker that came through a carrier."""
    chain = [
        {"source": source, "role": "speaker", "mode": "carried", "naming": "unnamed"},
        {"source": "interfax", "role": "carrier", "mode": "carried", "naming": "named"},
    ]
    return says(source, value, at=at, chain=chain, **more)


def test_an_opinion_is_listed_and_never_adjudicated() -> None:
    ledger = small_world()
    ledger.apply(says("reuters", "a turning point", at="minian/significance", claim="a", modality="opinion"))
    belief = believed(ledger, "minian/significance")
    assert (belief["agreement"], belief["rule"], belief["opinions"]) == ("not-adjudicated", "R0", names("a"))
    assert (belief["value"], belief["strength"], belief["supporters"]) == (None, None, [])


def test_of_opinions_those_are_listed_that_meet_the_time_asked_about() -> None:
    ledger = small_world()
    ledger.apply(says("reuters", "a turning point", at="minian/significance", claim="a", modality="opinion"))
    assert believed(ledger, "minian/significance", "2016-11-10")["opinions"] == []


def test_where_nobody_said_anything_nothing_is_reported() -> None:
    assert short(small_world()) == "unreported R1"


def test_what_begins_after_the_time_asked_about_is_not_reported_yet() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", valid="2016-11-09"))
    assert short(ledger) == "unreported R1"


def test_where_every_claim_was_taken_back_it_is_retracted() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="a"), withdraws("a"))
    assert short(ledger) == "retracted R2"


def test_a_voided_claim_leaves_the_question_retracted_too() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="a"), voids("a"))
    assert short(ledger) == "retracted R2"


def test_a_claim_corrected_to_another_place_was_never_made_of_this_one() -> None:
    ledger = small_world()
    ledger.apply(location("tell"), says("sohr", "ongoing", claim="a"))
    ledger.apply(corrects("a", says("sohr", "ongoing", at="tell/fighting", claim="b")))
    assert short(ledger) == "unreported R1"
    assert short(ledger, "tell/fighting") == "uncontested S3 ongoing R4"


def test_before_the_correction_the_claim_was_made_of_the_first_place() -> None:
    ledger = small_world()
    ledger.apply(location("tell"), says("sohr", "ongoing", claim="a"))
    before = ledger.head
    ledger.apply(corrects("a", says("sohr", "ongoing", at="tell/fighting", claim="b")))
    assert short(ledger, position=before) == "uncontested S3 ongoing R4"
    assert short(ledger, "tell/fighting", position=before) == "unreported R1"


def test_where_nothing_holds_any_more_it_is_stale_and_says_what_was_last_believed() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"))
    belief = believed(ledger, valid="2016-11-10")
    assert (belief["agreement"], belief["rule"], belief["value"], belief["strength"]) == ("stale", "R3", None, None)
    assert belief["last"] == {"agreement": "uncontested", "strength": "S3", "value": "ongoing"}


def test_one_value_without_objection_is_uncontested_with_its_strength() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="a"), says("rebels", "ongoing", claim="b"))
    belief = believed(ledger)
    assert (belief["agreement"], belief["strength"], belief["rule"]) == ("uncontested", "S4", "R4")
    assert (belief["supporters"], belief["objectors"]) == (names("a", "b"), [])


def test_two_values_that_exclude_each_other_are_contested_and_the_stronger_side_leads() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "government", at=CONTROL, claim="a"), says("rebels", "rebels", at=CONTROL, claim="b"))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "contested R5: government S3 > rebels S2"
    assert (belief["value"], belief["strength"], belief["lean"]) == (None, None, "government")
    assert (belief["supporters"], belief["objectors"]) == (names("a"), names("b"))


def test_sides_of_one_strength_lead_nowhere() -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    assert short(ledger, CONTROL) == "contested R5: government S2, rebels S2"
    assert believed(ledger, CONTROL)["lean"] is None


def test_an_objection_contests_a_value_and_leads_as_not_that_value_where_it_is_stronger() -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL, claim="a"), denies("sohr", "government", at=CONTROL, claim="b"))
    assert short(ledger, CONTROL) == "contested R5: not:government S3 > government S2"
    assert believed(ledger, CONTROL)["lean"] == "not:government"


def test_a_denial_of_another_value_objects_to_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "government", at=CONTROL), denies("army", "rebels", at=CONTROL))
    assert short(ledger, CONTROL) == "uncontested S3 government R4"


def test_what_is_denied_and_asserted_by_nobody_has_no_value() -> None:
    ledger = small_world()
    ledger.apply(denies("sohr", "rebels", at=CONTROL, claim="a"))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "uncontested R4"
    assert (belief["flags"], belief["supporters"], belief["objectors"]) == (["denied-only"], [], names("a"))


def test_of_two_values_a_denial_of_one_asserts_the_other() -> None:
    ledger = small_world()
    ledger.apply(denies("sohr", "ongoing"), denies("rebels", "none"))
    assert short(ledger) == "contested R5: none S3 > ongoing S2"


def test_a_rumour_never_contests_what_is_said_by_name() -> None:
    ledger = small_world()
    ledger.apply(rumour("rebels", "rebels", at=CONTROL, claim="a"), says("army", "government", at=CONTROL))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "uncontested S2 government R4"
    assert [(one["name"], one["strength"], one["supporters"]) for one in belief["rumours"]] == [
        ("rebels", "S1", names("a"))
    ]


def test_a_rumoured_denial_contests_nothing_either() -> None:
    ledger = small_world()
    ledger.apply(rumour("rebels", "government", at=CONTROL, polarity="denies"), says("army", "government", at=CONTROL))
    assert short(ledger, CONTROL) == "uncontested S2 government R4"
    assert [one["name"] for one in believed(ledger, CONTROL)["rumours"]] == ["not:government"]


def test_where_all_are_rumours_they_contest_each_other() -> None:
    ledger = small_world()
    ledger.apply(rumour("rebels", "rebels", at=CONTROL), rumour("army", "government", at=CONTROL))
    assert short(ledger, CONTROL) == "contested R5: government S1, rebels S1"


def test_a_rumour_against_a_firm_denial_leaves_no_value() -> None:
    ledger = small_world()
    ledger.apply(rumour("rebels", "rebels", at=CONTROL), denies("army", "rebels", at=CONTROL, claim="a"))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "uncontested R4"
    assert (belief["flags"], belief["objectors"]) == (["denied-only"], names("a"))
    assert [one["name"] for one in belief["rumours"]] == ["rebels"]


def test_who_concedes_what_it_denied_of_the_same_time_refutes_itself() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "rebels", at=CONTROL, stated="2016-11-08T08:00:00Z", claim="a"))
    ledger.apply(says("rebels", "government", at=CONTROL, stated="2016-11-08T10:00:00Z", claim="b"))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "uncontested S5 government R6"
    assert (belief["refuted"], belief["supporters"], belief["earlier"]) == (["rebels"], names("b"), names("a"))


def test_a_denial_that_was_given_up_is_listed_as_such() -> None:
    ledger = small_world()
    ledger.apply(denies("rebels", "government", at=CONTROL, stated="2016-11-08T08:00:00Z"))
    ledger.apply(says("rebels", "government", at=CONTROL, stated="2016-11-08T10:00:00Z"))
    assert believed(ledger, CONTROL)["refuted"] == ["not:government"]


def test_with_a_later_time_the_world_changed_and_nobody_is_refuted() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "rebels", at=CONTROL, valid="2016-11-07"), says("rebels", "government", at=CONTROL))
    assert short(ledger, CONTROL) == "uncontested S5 government R4"
    assert believed(ledger, CONTROL)["refuted"] == []


def test_who_changes_its_mind_in_its_own_favour_refutes_nobody() -> None:
    ledger = small_world()
    ledger.apply(says("rebels", "government", at=CONTROL, stated="2016-11-08T08:00:00Z"))
    ledger.apply(says("rebels", "rebels", at=CONTROL, stated="2016-11-08T10:00:00Z"))
    assert short(ledger, CONTROL) == "uncontested S2 rebels R4"


def test_a_bloc_that_concedes_and_holds_on_is_split() -> None:
    ledger = small_world()
    ledger.apply(says("brigade", "government", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "contested R5b: government S5 > rebels S2"
    assert belief["flags"] == ["split-bloc"]


def test_an_assessment_is_shown_beside_the_status_and_never_instead() -> None:
    ledger = small_world()
    ledger.apply(says("army", "government", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    ledger.apply(assesses("v", CONTROL, "government", physical_evidence=["a video"]))
    belief = believed(ledger, CONTROL)
    assert short(ledger, CONTROL) == "contested R5: government S6 > rebels S2"
    assert (belief["flags"], belief["assessment"]["id"]) == (["assessed"], "v")


def test_what_is_planned_of_a_state_is_listed_and_supports_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", modality="planned", claim="a"))
    assert short(ledger) == "unreported R1"
    assert believed(ledger)["listed"] == names("a")


def test_what_is_predicted_contests_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"), says("reuters", "none", modality="predicted", claim="a"))
    assert short(ledger) == "uncontested S3 ongoing R4"
    assert believed(ledger)["listed"] == names("a")


def test_disputed_is_no_strength() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"), leans("sohr", "rebels"), says("reuters", "none"))
    belief = believed(ledger)
    assert (belief["agreement"], belief["strength"]) == ("contested", None)
    assert {name: side["strength"] for name, side in belief["sides"].items()} == {"ongoing": "S3", "none": "S3"}
