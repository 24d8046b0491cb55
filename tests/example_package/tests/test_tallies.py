"""Given what was recorded, when something more is recorded, then this is how often each aspect was spoken of."""

from desk_tallies.tallies import Tally, projection
from domain.kit import given, obeys_the_laws, says, uuid7, withdraws


def test_claims_are_counted_by_aspect() -> None:
    given(projection, says("reuters", "ongoing", at="minian/fighting", claim="a")).when(
        says("sohr", "none", at="aleppo/fighting", claim="b"),
        says("rebels", "rebels", at="minian/control", claim="c"),
    ).then({"fighting": Tally(claims=2, last=uuid7("b")), "control": Tally(claims=1, last=uuid7("c"))})


def test_a_claim_that_was_withdrawn_was_made() -> None:
    given(projection, says("reuters", "ongoing", claim="a")).when(withdraws("a")).then(
        {"fighting": Tally(claims=1, last=uuid7("a"))}
    )


def test_a_tally_is_found_by_its_number() -> None:
    given(projection, says("reuters", "ongoing"), says("sohr", "none")).then_found_by("fighting", {"claims": 2})


def test_it_obeys_the_laws_of_projections() -> None:
    obeys_the_laws(projection)
