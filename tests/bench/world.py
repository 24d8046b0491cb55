"""The places, sources and stories that a made-up ledger speaks of: they grow with the ledger, their make-up does not.

A country has a government with an army, rebels with a brigade, allies, media on either side and observers between them;
about ten regions of about ten towns. Wires, outlets and organisations of the whole world speak of all countries.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Any

from domain.values import sha256_of

Body = dict[str, Any]
"""A command as JSON, without its `type`."""

TOWN_FROM = 500
"""Claims of a ledger for each of its towns, on average; the hottest have hundreds of times as many."""
TOWNS = 100
"""Towns of a country, at most."""
EXPONENT = 0.9
"""How unevenly claims fall on towns (Zipf)."""
GLOBAL = (
    *((f"wire-{n}", "wire", f"Wire Service {n}") for n in range(1, 6)),
    *((f"outlet-{n}", "outlet", f"The Outlet {n}") for n in range(1, 11)),
    ("world-monitor", "monitor", "World Monitor"),
    ("united-peoples", "igo", "United Peoples"),
    ("open-relief", "ngo", "Open Relief"),
    ("satellite-lab", "other", "Satellite Laboratory"),
)
LOCAL = (
    ("government", "party"), ("army", "party"), ("spokesman", "party"), ("ally", "party"), ("rebels", "party"),
    ("brigade", "party"), ("television", "state_media"), ("agency", "party_media"), ("observatory", "monitor"),
    ("rescuers", "responder"), ("paper", "outlet"), ("resident", "witness"), ("official", "unnamed"),
)  # fmt: skip
TIES = (
    ("army", "member_of", "government"), ("spokesman", "speaks_for", "army"), ("ally", "allied_with", "government"),
    ("television", "run_by", "government"), ("brigade", "member_of", "rebels"), ("agency", "owned_by", "rebels"),
    ("government", "opposes", "rebels"), ("ally", "opposes", "rebels"),
)  # fmt: skip
FOLLOWED = ("control", "fighting", "strike")


@dataclass(slots=True)
class Town:
    """A place that is spoken of, with what is so there for now: who holds it, and since which day."""

    slug: str
    country: int
    holder: str = "government"
    since: str = "2014-01-01"
    said: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Source → what it last said of control here: the day it was valid from, and the value."""


class World:
    """Everything that is registered before the first claim of a ledger of so many claims."""

    def __init__(self, claims: int, seed: int) -> None:
        random = Random(f"world {seed}")
        number = max(12, claims // TOWN_FROM)
        self.countries = -(-number // TOWNS)
        self.towns = [Town(f"c{n % self.countries:03}-t{n // self.countries:03}", n % self.countries)
                      for n in range(number)]  # fmt: skip
        self.regions = max(1, min(10, number // self.countries // 10))
        self._middles = [(round(random.uniform(-150, 150), 3), round(random.uniform(-50, 60), 3))
                         for _ in range(self.countries)]  # fmt: skip
        self._random = random
        self._weights = list(accumulate(1 / (rank + 5) ** EXPONENT for rank in range(number)))

    def town(self, share: float) -> Town:
        """Return the town that lies at this share of all claims, in [0, 1)."""
        return self.towns[bisect_left(self._weights, share * self._weights[-1])]

    def entries(self) -> Iterator[tuple[str, Body]]:
        """Yield the commands that register it all, each behind those that it names."""
        for slug, kind, name in GLOBAL:
            yield "source", {"slug": slug, "kind": kind, "name": name}
        yield "location", _place("world", "The world", "region")
        yield "aspect", {"name": "curfew", "kind": "state", "values": ["on", "off"], "horizon_hours": 96}
        for country in range(self.countries):
            yield from self._sources(country)
            yield from self._places(country)
        for town in self.towns:
            yield from self._town(town)
        for country in range(self.countries):
            yield "story", self._story(country)

    def _sources(self, country: int) -> Iterator[tuple[str, Body]]:
        own = f"c{country:03}"
        for name, kind in LOCAL:
            yield "source", {"slug": f"{own}-{name}", "kind": kind, "name": f"{name.capitalize()} of {own}"}
        for low, tie, high in TIES:
            ends = {"from": f"{own}-{low}", "relation": tie, "to": f"{own}-{high}"}
            yield "affiliation", {"id": f"{own}/{low}/{tie}/{high}", **ends}
        text = f"The parties to the war in {own} agree that its towns are listed here."
        yield "document", {"sha256": sha256_of(text), "media_type": "text/plain", "title": "Accord", "text": text}
        yield "lean", {"source": f"{own}-observatory", "towards": f"{own}-rebels", "note": "Its founder fled."}
        yield "lean", {"source": f"{own}-paper", "towards": f"{own}-government"}
        yield "lean", {"source": "wire-5", "towards": f"{own}-government"}

    def _places(self, country: int) -> Iterator[tuple[str, Body]]:
        own = f"c{country:03}"
        yield "location", _place(own, f"Country {own}", "region", self._middles[country])
        yield "location_link", {"from": own, "relation": "part_of", "to": "world"}
        for region in range(self.regions):
            yield "location", _place(f"{own}-r{region}", f"Region {region} of {own}", "region", self._near(country))
            yield "location_link", {"from": f"{own}-r{region}", "relation": "part_of", "to": own}

    def _town(self, town: Town) -> Iterator[tuple[str, Body]]:
        rank = int(town.slug.partition("-t")[2])
        yield "location", _place(town.slug, f"Town {town.slug}", "locality", self._near(town.country))
        region = f"c{town.country:03}-r{rank % self.regions}"
        yield "location_link", {"from": town.slug, "relation": "part_of", "to": region}

    def _near(self, country: int) -> tuple[float, float]:
        west, south = self._middles[country]
        return round(west + self._random.uniform(-3, 3), 4), round(south + self._random.uniform(-3, 3), 4)

    def _story(self, country: int) -> Body:
        own = [town.slug for town in self.towns if town.country == country][:10]
        followed = [{"location": slug, "aspect": aspect} for slug in own for aspect in FOLLOWED]
        return {"slug": story_of(country), "title": f"The war in c{country:03}", "tz": "UTC", "questions": followed}


def story_of(country: int) -> str:
    """Return the story that follows the country."""
    return f"war-c{country:03}"


def _place(slug: str, name: str, precision: str, point: tuple[float, float] | None = None) -> Body:
    shape = {"type": "Point", "coordinates": list(point)} if point else None
    return {"slug": slug, "names": [name], "precision": precision, **({"geometry": shape} if shape else {})}
