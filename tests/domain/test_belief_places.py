"""What is said of a whole counts for its parts, of a part for the whole; and what sits badly together is flagged."""

from support.believing import believed, names, short
from support.builders import aspect, denies, links, location, says, small_world, unlinks
from support.ledger import PaperLedger

FULL = {"extent": "full"}
MINIAN = "minian/control"


def around() -> PaperLedger:
    """The small world, with the surroundings of the village."""
    ledger = small_world()
    ledger.apply(location("around-minian", "vicinity"), links("around-minian", "vicinity_of", "minian"))
    return ledger


def test_full_control_of_the_whole_counts_for_a_part_without_a_word_of_its_own() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets=FULL, claim="a"))
    assert short(ledger, MINIAN) == "uncontested S3 rebels R4"
    assert believed(ledger, MINIAN)["supporters"] == names("a")


def test_control_that_is_not_full_does_not_go_down() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets={"extent": "partial"}))
    assert short(ledger, MINIAN) == "unreported R1"


def test_a_part_with_a_word_of_its_own_inherits_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets=FULL))
    ledger.apply(says("army", "government", at=MINIAN))
    assert short(ledger, MINIAN) == "uncontested S2 government R4"


def test_a_part_whose_own_word_is_over_inherits_again() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets=FULL))
    ledger.apply(says("army", "government", at=MINIAN, valid="2016-11-08/2016-11-09"))
    assert short(ledger, MINIAN, "2016-11-09") == "uncontested S2 government R4"
    assert short(ledger, MINIAN, "2016-11-10") == "uncontested S3 rebels R4"


def test_it_goes_down_step_by_step() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="syria/control", facets=FULL))
    assert short(ledger, MINIAN) == "uncontested S3 rebels R4"


def test_a_whole_with_a_word_of_its_own_passes_on_that_word_or_nothing() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="syria/control", facets=FULL))
    ledger.apply(says("army", "government", at="aleppo/control", facets={"extent": "partial"}))
    assert short(ledger, MINIAN) == "unreported R1"


def test_without_the_source_that_keeps_it_from_coming_down_a_part_inherits() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="syria/control", facets=FULL))
    ledger.apply(says("army", "government", at="aleppo/control", facets={"extent": "partial"}))
    assert believed(ledger, MINIAN)["load_bearing"] == {
        "army": {"agreement": "uncontested", "strength": "S3", "value": "rebels"}
    }


def test_a_contest_about_the_whole_is_one_about_the_part() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets=FULL))
    ledger.apply(says("army", "government", at="aleppo/control", facets=FULL))
    assert short(ledger, MINIAN) == "contested R5: rebels S3 > government S2"


def test_a_denial_about_the_whole_does_not_go_down() -> None:
    ledger = small_world()
    ledger.apply(denies("sohr", "rebels", at="aleppo/control", facets=FULL), denies("sohr", "open", at="aleppo/siege"))
    assert short(ledger, MINIAN) == "unreported R1"
    assert short(ledger, "minian/siege") == "unreported R1"


def test_a_siege_of_the_whole_is_one_of_the_part_whatever_its_facets() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "besieged", at="aleppo/siege"))
    assert short(ledger, "minian/siege") == "uncontested S3 besieged R4"


def test_a_source_that_speaks_of_two_wholes_counts_once() -> None:
    ledger = small_world()
    ledger.apply(location("west"), links("minian", "part_of", "west"))
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets=FULL, valid="2016-11-01"))
    ledger.apply(says("sohr", "government", at="west/control", facets=FULL, valid="2016-11-05"))
    assert short(ledger, MINIAN) == "uncontested S3 government R4"


def test_what_was_last_inherited_is_what_was_last_believed() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=MINIAN, valid="2016-11-01/2016-11-02"))
    ledger.apply(says("sohr", "government", at="aleppo/control", facets=FULL, valid="2016-11-04/2016-11-05"))
    belief = believed(ledger, MINIAN)
    assert (belief["agreement"], belief["last"]["value"]) == ("stale", "government")


def test_fighting_in_a_part_is_fighting_in_the_whole() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"))
    assert short(ledger, "aleppo/fighting") == "uncontested S3 ongoing R4"
    assert short(ledger, "syria/fighting") == "uncontested S3 ongoing R4"


def test_that_a_part_is_quiet_says_nothing_of_the_whole() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "none"))
    assert short(ledger, "aleppo/fighting") == "unreported R1"


def test_who_denies_that_a_part_is_quiet_asserts_fighting_in_the_whole() -> None:
    ledger = small_world()
    ledger.apply(denies("sohr", "none"))
    assert short(ledger, "aleppo/fighting") == "uncontested S3 ongoing R4"


def test_a_word_on_a_part_counts_only_while_it_is_its_sources_last_word_there() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", stated="2016-11-08T06:00:00Z"))
    ledger.apply(says("sohr", "none", stated="2016-11-08T10:00:00Z"))
    assert short(ledger, "aleppo/fighting") == "stale R3"


def test_a_sources_later_word_on_the_whole_replaces_what_it_said_of_the_part() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", stated="2016-11-08T06:00:00Z"))
    ledger.apply(says("sohr", "none", at="aleppo/fighting", stated="2016-11-08T10:00:00Z"))
    assert short(ledger, "aleppo/fighting") == "uncontested S3 none R4"


def test_a_subject_keeps_apart_what_must_not_be_mixed() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "occurred", at="minian/strike/russia"))
    assert short(ledger, "aleppo/strike/russia") == "uncontested S3 occurred R4"
    assert short(ledger, "aleppo/strike") == "unreported R1"


def test_a_link_counts_from_its_position_until_it_is_ended() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing"), unlinks("minian", "part_of", "aleppo"))
    assert short(ledger, "aleppo/fighting") == "unreported R1"
    assert short(ledger, "aleppo/fighting", position=ledger.head - 1) == "uncontested S3 ongoing R4"


def test_a_desks_aspect_inherits_as_it_says() -> None:
    ledger = small_world()
    ledger.apply(aspect("water", values=["running", "cut"], inherits={"direction": "down", "values": ["cut"]}))
    ledger.apply(says("sohr", "cut", at="aleppo/water"))
    assert short(ledger, "minian/water") == "uncontested S3 cut R4"


def test_full_control_and_fighting_at_the_same_place_are_in_tension_on_both_sides() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=MINIAN, facets=FULL), says("sohr", "ongoing"))
    control, fighting = believed(ledger, MINIAN), believed(ledger)
    assert (control["tension"], control["flags"]) == ([{"location": "minian", "aspect": "fighting"}], ["tension"])
    assert (fighting["tension"], fighting["flags"]) == ([{"location": "minian", "aspect": "control"}], ["tension"])
    assert (control["agreement"], fighting["agreement"]) == ("uncontested", "uncontested")


def test_full_control_and_fighting_in_the_vicinity_are_in_tension() -> None:
    ledger = around()
    ledger.apply(says("sohr", "rebels", at=MINIAN, facets=FULL), says("sohr", "ongoing", at="around-minian/fighting"))
    assert believed(ledger, MINIAN)["tension"] == [{"location": "around-minian", "aspect": "fighting"}]
    assert believed(ledger, "around-minian/fighting")["tension"] == [{"location": "minian", "aspect": "control"}]


def test_control_of_the_surroundings_and_fighting_inside_is_a_siege_and_no_tension() -> None:
    ledger = around()
    ledger.apply(says("sohr", "rebels", at="around-minian/control", facets=FULL), says("sohr", "ongoing"))
    assert believed(ledger, "around-minian/control")["tension"] == []
    assert believed(ledger)["tension"] == []


def test_what_is_hedged_softly_implied_or_partial_makes_no_tension() -> None:
    ledger = small_world()
    ledger.apply(says("sohr", "rebels", at=MINIAN, facets=FULL), says("sohr", "ongoing", hedged=True))
    ledger.apply(says("rebels", "advanced", at="minian/territory_change/government"))
    ledger.apply(says("sohr", "rebels", at="aleppo/control", facets={"extent": "partial"}))
    ledger.apply(says("sohr", "ongoing", at="aleppo/fighting"))
    assert believed(ledger, MINIAN)["tension"] == []
    assert believed(ledger, "aleppo/control")["tension"] == []


def test_hearsay_makes_no_tension() -> None:
    ledger = small_world()
    chain = [
        {"source": "rebels", "role": "speaker", "mode": "carried", "naming": "unnamed"},
        {"source": "interfax", "role": "carrier", "mode": "carried", "naming": "named"},
    ]
    ledger.apply(says("sohr", "rebels", at=MINIAN, facets=FULL), says("rebels", "ongoing", chain=chain))
    assert believed(ledger, MINIAN)["tension"] == []
