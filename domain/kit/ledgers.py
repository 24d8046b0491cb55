"""Ledgers to hold laws against: a small world, one with an event of every kind, and as many mixed ones as wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from domain.commands import Command
from domain.kit.paper import PaperLedger
from domain.kit.saying import (
    aspect,
    assesses,
    carrying,
    corrects,
    counts,
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
    source,
    story,
    tie,
    unlinks,
    unties,
    voids,
    withdraws,
)
from domain.refusals import Refusal

T = TypeVar("T")
_TEXT = "the village was taken"
_SOURCES = ("government", "army", "army-spokesman", "ally", "rebels", "brigade", "sohr", "reuters")
_PLACES = ("syria", "aleppo", "minian")
_NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
_SAID = (
    ("control", "rebels"),
    ("control", "government"),
    ("fighting", "ongoing"),
    ("fighting", "none"),
    ("strike", "occurred"),
    ("territory_change/government", "captured"),
    ("significance", "a turning point"),
)
_TIMES = ("2016-11-08", "2016-11-07", "2016-11", "2016-11-07/2016-11-09", "2016-11-01/..", "../2016-11-08")


def small_world() -> PaperLedger:
    """Return two parties at war, an army and its spokesman, a monitor, two agencies; a village, a city, a country."""
    return PaperLedger(
        (
            source("government", "party"),
            source("army", "party"),
            source("army-spokesman"),
            source("ally", "party"),
            source("rebels", "party"),
            source("brigade", "party"),
            source("sohr", "monitor"),
            source("reuters", "wire"),
            source("interfax", "wire"),
            tie("army", "member_of", "government"),
            tie("army-spokesman", "speaks_for", "army"),
            tie("ally", "allied_with", "government"),
            tie("brigade", "member_of", "rebels"),
            tie("government", "opposes", "rebels"),
            location("syria", "region"),
            location("aleppo"),
            location("minian"),
            links("aleppo", "part_of", "syria"),
            links("minian", "part_of", "aleppo"),
        )
    )


def of_everything() -> PaperLedger:
    """Return a ledger that holds an event of every kind there is, each in a way that it is met with in practice."""
    ledger = small_world()
    ledger.apply(
        story("siege", "minian/control"),
        aspect("curfew", values=["on", "off"]),
        document(_TEXT),
        leans("reuters", "rebels"),
        rates("sohr", "reliability", "B"),
        says("sohr", "ongoing", claim="a", story=["siege"], statement=_TEXT, tags=["front"]),
        says("rebels", "none", claim="b"),
        says("reuters", "none", claim="c", relations=carrying("b")),
        denies("army", "rebels", at="minian/control", claim="d", story=["siege"]),
        says("army", "rebels", at="minian/control", claim="e", story=["siege"], via=("reuters publisher",)),
        counts("sohr", claim="f", min=10, max=20, valid="2016-11-07/2016-11-08"),
        says("brigade", "occurred", at="minian/strike", claim="g"),
        says("sohr", "ongoing", at="syria/fighting", claim="i"),
        says("rebels", "none", at="syria/fighting", claim="j"),
        relates("b", "denies", "a"),
        corrects("a", says("sohr", "none", at="aleppo/fighting", claim="h", story=["siege"])),
        withdraws("b"),
        voids("g"),
        assesses("v", "minian/control", "rebels", physical_evidence=["a video"]),
        publishes("siege", "e", as_of=ledger.head + 17),
        erases(_TEXT),
        leans_no_more("reuters", "rebels"),
        unlinks("minian", "part_of", "aleppo"),
        unties("government", "opposes", "rebels", "2016-11-09"),
    )
    return ledger


def ledgers(count: int = 12, most: int = 40) -> Iterator[PaperLedger]:
    """Yield legal ledgers in which much bears on much; always the same ones, each of at most so many commands.

    The first is `of_everything`. What the rules refuse has left no trace.
    """
    yield of_everything()
    for number in range(1, count):
        ledger = small_world()
        ledger.apply(story("siege"), story("west"))
        lot = Lot(f"ledger {number}")
        for _ in range(most // 2 + lot.below(most // 2)):
            try:
                ledger.apply(_anything(lot))
            except Refusal:
                continue
        yield ledger


class Lot:
    """Draws that look like chance and are the same on every machine, for ever."""

    def __init__(self, name: str) -> None:
        """Begin the draws of this name."""
        self._name = name
        self._drawn = 0

    def below(self, bound: int) -> int:
        """Return a number from 0 to below the bound."""
        self._drawn += 1
        return int.from_bytes(hashlib.sha256(f"{self._name} {self._drawn}".encode()).digest()[:8], "big") % bound

    def of(self, some: Sequence[T]) -> T:
        """Return one of them."""
        return some[self.below(len(some))]


def _claim(lot: Lot) -> Command:
    topic, value = lot.of(_SAID)
    say = lot.of((says, says, says, denies))
    at = f"{lot.of(_PLACES)}/{topic}"
    return say(
        lot.of(_SOURCES),
        value,
        at=at,
        claim=lot.of(_NAMES),
        valid=lot.of(_TIMES),
        story=lot.of(([], ["siege"], ["siege", "west"])),
        facets=lot.of(({}, {}, {"extent": "full"})) if topic == "control" else {},
        hedged=lot.below(3) == 0,
        tags=lot.of(([], ["front"])),
        via=lot.of(((), ("reuters publisher",), ("interfax carrier",))),
        relations=lot.of(([], [], carrying(lot.of(_NAMES)))),
    )


def _later(lot: Lot) -> Command:
    name = lot.of(_NAMES)
    replacement = says(lot.of(_SOURCES), lot.of(("ongoing", "none")), claim=f"{name}2", story=lot.of(([], ["west"])))
    kinds = ("confirms", "carries", "denies", "contradicts")
    return lot.of(
        (corrects(name, replacement), withdraws(name), voids(name), relates(name, lot.of(kinds), lot.of(_NAMES)))
    )


def _entry(lot: Lot) -> Command:
    low, high, place = lot.of(_SOURCES), lot.of(_SOURCES), lot.of(_PLACES)
    relation = lot.of(("member_of", "speaks_for", "allied_with", "opposes"))
    return lot.of(
        (
            source(low, lot.of(("party", "wire", "monitor"))),
            tie(low, relation, high, valid=lot.of((None, "2016-11-01/2016-11-08"))),
            unties(low, relation, high, lot.of((None, "2016-11-08"))),
            leans(low, high),
            location(place),
            links(place, lot.of(("part_of", "vicinity_of")), lot.of(_PLACES)),
            story(lot.of(("siege", "west")), *lot.of(((), ("minian/control", "aleppo/strike")))),
            assesses(lot.of(("v1", "v2")), "minian/control", "rebels", physical_evidence=["a video"]),
        )
    )


def _anything(lot: Lot) -> Command:
    return lot.of((_claim, _claim, _claim, _later, _later, _entry))(lot)
