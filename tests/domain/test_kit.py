"""The kit says in a sentence what differs from an example, and names the law that a projection or a policy breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from domain.belief.sides import sides_of
from domain.belief.verdict import Bench, Verdict
from domain.events import ClaimRecorded, Event, Recorded
from domain.kit import (
    PRESENT,
    BrokenLaw,
    PaperLedger,
    Unexpected,
    corrects,
    given,
    location,
    obeys_the_laws,
    of_everything,
    says,
    source,
    story,
    tie,
    voids,
    withdraws,
)
from domain.policies import policy_named
from domain.projection import AnyProjection, Column, Projection
from domain.projections.claims import projection as claims
from domain.refusals import NotStanding, UnknownSource
from domain.values import Fact

DESK = policy_named("desk/1")


class Tally(Fact):
    claims: int
    seen: list[int] | None = None


def keys(event: Event) -> tuple[str, ...]:
    return (event.claim.question.aspect,) if isinstance(event, ClaimRecorded) else ()


def evolve(tally: Tally | None, key: str, recorded: Recorded) -> Tally:
    return Tally(claims=(tally.claims if tally else 0) + 1)


def columns(tally: Tally) -> dict[str, Column]:
    return {"claims": tally.claims}


TALLIES = Projection("tallies", 1, Tally, keys, evolve, columns)


def test_a_projection_that_breaks_nothing_passes() -> None:
    obeys_the_laws(TALLIES)


def test_an_example_of_a_projection_reads_like_a_news_item() -> None:
    given(TALLIES, says("sohr", "ongoing")).when(
        says("reuters", "none"), says("army", "rebels", at="minian/control")
    ).then({"fighting": Tally(claims=2), "control": Tally(claims=1)})


def test_who_is_named_and_was_not_introduced_is_introduced_just_before() -> None:
    ledger = given(TALLIES, says("sohr", "rebels", at="minian/control", story=["siege"])).ledger
    assert sorted(one.event.type for one in ledger.history[:-1]) == [
        "location-registered.v1",
        "source-registered.v1",
        "source-registered.v1",
        "story-registered.v1",
    ]
    assert ledger.history[-1].event.type == "claim-recorded.v1"
    assert [one.position for one in ledger.history] == [1, 2, 3, 4, 5]


def test_whoever_is_introduced_by_the_test_is_not_introduced_again() -> None:
    ledger = given(TALLIES, source("sohr", "monitor"), location("minian"), says("sohr", "ongoing")).ledger
    assert ledger.head == 3


def test_what_nobody_could_be_called_is_refused_as_ever() -> None:
    with pytest.raises(UnknownSource, match="the source 'The Rebels' is not registered"):
        given(TALLIES, says("sohr", "The Rebels", at="minian/control"))


def test_what_the_ledger_does_not_take_in_is_refused_as_ever() -> None:
    with pytest.raises(NotStanding):
        given(TALLIES, says("sohr", "ongoing", claim="a"), withdraws("a")).when(voids("a"))


def test_an_event_is_taken_in_as_it_is() -> None:
    (*_, said) = PaperLedger().tell(says("sohr", "ongoing")).history
    given(TALLIES).when(said.event, said.event).then({"fighting": Tally(claims=2)})


def test_a_correction_finds_the_claim_by_its_name() -> None:
    kept = given(claims, says("sohr", "ongoing", claim="a")).when(corrects("a", says("sohr", "none", claim="b")))
    assert sorted(standing.ending is None for standing in kept.states().values()) == [False, True]


DIFFERENT: dict[str, tuple[Callable[[], object], str]] = {
    "another state": (
        lambda: given(TALLIES, says("sohr", "ongoing")).then({"fighting": Tally(claims=2)}),
        r"after position 3 \(claim-recorded.v1\) the projection 'tallies' keeps other rows:\n"
        r"  'fighting': claims is 1, not 2",
    ),
    "a state too many": (
        lambda: given(TALLIES, says("sohr", "ongoing")).then({}),
        r"'fighting': Tally\(claims=1.*\) is kept, and nothing is expected",
    ),
    "a state too few": (
        lambda: given(TALLIES).then({"fighting": Tally(claims=1)}),
        r"after nothing was recorded .*\n  'fighting': nothing is kept, but Tally\(claims=1",
    ),
    "another state at a key": (
        lambda: given(TALLIES).then_at("fighting", Tally(claims=1)),
        r"'fighting': None is kept, not Tally\(claims=1",
    ),
    "other rows": (
        lambda: given(TALLIES, says("sohr", "ongoing")).then_rows(("fighting", 2, None, Tally(claims=1))),
        r"the row \('fighting', 2, None, .*is missing\n  the row \('fighting', 3, None, .*is too many",
    ),
    "other columns": (
        lambda: given(TALLIES, says("sohr", "ongoing")).then_found_by("fighting", {"claims": 2, "colour": "red"}),
        "'fighting': claims is 1, not 2\n  'fighting': colour is missing, not 'red'",
    ),
    "columns of nothing": (
        lambda: given(TALLIES).then_found_by("fighting", {}),
        "'fighting': nothing is kept",
    ),
    "another belief": (
        lambda: given(DESK, says("sohr", "ongoing")).asked().then(value="none", strength="S3"),
        "desk/1 on minian/fighting believes otherwise: value is 'ongoing', not 'none'. "
        "In short: uncontested S3 ongoing R4",
    ),
    "other sides": (
        lambda: given(DESK, says("sohr", "ongoing"), says("ap", "none")).asked().then(sides={"ongoing": "S4"}),
        "sides.ongoing is 'S3', not 'S4'; sides.none is 'S3', and should not be there",
    ),
    "what a belief does not have": (
        lambda: given(DESK, says("sohr", "ongoing")).asked().then(certainty=0.9),
        "a belief has no certainty; it has question, valid_at",
    ),
}


@pytest.mark.parametrize(("example", "told"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_differs_is_told(example: Callable[[], object], told: str) -> None:
    with pytest.raises(Unexpected, match=told):
        example()


def test_rows_tell_the_whole_history() -> None:
    given(TALLIES, says("sohr", "ongoing")).when(says("sohr", "none")).then_rows(
        ("fighting", 3, 4, Tally(claims=1)), ("fighting", 4, None, Tally(claims=2))
    ).then_found_by("fighting", {"claims": 2}).then_at("control", None)


def test_an_example_of_a_policy_asks_at_any_time_and_position() -> None:
    told = given(
        DESK,
        source("north", "party"),
        source("south", "party"),
        tie("north", "opposes", "south"),
        says("north", "north", at="bridge/control"),
    ).and_then(says("south", "south", at="bridge/control", claim="s"), story("bridge-story"))
    told.asked("bridge/control").then(agreement="contested", rule="R5", lean=None, sides={"north": "S2", "south": "S2"})
    told.asked("bridge/control", as_of=5).then(agreement="uncontested", value="north", strength="S2")
    told.asked("bridge/control", without=["north"]).then(value="south")
    told.asked("bridge/control", "2016-11-07").then(agreement="unreported")
    told.asked("bridge/control", PRESENT, now="2016-11-30T00:00:00Z").then(agreement="contested")


numbers = count(1)


def mutating(tally: Tally | None, key: str, recorded: Recorded) -> Tally:
    if tally is None:
        return Tally(claims=1, seen=[])
    assert tally.seen is not None
    tally.seen.append(recorded.position)
    return tally.model_copy(update={"claims": tally.claims + 1})


def failing(tally: Tally | None, key: str, recorded: Recorded) -> Tally:
    raise KeyError(key)


class Rounded(Fact):
    claims: int

    def __eq__(self, other: object) -> bool:
        return self is other


def copying(tally: Tally | None, key: str, recorded: Recorded) -> Tally:
    return Tally(claims=1)


class Overheard:
    """A projection that listens to events which do not name its key."""

    last = 0

    def keys(self, event: Event) -> tuple[str, ...]:
        self.last = hash(event.type) if not isinstance(event, ClaimRecorded) else self.last
        return keys(event)

    def evolve(self, tally: Tally | None, key: str, recorded: Recorded) -> Tally:
        return Tally(claims=self.last)


class Nobody(Fact):
    claims: int


BROKEN: dict[str, tuple[Callable[[], AnyProjection], str]] = {
    "raises": (lambda: replace(TALLIES, evolve=failing), "at position 25 .* `evolve` of 'fighting' raises KeyError"),
    "keys raise": (lambda: replace(TALLIES, keys=lambda event: event.claim), "`keys` raises AttributeError"),
    "another class": (
        lambda: replace(TALLIES, evolve=lambda state, key, one: Nobody(claims=1)),
        "Nobody.* which is no Tally",
    ),
    "twice": (lambda: replace(TALLIES, keys=lambda event: ("a", "a")), "it names the key 'a' twice"),
    "an unfit key": (lambda: replace(TALLIES, keys=lambda event: ("a\x00",)), "cannot be a key"),
    "chance": (
        lambda: replace(TALLIES, evolve=lambda state, key, one: Tally(claims=next(numbers))),
        "folding the same ledger a second time gives other states",
    ),
    "mutates": (lambda: replace(TALLIES, evolve=mutating), "it changes the state of 'fighting' that it was given"),
    "does not survive": (
        lambda: Projection("rounded", 1, Rounded, keys, lambda state, key, one: Rounded(claims=one.position)),
        "and comes back as",
    ),
    "overhears": (
        lambda: (lambda heard: replace(TALLIES, keys=heard.keys, evolve=heard.evolve))(Overheard()),
        "of its own events",
    ),
    "copies": (lambda: replace(TALLIES, evolve=copying), "a new object that equals the one before"),
    "columns differ": (
        lambda: replace(TALLIES, columns=lambda tally: {f"c{min(tally.claims, 2)}": 1}),
        "is searched by",
    ),
    "cannot be sent": (
        lambda: replace(TALLIES, columns=lambda tally: {"claims": tally.claims}),
        "its functions must stand in a module by their names",
    ),
    "a column that is a fraction": (
        lambda: replace(TALLIES, columns=lambda tally: {"share": tally.claims / 2}),
        "'share' of 'fighting' is 0.5",
    ),
}


@pytest.mark.parametrize(("make", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_projection_that_breaks_a_law_is_told_which(make: Callable[[], AnyProjection], told: str) -> None:
    with pytest.raises(BrokenLaw, match=f"(?s)the projection '[a-z]+' breaks the law .*{told}"):
        obeys_the_laws(make(), [of_everything()])


class Unstored(Fact):
    """A state that forgets when it is stored what it counted by."""

    claims: int
    apart: Any = None


def test_a_state_that_loses_something_in_storage_breaks_a_law() -> None:
    lossy = Projection("lossy", 1, Unstored, keys, lambda state, key, one: Unstored(claims=1, apart=(one.position,)))
    with pytest.raises(BrokenLaw, match="a state is the same after it was stored"):
        obeys_the_laws(lossy, [of_everything()])


def first_heard(bench: Bench) -> Verdict:
    if not bench.voices:
        return Verdict("unreported", "R1")
    sides = sides_of(bench.voices, bench.assessment, min_nonself=1)
    return Verdict("uncontested", "R4", side=next(side for side in sides if bench.voices[0] in side.voices))


def strangers(bench: Bench) -> Verdict:
    verdict = DESK.settle(bench)
    if verdict.side is None:
        return verdict
    (voiced, *_) = verdict.side.voices
    return replace(verdict, side=replace(verdict.side, voices=(replace(voiced, origin="nobody"),)))


def changing(bench: Bench) -> Verdict:
    return Verdict("uncontested", f"R{next(numbers)}", flags=frozenset({"denied-only"}))


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "wary"}, "'wary' is not such a name"),
    "summary": ({"summary": " "}, "its summary says nothing"),
    "raises": ({"settle": lambda bench: bench.voices[0] and Verdict("unreported", "R1")}, "nobody speaks: IndexError"),
    "no verdict": ({"settle": lambda bench: None}, "it answers None"),
    "chance": ({"settle": changing}, "a second hearing ends otherwise"),
    "order": ({"settle": first_heard}, "heard in another order, "),
    "stranger": ({"settle": strangers}, "is cited for .* and was not heard"),
    "incoherent": ({"settle": lambda bench: Verdict("uncontested", "R4")}, "it is uncontested, and no value stands"),
    "no rule": ({"settle": lambda bench: Verdict("unreported", "")}, "no rule is named"),
    "not its own": ({"settle": lambda bench: Verdict("stale", "R3")}, "is settled before a policy is asked"),
}


@pytest.mark.parametrize(("wrong", "told"), UNFIT.values(), ids=UNFIT.keys())
def test_a_policy_that_breaks_a_law_is_told_which(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(BrokenLaw, match=f"breaks the law .*{told}"):
        obeys_the_laws(replace(DESK, **wrong), [of_everything()])
