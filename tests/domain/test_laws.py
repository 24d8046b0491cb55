"""What holds for every projection and every policy there is, those that somebody adds tomorrow included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from domain.belief.policy import Policy
from domain.events import EVENTS
from domain.kit import PaperLedger, ledgers, obeys_the_laws, of_everything
from domain.policies import policies
from domain.projection import AnyProjection
from domain.projections import found
from support.builders import small_world
from support.chance import tried_on
from support.strategies import legal_ledgers

PROJECTIONS = sorted(found().values(), key=lambda projection: projection.name)
POLICIES = sorted(policies().values(), key=lambda policy: policy.name)
every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
every_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)


@every_projection
@tried_on(40)
@given(ledger=legal_ledgers())
def test_a_projection_obeys_the_laws(projection: AnyProjection, ledger: PaperLedger) -> None:
    obeys_the_laws(projection, [ledger])


@every_policy
@tried_on(5)
@given(ledger=legal_ledgers())
def test_a_policy_obeys_the_laws(policy: Policy, ledger: PaperLedger) -> None:
    obeys_the_laws(policy, [ledger])


@every_projection
def test_a_projection_obeys_them_on_the_ledgers_of_the_kit(projection: AnyProjection) -> None:
    obeys_the_laws(projection)


@every_policy
def test_a_policy_obeys_them_on_the_ledgers_of_the_kit(policy: Policy) -> None:
    obeys_the_laws(policy, ledgers(3))


def test_the_ledgers_of_the_kit_hold_every_kind_of_event() -> None:
    assert {one.event.type for one in of_everything().history} == set(EVENTS)


def test_the_ledgers_of_the_kit_are_always_the_same() -> None:
    assert [one.history for one in ledgers(4)] == [one.history for one in ledgers(4)]


@pytest.mark.parametrize("name", ["assessments", "claims", "editions", "stances", "stories"])
def test_an_event_that_does_not_name_a_key_makes_nothing_of_it(name: str) -> None:
    assert found()[name].evolve(None, "somebody|some-place/control", small_world().history[0]) is None


@every_projection
def test_a_projection_is_named_like_its_file(projection: AnyProjection) -> None:
    assert found()[projection.name] is projection


@pytest.mark.parametrize("name", ["projections", "Claims", "two words", "1st", "x" * 41, 'a"; DROP'])
def test_a_projection_whose_name_cannot_name_a_table_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a projection"):
        replace(found()["claims"], name=name)


def test_versions_begin_with_one() -> None:
    with pytest.raises(ValueError, match="begin with 1"):
        replace(found()["claims"], version=0)
