"""Random ledgers in which much bears on much: episodes, quantities, plans, lines of carriers, dated ties, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from domain.belief.affected import spoken_on
from domain.claims import Question
from domain.commands import Command, RecordClaim
from domain.refusals import Refusal
from support.builders import (
    aspect,
    assesses,
    carrying,
    corrects,
    leans,
    links,
    location,
    question,
    relates,
    says,
    small_world,
    source,
    tie,
    unlinks,
    unties,
    voids,
    withdraws,
)
from support.ledger import PaperLedger
from support.strategies import COMMANDS, SOURCES

PLACES = ("syria", "aleppo", "minian", "around-minian", "west")
NAMES = tuple("abcdefghijkl")
VALID = (
    "2016-11-08", "2016-11-07", "2016-11-08", "2016-11-08T10:00:00Z", "2016-11-07/2016-11-08", "2016-11-08/2016-11-09",
    "2016-11-01/..", "../2016-11-08", "../..", "2016-10-31", "2016-11", "0001", "9999-12-30",
)  # fmt: skip
INSTANTS = (
    "0001-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "2016-10-31T12:00:00Z", "2016-11-01T00:00:00Z",
    "2016-11-07T23:59:59.999999Z", "2016-11-08T00:00:00Z", "2016-11-08T10:00:00Z", "2016-11-09T00:00:00Z",
    "2016-11-09T09:00:00Z", "2016-11-10T00:00:00Z", "2016-11-11T00:00:00Z", "2017-01-01T00:00:00Z",
    "9999-12-31T12:00:00Z",
)  # fmt: skip
"""Instants at which beliefs are compared: in, before, between and after what is said."""
_SAID: tuple[tuple[str, dict[str, Any]], ...] = (
    ("control", {"value": "rebels"}),
    ("control", {"value": "government"}),
    ("control", {"value": "government", "facets": {"extent": "full"}}),
    ("control", {"value": "rebels", "facets": {"extent": "full"}}),
    ("fighting", {"value": "ongoing"}),
    ("fighting", {"value": "none"}),
    ("strike", {"value": "occurred"}),
    ("strike", {"value": "none"}),
    ("territory_change/government", {"value": "captured"}),
    ("territory_change/rebels", {"value": "lost"}),
    ("territory_change/rebels", {"value": "advanced"}),
    ("casualties", {"quantity": {"min": 10, "max": 20}}),
    ("casualties", {"quantity": {"min": 15, "max": 30}}),
    ("casualties", {"quantity": {"min": "12.5"}}),
    ("siege", {"value": "besieged"}),
    ("intent/government", {"value": "storm"}),
    ("queue", {"quantity": {"min": 1, "max": 5}}),
    ("queue", {"quantity": {"min": 4, "max": 9}}),
    ("significance", {"value": "a turning point"}),
)
_WAYS = ("reuters publisher", "interfax carrier", "army-spokesman spokesperson")
_RELATED = ("carries", "carries_similar", "confirms", "denies", "contradicts")


VOICES = ("government", "army", "army-spokesman", "ally", "rebels", "rebels", "brigade", "sohr", "sohr", "reuters")


@dataclass(frozen=True)
class Talk:
    """What a ledger is about: few topics at few places, so that claims meet."""

    topics: tuple[str, ...]
    places: tuple[str, ...]


_TOPICS = tuple(dict.fromkeys(name for name, _ in _SAID))
_TALKS = st.builds(
    lambda topics, places: Talk(tuple(topics), tuple(places)),
    st.one_of(
        st.lists(st.sampled_from(_TOPICS), min_size=1, max_size=2, unique=True),
        st.just(["control"]),
        st.just(["control", "territory_change/government"]),
        st.just(["fighting", "strike"]),
        st.just(["casualties", "queue"]),
    ),
    st.sampled_from(
        [("minian",), ("minian",), ("minian", "aleppo"), ("aleppo", "syria"), ("minian", "west", "aleppo"), PLACES]
    ),
)
ANYTHING = Talk(_TOPICS, PLACES)


@st.composite
def claims(
    draw: st.DrawFn, names: Sequence[str] = NAMES, talk: Talk = ANYTHING, *, stated: str | None = None
) -> RecordClaim:
    """A claim by one of `names`, perhaps related to claims whose names come before its own: nothing is circular."""
    name = draw(st.sampled_from(list(names)))
    what, said = draw(st.sampled_from([one for one in _SAID if one[0] in talk.topics]))
    before = NAMES[: NAMES.index(name)]
    related = draw(st.lists(st.sampled_from(before), max_size=1)) if before else []
    more = dict(said)
    value = more.pop("value", None)
    return says(
        draw(st.sampled_from(VOICES)),
        value,
        at=f"{draw(st.sampled_from(talk.places))}/{what}",
        claim=name,
        valid=draw(st.sampled_from(VALID)),
        stated=stated or draw(st.sampled_from(["2016-11-08", "2016-11-08T09:00:00Z", "2016-11-09", "9999-12-30"])),
        polarity=draw(st.sampled_from(["asserts", "asserts", "asserts", "denies"])),
        modality=draw(st.sampled_from(["asserted", "asserted", "asserted", "presupposed", "planned"])),
        hedged=draw(st.sampled_from([False, False, True])),
        via=draw(st.lists(st.sampled_from(_WAYS), max_size=2, unique=True)),
        favours=draw(st.sampled_from([None, None, None, ["rebels"]])),
        relations=carrying(*related, relation=draw(st.sampled_from(_RELATED))),
        **more,
    )


_ANY = st.sampled_from(NAMES)
_PLACES = st.sampled_from(PLACES)
_LATER: st.SearchStrategy[Command] = st.one_of(
    st.builds(withdraws, _ANY),
    st.builds(voids, _ANY),
    st.builds(corrects, _ANY, claims()),
    st.builds(relates, _ANY, st.sampled_from(_RELATED), _ANY),
    st.builds(leans, SOURCES, SOURCES),
    st.builds(source, SOURCES, st.sampled_from(["party", "wire", "unnamed"])),
    st.builds(links, _PLACES, st.sampled_from(["part_of", "vicinity_of"]), _PLACES),
    st.builds(unlinks, _PLACES, st.sampled_from(["part_of", "vicinity_of"]), _PLACES),
    st.builds(
        lambda low, relation, high, valid: tie(low, relation, high, valid=valid),
        SOURCES,
        st.sampled_from(["member_of", "allied_with", "opposes"]),
        SOURCES,
        st.sampled_from([None, "2016-11-08", "2016-11-01/2016-11-08"]),
    ),
    st.builds(
        unties, st.just("government"), st.just("opposes"), st.just("rebels"), st.sampled_from([None, "2016-11-08"])
    ),
    st.builds(
        lambda place, value, valid: assesses(
            f"{place}/{value}/{valid}", f"{place}/control", value, valid={"edtf": valid}, physical_evidence=["a video"]
        ),
        _PLACES,
        st.sampled_from(["rebels", "government"]),
        st.sampled_from(VALID),
    ),
    st.builds(
        lambda place, valid: assesses(
            f"{place}/strike/{valid}",
            f"{place}/strike",
            "occurred",
            valid={"edtf": valid},
            physical_evidence=["a crater"],
        ),
        _PLACES,
        st.sampled_from(VALID),
    ),
    st.builds(lambda down: _control(down=down), st.booleans()),
)


def _control(*, down: bool) -> Command:
    """The aspect `control` as a desk may revise it: with a horizon, and going down or not."""
    inherits = {"direction": "down", "facets": {"extent": "full"}} if down else None
    benefits = [{"favours": "value"}]
    return aspect("control", values="sources", inherits=inherits, benefits=benefits, horizon_hours=48)


def lively_world() -> PaperLedger:
    """The small world, with a vicinity, a second whole, and an aspect of the desk's own."""
    ledger = small_world()
    ledger.apply(location("around-minian", "vicinity"), location("west"))
    ledger.apply(links("around-minian", "vicinity_of", "minian"), links("minian", "part_of", "west"))
    ledger.apply(aspect("queue", "occurrence", quantity=True, exclusive=False))
    return ledger


def taken(ledger: PaperLedger, commands: Sequence[Command]) -> PaperLedger:
    """Apply the commands; those that are refused leave no trace."""
    for command in commands:
        try:
            ledger.apply(command)
        except Refusal:
            continue
    return ledger


@st.composite
def lively_ledgers(draw: st.DrawFn) -> PaperLedger:
    """The lively world with claims on a few topics, and what became of them; what the rules refused left no trace."""
    talk = draw(_TALKS)
    names = draw(st.permutations(NAMES))
    ledger = lively_world()
    for name in names[: draw(st.integers(4, 12))]:
        taken(ledger, [draw(claims([name], talk)), *draw(st.lists(_LATER, max_size=1))])
    return taken(ledger, draw(st.lists(_LATER | COMMANDS, max_size=5)))


@st.composite
def unordered_claims(draw: st.DrawFn) -> tuple[list[Command], list[Command]]:
    """Some claims in two orders; what one source says has a time of statement of its own, so none of it ties."""
    talk = draw(_TALKS)
    spoken: dict[tuple[str, str], Command] = {}
    for name in draw(st.permutations(NAMES))[: draw(st.integers(3, 10))]:
        stated = draw(st.sampled_from(["2016-11-09T08:00:00Z", "2016-11-09T09:00:00Z", "2016-11-09T10:00:00Z"]))
        claim = draw(claims([name], talk, stated=stated))
        spoken.setdefault((claim.source, stated), claim)
    told = list(spoken.values())
    return told, draw(st.permutations(told))


def questions(ledger: PaperLedger) -> list[Question]:
    """Every question, at every place, on an aspect that anything was said of anywhere; control and fighting always."""
    names = {topic.partition("/")[0] for topic in _TOPICS} | {"curfew"}
    subjects = {name.partition("/")[0]: name for name, _ in _SAID}
    spoken = {standing.claim.question.aspect for standing in ledger.standings.values()} & names
    reached = spoken | {"control", "fighting"}
    return [question(f"{place}/{subjects.get(name, name)}") for place in PLACES for name in sorted(reached)]


def spoken_of(ledger: PaperLedger) -> list[Question]:
    """The questions, at every place, on aspects that anything said so far may count for; all if nothing was said."""
    view = ledger.registry
    told = {standing.claim.question for standing in ledger.standings.values()}
    found = {up for one in told for up in spoken_on(view, one)}
    found |= {one.model_copy(update={"location": part}) for one in tuple(found) for part in view.parts(one.location)}
    return sorted(found, key=lambda one: one.name) or questions(ledger)
