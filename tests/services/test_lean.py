"""What is remembered of a claim is the claim, with the parts that others have too shared."""

from domain.claims import Claim
from domain.events import ClaimRecorded, Recorded
from services.lean import Lean
from support.builders import says
from support.lively import lively_world


def test_a_lean_event_is_equal_and_shares_what_it_has_in_common() -> None:
    ledger = lively_world()
    before = ledger.head
    ledger.apply(says("reuters", "rebels", at="minian/control", claim="a", valid="2016-11-08"))
    ledger.apply(says("reuters", "government", at="minian/control", claim="b", stated="2016-11-09"))
    lean = Lean()
    told = [lean.recorded(one) for one in ledger.history]
    assert told == ledger.history
    first, second = (claim_of(one) for one in told[before:])
    assert first.question is second.question
    assert first.chain is second.chain
    assert first.model_fields_set == set()
    assert claim_of(ledger.history[before]).model_fields_set


def claim_of(one: Recorded) -> Claim:
    assert isinstance(one.event, ClaimRecorded)
    return one.event.claim
