"""What holds for every projection there is, those that somebody adds tomorrow included."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.projection import AnyProjection
from domain.projections import found
from support.builders import small_world
from support.ledger import PaperLedger
from support.spec import frozen, stored
from support.strategies import legal_ledgers

PROJECTIONS = sorted(found().values(), key=lambda projection: projection.name)
every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
few = settings(max_examples=40, deadline=None)


@every_projection
@few
@given(ledger=legal_ledgers(), share=st.integers(0, 100))
def test_a_stored_state_goes_on_wherever_the_ledger_is_split(
    projection: AnyProjection, ledger: PaperLedger, share: int
) -> None:
    cut = ledger.head * share // 100
    kept = stored(projection, projection.fold({}, ledger.history[:cut]))
    resumed = projection.fold(kept, ledger.history[cut:])
    assert {key: projection.freeze(state) for key, state in resumed.items()} == frozen(projection, ledger.history)


@every_projection
@few
@given(ledger=legal_ledgers(), choice=st.randoms(use_true_random=False))
def test_a_state_depends_only_on_the_events_that_name_its_key(
    projection: AnyProjection, ledger: PaperLedger, choice: random.Random
) -> None:
    whole = frozen(projection, ledger.history)
    key = choice.choice(sorted(whole) or ["nothing"])
    naming = [one for one in ledger.history if key in projection.keys(one.event)]
    assert frozen(projection, naming).get(key) == whole.get(key)


@every_projection
@few
@given(ledger=legal_ledgers())
def test_an_event_names_a_key_once(projection: AnyProjection, ledger: PaperLedger) -> None:
    named = [tuple(projection.keys(one.event)) for one in ledger.history]
    assert named == [tuple(dict.fromkeys(keys)) for keys in named]


@every_projection
@few
@given(ledger=legal_ledgers())
def test_every_state_can_be_searched_by_the_same_columns(projection: AnyProjection, ledger: PaperLedger) -> None:
    states = projection.fold({}, ledger.history).values()
    assert len({frozenset(projection.columns(state)) for state in states}) <= 1


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
