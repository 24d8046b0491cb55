"""How strong a value is: S1 to S6, and who is heard for what."""

from domain.commands import Command
from support.believing import believed, short
from support.builders import assesses, says, small_world, source
from support.ledger import PaperLedger

CONTROL = "minian/control"


def strength(*commands: Command, at: str = CONTROL) -> str | None:
    return believed(_told(*commands), at)["strength"]


def _told(*commands: Command) -> PaperLedger:
    ledger = small_world()
    ledger.apply(*commands)
    return ledger


def test_an_unnamed_speaker_through_a_carrier_is_hearsay() -> None:
    chain = [
        {"source": "sohr", "role": "speaker", "mode": "carried", "naming": "unnamed"},
        {"source": "interfax", "role": "carrier", "mode": "carried", "naming": "named"},
    ]
    assert strength(says("sohr", "rebels", at=CONTROL, chain=chain)) == "S1"


def test_an_unnamed_speaker_whom_the_publisher_heard_itself_is_no_hearsay() -> None:
    chain = [
        {"source": "sohr", "role": "speaker", "mode": "paraphrase", "naming": "unnamed"},
        {"source": "reuters", "role": "publisher", "mode": "paraphrase", "naming": "named"},
    ]
    assert strength(says("sohr", "rebels", at=CONTROL, chain=chain)) == "S3"


def test_a_named_speaker_through_a_carrier_is_no_hearsay() -> None:
    assert strength(says("sohr", "rebels", at=CONTROL, via=["interfax carrier"])) == "S3"


def test_one_side_alone_is_one_sided() -> None:
    assert strength(says("rebels", "rebels", at=CONTROL), says("brigade", "rebels", at=CONTROL)) == "S2"


def test_a_source_of_unknown_interest_never_lifts_above_one_sided() -> None:
    told = (source("somebody", "unnamed"), says("somebody", "rebels", at=CONTROL), says("rebels", "rebels", at=CONTROL))
    assert strength(*told) == "S2"


def test_one_neutral_voice_is_a_single_source() -> None:
    assert strength(says("sohr", "rebels", at=CONTROL)) == "S3"


def test_two_groups_of_which_one_is_neutral_corroborate() -> None:
    assert strength(says("sohr", "rebels", at=CONTROL), says("rebels", "rebels", at=CONTROL)) == "S4"


def test_two_voices_of_one_group_are_one() -> None:
    assert strength(says("army", "government", at=CONTROL), says("ally", "government", at=CONTROL)) == "S2"


def test_an_outright_word_against_its_own_interest_is_a_concession() -> None:
    assert strength(says("army", "rebels", at=CONTROL)) == "S5"


def test_a_hedged_word_neither_concedes_nor_corroborates() -> None:
    assert strength(says("army", "rebels", at=CONTROL, hedged=True)) == "S3"
    assert strength(says("sohr", "rebels", at=CONTROL, hedged=True), says("rebels", "rebels", at=CONTROL)) == "S3"


def test_a_voice_without_attribution_neither_concedes_nor_corroborates() -> None:
    unstated = says("reuters", "rebels", at=CONTROL, basis="unstated")
    assert strength(unstated, says("rebels", "rebels", at=CONTROL)) == "S3"
    assert strength(says("army", "rebels", at=CONTROL, basis="unstated")) == "S3"


def test_what_is_presupposed_is_said_outright() -> None:
    assert strength(says("army", "rebels", at=CONTROL, modality="presupposed")) == "S5"


def test_physical_evidence_establishes_a_value_that_somebody_claims() -> None:
    proof = assesses("v", CONTROL, "rebels", physical_evidence=["a video"])
    assert strength(says("rebels", "rebels", at=CONTROL), proof) == "S6"


def test_evidence_never_creates_a_value_that_nobody_claims() -> None:
    assert short(_told(assesses("v", CONTROL, "rebels", physical_evidence=["a video"])), CONTROL) == "unreported R1"
    proof = assesses("v", CONTROL, "government", physical_evidence=["a video"])
    assert strength(says("rebels", "rebels", at=CONTROL), proof) == "S2"


def test_a_verdict_without_evidence_establishes_nothing() -> None:
    told = _told(says("rebels", "rebels", at=CONTROL), assesses("v", CONTROL, "rebels"))
    assert (short(told, CONTROL), believed(told, CONTROL)["flags"]) == ("uncontested S2 rebels R4", ["assessed"])


def test_the_newest_assessment_that_holds_counts() -> None:
    told = _told(
        says("rebels", "rebels", at=CONTROL),
        assesses("v", CONTROL, "rebels", physical_evidence=["a video"]),
        assesses("w", CONTROL, "rebels", valid={"edtf": "2016-11-08T10:00:00Z"}),
        assesses("x", CONTROL, "rebels", valid={"edtf": "2016-11-07"}, physical_evidence=["another"]),
    )
    assert believed(told, CONTROL)["assessment"]["id"] == "w"
    assert short(told, CONTROL) == "uncontested S2 rebels R4"
    assert short(told, CONTROL, "2016-11-08T09:00:00Z") == "uncontested S6 rebels R4"


def test_of_two_assessments_of_one_time_the_later_recorded_counts() -> None:
    told = _told(
        says("rebels", "rebels", at=CONTROL), assesses("v", CONTROL, "rebels"), assesses("w", CONTROL, "rebels")
    )
    assert believed(told, CONTROL)["assessment"]["id"] == "w"


def test_an_assessment_counts_on_its_own_question_alone() -> None:
    told = _told(
        says("rebels", "rebels", at="aleppo/control", facets={"extent": "full"}),
        assesses("v", "aleppo/control", "rebels", physical_evidence=["a video"]),
    )
    assert short(told, "aleppo/control") == "uncontested S6 rebels R4"
    assert short(told, CONTROL) == "uncontested S2 rebels R4"


def test_evidence_of_an_earlier_strike_proves_nothing_of_the_next() -> None:
    told = _told(
        says("rebels", "occurred", at="minian/strike", valid="2016-10-01"),
        assesses("v", "minian/strike", "occurred", valid={"edtf": "2016-10-01"}, physical_evidence=["a crater"]),
        says("rebels", "occurred", at="minian/strike"),
    )
    assert short(told, "minian/strike", "") == "uncontested S2 occurred R4"
    assert short(told, "minian/strike", "2016-10-01") == "uncontested S6 occurred R4"


def test_evidence_of_a_quantity_counts_where_the_ranges_overlap() -> None:
    told = _told(
        says("rebels", None, at="minian/casualties", quantity={"min": 10, "max": 20}),
        assesses("v", "minian/casualties", quantity={"min": 15, "max": 15}, physical_evidence=["graves"]),
    )
    assert short(told, "minian/casualties") == "uncontested S6 10..20 R4"


def test_a_facet_has_the_strength_of_those_who_state_it() -> None:
    told = _told(
        says("army", "rebels", at=CONTROL),
        says("sohr", "rebels", at=CONTROL, facets={"extent": "full"}),
        says("rebels", "rebels", at=CONTROL, facets={"extent": "full"}),
        says("reuters", "rebels", at=CONTROL, facets={"extent": "partial"}),
    )
    belief = believed(told, CONTROL)
    assert (belief["strength"], belief["agreement"]) == ("S5", "uncontested")
    assert belief["facets"] == {"extent": {"full": "S4", "partial": "S3"}}


def test_a_facet_is_established_if_the_assessment_states_it() -> None:
    told = _told(
        says("rebels", "rebels", at=CONTROL, facets={"extent": "full", "mood": "calm"}),
        assesses("v", CONTROL, "rebels", facets={"extent": "full"}, physical_evidence=["a video"]),
    )
    assert believed(told, CONTROL)["facets"] == {"extent": {"full": "S6"}, "mood": {"calm": "S2"}}


def test_a_hard_implication_is_a_claim_of_its_own() -> None:
    capture = says("rebels", "captured", at="minian/territory_change/government", claim="a")
    told = _told(says("rebels", "captured", at="minian/territory_change/government"), capture)
    assert short(told, CONTROL) == "uncontested S5 government R4"


def test_a_soft_implication_cannot_lift_above_a_single_source() -> None:
    told = _told(
        says("sohr", "captured", at="minian/territory_change/government", claim="a"),
        says("rebels", "advanced", at="minian/territory_change/government", claim="b"),
    )
    assert short(told) == "uncontested S3 ongoing R4"
    assert len(believed(told)["soft"]) == 2


def test_what_was_lost_implies_no_holder() -> None:
    told = _told(says("rebels", "lost", at="minian/territory_change/rebels"))
    assert short(told, CONTROL) == "unreported R1"
    assert short(told, "minian/territory_change/rebels") == "uncontested S5 lost R4"


def test_a_denial_implies_nothing() -> None:
    told = _told(says("rebels", "captured", at="minian/territory_change/government", polarity="denies"))
    assert short(told, CONTROL) == "unreported R1"
