"""Random ledgers that are legal: commands of every kind, of which those that the rules refuse have left no trace."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from domain.commands import Command
from domain.refusals import Refusal
from support.builders import (
    DAY,
    aspect,
    assesses,
    corrects,
    denies,
    document,
    erases,
    leans,
    leans_no_more,
    links,
    location,
    publishes,
    rates,
    relates,
    says,
    small_world,
    source,
    story,
    tie,
    unlinks,
    unties,
    voids,
    withdraws,
)
from support.ledger import PaperLedger

SOURCES = st.sampled_from(["government", "army", "army-spokesman", "ally", "rebels", "brigade", "sohr", "reuters"])
PLACES = st.sampled_from(["syria", "aleppo", "minian"])
NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])
STORIES = st.sampled_from(["siege", "west"])
TIMES = st.sampled_from([DAY, "2016-11-07", "2016-11", "2016-11-07/2016-11-09", "2016-11-01/..", "../2016-11-08"])
TEXTS = st.sampled_from(["the village was taken", "the fighting goes on", "nothing was heard"])
VALUES = st.sampled_from(
    [
        ("control", "rebels"),
        ("control", "government"),
        ("fighting", "ongoing"),
        ("fighting", "none"),
        ("strike", "occurred"),
        ("territory_change/government", "captured"),
        ("significance", "a turning point"),
    ]
)
FACETS = st.sampled_from([{}, {"extent": "full"}])


def _said(name: str, who: str, place: str, what: tuple[str, str], more: dict[str, object], *, asserts: bool) -> Command:
    say = says if asserts else denies
    return say(who, what[1], at=f"{place}/{what[0]}", claim=name, **more)


_MORE = st.fixed_dictionaries(
    {"valid": TIMES, "facets": FACETS, "hedged": st.booleans()},
    optional={
        "story": st.lists(STORIES, max_size=2, unique=True),
        "statement": TEXTS,
        "tags": st.just(["front"]),
        "via": st.just(("reuters publisher",)),
        "stated": st.just("2016-11-09"),
    },
)
_SAID = st.builds(_said, NAMES, SOURCES, PLACES, VALUES, _MORE, asserts=st.booleans())
_REPLACEMENTS = st.sampled_from(["r", "s", "t", "u"])
_ANY = NAMES | _REPLACEMENTS
_LATER = st.one_of(
    st.builds(corrects, _ANY, st.builds(_said, _REPLACEMENTS, SOURCES, PLACES, VALUES, _MORE, asserts=st.just(True))),
    st.builds(withdraws, _ANY),
    st.builds(voids, _ANY),
    st.builds(relates, _ANY, st.sampled_from(["confirms", "carries", "denies", "contradicts"]), _ANY),
    st.builds(erases, TEXTS),
)
_TIES = st.sampled_from(["member_of", "speaks_for", "allied_with", "opposes"])
_REGISTRY = st.one_of(
    st.builds(source, SOURCES, st.sampled_from(["party", "wire", "monitor"])),
    st.builds(tie, SOURCES, _TIES, SOURCES),
    st.builds(unties, SOURCES, _TIES, SOURCES, st.sampled_from([None, "2016-11-08"])),
    st.builds(leans, SOURCES, SOURCES),
    st.builds(leans_no_more, SOURCES, SOURCES),
    st.builds(rates, SOURCES, st.just("reliability"), st.sampled_from(["A", "B"])),
    st.builds(location, PLACES),
    st.builds(links, PLACES, st.sampled_from(["part_of", "vicinity_of"]), PLACES),
    st.builds(unlinks, PLACES, st.sampled_from(["part_of", "vicinity_of"]), PLACES),
    st.builds(aspect, st.just("curfew"), values=st.just(["on", "off"])),
    st.builds(document, TEXTS, held=st.booleans()),
)
_DESK = st.one_of(
    st.builds(lambda slug, places: story(slug, *places), STORIES, st.lists(st.sampled_from(
        ["minian/control", "minian/fighting", "aleppo/strike"]), max_size=3, unique=True)),
    st.builds(assesses, st.sampled_from(["v1", "v2"]), st.just("minian/control"), st.just("rebels")),
    st.builds(
        lambda slug, claims: publishes(slug, *claims, as_of=24), STORIES, st.lists(NAMES, max_size=2, unique=True)
    ),
)  # fmt: skip
COMMANDS: st.SearchStrategy[Command] = st.one_of(_SAID, _SAID, _LATER, _LATER, _REGISTRY, _DESK)


_FIRST = st.lists(_SAID, min_size=3, max_size=6)


@st.composite
def legal_ledgers(draw: Callable[[st.SearchStrategy[list[Command]]], list[Command]], most: int = 40) -> PaperLedger:
    """The small world with its two stories, some claims, and at most `most` commands; those refused left no trace."""
    ledger = small_world()
    ledger.apply(story("siege"), story("west"))
    for command in draw(_FIRST) + draw(st.lists(COMMANDS, min_size=most // 3, max_size=most)):
        try:
            ledger.apply(command)
        except Refusal:
            continue
    return ledger
