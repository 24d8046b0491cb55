"""A decision looks at little, says beforehand at what, and keeps the laws of the ledger whatever comes in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import Command
from domain.decide import Wanted, wanted
from domain.refusals import CarriedInACircle, KeyReused, Refusal, TiedToItself, pointer
from support.builders import (
    assesses,
    carrying,
    corrects,
    erases,
    links,
    location,
    publishes,
    quoting,
    relates,
    says,
    small_world,
    source,
    voids,
    withdraws,
)
from support.ledger import PaperLedger, uuid7

C1, C2 = f"claim/{uuid7('c1')}", f"claim/{uuid7('c2')}"
QUOTE = quoting("They hold the hills.", 0, 4)

WANTED = {
    "a claim": (says("sohr", claim="c1", relations=carrying("c2"), quote=QUOTE), {C1, C2}, {QUOTE["document"]}),
    "a claim without an id": (says("sohr", id=None), set(), set()),
    "a claim that denies another": (
        says("sohr", claim="c1", relations=carrying("c2", relation="denies")),
        {C1, C2},
        set(),
    ),
    "a correction": (corrects("c1", says("sohr", claim="c2", quote=QUOTE)), {C1, C2}, {QUOTE["document"]}),
    "a withdrawal": (withdraws("c1"), {C1}, set()),
    "a voiding": (voids("c1"), {C1}, set()),
    "a relation": (relates("c1", "confirms", "c2"), {C1, C2}, set()),
    "an assessment": (assesses("a1", "minian/control"), {"assessment/a1"}, set()),
    "an edition": (publishes("hills", "c1", as_of=1), {"story/hills", C1}, set()),
    "an erasure": (erases("They hold the hills."), set(), {QUOTE["document"]}),
    "a source": (source("sohr"), set(), set()),
}


@pytest.mark.parametrize(("command", "streams", "texts"), WANTED.values(), ids=WANTED.keys())
def test_a_command_says_what_its_decision_will_look_at(command: Command, streams: set[str], texts: set[str]) -> None:
    assert wanted(command) == Wanted(frozenset(streams), frozenset(texts))


def test_a_pointer_names_a_member_of_a_member() -> None:
    assert pointer("chain", 0, "a/b~c") == "/chain/0/a~1b~0c"
    assert pointer() == ""


def test_a_key_that_was_used_says_for_what() -> None:
    refusal = KeyReused("aleppo/C01", 59)
    assert (refusal.key, refusal.position, refusal.problems[0].pointer) == ("aleppo/C01", 59, "/key")
    assert "position 59" in str(refusal)


def kinds_of(refusal: type[Refusal]) -> list[type[Refusal]]:
    return [refusal, *(kind for below in refusal.__subclasses__() for kind in kinds_of(below))]


def test_every_kind_of_refusal_has_a_slug_and_a_sentence_of_its_own() -> None:
    kinds = kinds_of(Refusal)
    assert len({kind.kind for kind in kinds}) == len({kind.title for kind in kinds}) == len(kinds)


NAMES = st.sampled_from(["c1", "c2", "c3", "c4", "c5"])


def taken(ledger: PaperLedger, command: Command, *circles: type[Refusal]) -> None:
    """Apply the command, or leave it where it would close a circle or name what is not there."""
    try:
        ledger.apply(command)
    except circles:
        return


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20), st.permutations(["c1", "c2", "c3", "c4", "c5"]))
def test_whatever_is_told_nobody_carries_itself(relations: list[tuple[str, str]], order: list[str]) -> None:
    ledger = small_world()
    half = len(relations) // 2
    for name in order:
        said = [other for one, other in relations[:half] if one == name]
        taken(ledger, says("sohr", "ongoing", claim=name, relations=carrying(*said)), CarriedInACircle, TiedToItself)
    for one, other in relations[half:]:
        taken(ledger, relates(one, "carries", other), Refusal)
    carried = {claim: {r.claim for r in standing.related(ledger.head)} for claim, standing in ledger.standings.items()}
    assert not [claim for claim in carried if claim in reached(carried, claim)]


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20))
def test_whatever_is_told_no_place_is_part_of_itself(edges: list[tuple[str, str]]) -> None:
    ledger = PaperLedger(location(name) for name in ("c1", "c2", "c3", "c4", "c5"))
    for low, high in edges:
        taken(ledger, links(low, "part_of", high), Refusal)
    wholes = {name: set(ledger.registry.wholes(name)) for name in ("c1", "c2", "c3", "c4", "c5")}
    assert not [name for name in wholes if name in reached(wholes, name)]


@given(st.permutations(["c1", "c2", "c3", "c4"]))
def test_a_ring_of_carrying_is_refused_wherever_it_is_closed(order: list[str]) -> None:
    ledger = small_world()
    ring = dict(pairwise(["c1", "c2", "c3", "c4", "c1"]))
    ledger.apply(*(says("sohr", "ongoing", claim=name, relations=carrying(ring[name])) for name in order[:3]))
    with pytest.raises(CarriedInACircle) as caught:
        ledger.apply(says("sohr", "ongoing", claim=order[3], relations=carrying(ring[order[3]])))
    assert len(caught.value.line) == 5


def reached(edges: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for there in edges.get(waiting.pop(), set()) - found:
            found.add(there)
            waiting.append(there)
    return found
