"""The registry and assessments projections: the last that was entered, and by the rows before it all that ever was."""

from __future__ import annotations

from domain.events import AffiliationEnded, SourceRated, SourceRegistered
from domain.projections import assessments, registry
from domain.projections.assessments import Assessed
from domain.projections.registry import Entry
from support import spec
from support.builders import assesses, rates, says, small_world, source, tie, unties

FIRST = small_world().head + 1


def entry(example: spec.Kept, key: str) -> Entry:
    state = example.states().get(key)
    assert isinstance(state, Entry)
    return state


def test_a_revised_source_is_the_revision() -> None:
    event = entry(spec.given(registry.projection).when(source("sohr", "outlet")), "source/sohr").event
    assert isinstance(event, SourceRegistered)
    assert event.source.kind == "outlet"


def test_a_rating_is_an_entry_about_its_source() -> None:
    event = entry(spec.given(registry.projection).when(rates("sohr", "reliability", "A")), "source/sohr").event
    assert isinstance(event, SourceRated)


def test_an_ended_tie_is_its_end() -> None:
    example = spec.given(registry.projection, tie("sohr", "opposes", "government"))
    ended = entry(example.when(unties("sohr", "opposes", "government")), "affiliation/sohr/opposes/government")
    assert isinstance(ended.event, AffiliationEnded)
    assert ended.recorded == example.ledger.history[-1].recorded


def test_a_claim_is_no_entry() -> None:
    example = spec.given(registry.projection).when(says("sohr", "ongoing"))
    assert registry.keys(example.ledger.history[-1].event) == ()


def test_a_verdict_is_kept_with_its_position_and_found_by_its_question() -> None:
    made = spec.given(assessments.projection).when(assesses("v", "minian/control", "rebels")).states().get("v")
    assert isinstance(made, Assessed)
    assert (made.position, made.assessment.value) == (FIRST, "rebels")
    assert assessments.columns(made)["location"] == "minian"
