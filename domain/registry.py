"""The registry remembers every version of its entries, so that the sources and places of any past can be asked for."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from domain.aspects import CONFLICT, Aspect
from domain.entries import Affiliation, Document, Lean, Location, LocationLink, Rating, Source, Story
from domain.events import (
    AffiliationAsserted,
    AffiliationEnded,
    AspectRegistered,
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    DocumentArchived,
    EditionPublished,
    LeanDeclared,
    LeanEnded,
    LocationLinked,
    LocationLinkEnded,
    LocationRegistered,
    Recorded,
    RelationAsserted,
    SourceRated,
    SourceRegistered,
    StoryRegistered,
    TextErased,
)
from domain.times import Interval, read
from domain.values import When

T = TypeVar("T")
Part = Literal["source", "location", "aspect"]
"""What a part of the registry is about: sources with their ties, links between places, aspects."""
_ERAS_REMEMBERED = 4


class Versions(Generic[T]):
    """What a thing was, from position to position."""

    __slots__ = ("history",)

    def __init__(self) -> None:
        self.history: list[tuple[int, T | None]] = []

    def put(self, position: int, value: T | None) -> None:
        """Let `value` be so from `position` on; positions come in order."""
        self.history.append((position, value))

    def at(self, position: int) -> T | None:
        """Return what was so at `position`."""
        for known, value in reversed(self.history):
            if known <= position:
                return value
        return None


@dataclass(frozen=True, slots=True)
class AffiliationEnd:
    """From `position` on the desk holds that a tie ended: at a time, or (without `at`) that it never was."""

    position: int
    at: When | None
    tz: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie, since when it is recorded, and how it ended if it did."""

    position: int
    affiliation: Affiliation
    end: AffiliationEnd | None = None


class Registry:
    """Every registry event that was taken in, indexed; ask it through `domain.registry_view.RegistryView`.

    It only grows, so that one registry serves all cuts of the ledger at once.
    """

    def __init__(self, recorded: Iterable[Recorded] = ()) -> None:
        self.head = 0
        self.sources: defaultdict[str, Versions[Source]] = defaultdict(Versions)
        self.aspects: defaultdict[str, Versions[Aspect]] = defaultdict(Versions)
        self.locations: defaultdict[str, Versions[Location]] = defaultdict(Versions)
        self.stories: defaultdict[str, Versions[Story]] = defaultdict(Versions)
        self.documents: defaultdict[str, Versions[Document]] = defaultdict(Versions)
        self.leans: defaultdict[str, dict[str, Versions[Lean]]] = defaultdict(dict)
        self.ratings: defaultdict[str, list[tuple[int, Rating]]] = defaultdict(list)
        self.edges: dict[str, Edge] = {}
        self.edges_of: defaultdict[str, list[str]] = defaultdict(list)
        self.links: dict[str, tuple[LocationLink, Versions[bool]]] = {}
        self.links_of: defaultdict[str, list[str]] = defaultdict(list)
        self.touched: defaultdict[str, list[int]] = defaultdict(list)
        self.edge_dates: list[datetime] = []
        """Every instant at which a tie begins or ends, in order; between two of them nobody's ties change."""
        self._changes: dict[Part, list[int]] = {"source": [], "location": [], "aspect": []}
        self._reckoned: dict[Part, dict[int, dict[Hashable, object]]] = {"source": {}, "location": {}, "aspect": {}}
        for one in recorded:
            self.take(one)

    def take(self, recorded: Recorded) -> None:  # noqa: C901 (one arm for each event)
        """Take in one event; events that are not the registry's change nothing. Positions come in order."""
        position = recorded.position
        match recorded.event:
            case SourceRegistered(source=source):
                self.sources[source.slug].put(position, source)
                self._touch(position, f"source/{source.slug}")
            case AffiliationAsserted(affiliation=affiliation):
                self._assert(position, affiliation)
            case AffiliationEnded() as ended:
                self._end(position, ended)
            case LeanDeclared(lean=lean):
                self.leans[lean.source].setdefault(lean.towards, Versions()).put(position, lean)
                self._touch(position, f"source/{lean.source}", f"source/{lean.towards}")
            case LeanEnded(source=source, towards=towards):
                self.leans[source].setdefault(towards, Versions()).put(position, None)
                self._touch(position, f"source/{source}", f"source/{towards}")
            case SourceRated(rating=rating):
                self.ratings[rating.source].append((position, rating))
            case LocationRegistered(location=location):
                self.locations[location.slug].put(position, location)
            case LocationLinked(link=link):
                self._link(position, link, holds=True)
            case LocationLinkEnded(link=link):
                self._link(position, link, holds=False)
            case AspectRegistered(aspect=aspect):
                self.aspects[aspect.name].put(position, aspect)
                self._touch(position, f"aspect/{aspect.name}")
            case DocumentArchived(document=document):
                self.documents[document.sha256].put(position, document)
            case StoryRegistered(story=story):
                self.stories[story.slug].put(position, story)
            case (
                ClaimRecorded()
                | ClaimCorrected()
                | ClaimWithdrawn()
                | ClaimVoided()
                | RelationAsserted()
                | AssessmentMade()
                | EditionPublished()
                | TextErased()
            ):
                return
        self.head = position

    def _assert(self, position: int, affiliation: Affiliation) -> None:
        self.edges[affiliation.id] = Edge(position, affiliation)
        self.edges_of[affiliation.from_].append(affiliation.id)
        self.edges_of[affiliation.to].append(affiliation.id)
        if affiliation.valid is not None:
            self._date(read(affiliation.valid.edtf, affiliation.tz).as_state())
        self._touch(position, f"source/{affiliation.from_}", f"source/{affiliation.to}")

    def _end(self, position: int, ended: AffiliationEnded) -> None:
        edge = self.edges[ended.affiliation]
        self.edges[ended.affiliation] = Edge(
            edge.position, edge.affiliation, AffiliationEnd(position, ended.at, ended.tz)
        )
        if ended.at is not None:
            self._date(Interval(read(ended.at.edtf, ended.tz).interval.start, None))
        self._touch(position, f"source/{ended.from_}", f"source/{ended.to}")

    def _link(self, position: int, link: LocationLink, *, holds: bool) -> None:
        if link.name not in self.links:
            self.links[link.name] = (link, Versions())
            self.links_of[link.from_].append(link.name)
            self.links_of[link.to].append(link.name)
        self.links[link.name][1].put(position, holds)
        self._touch(position, f"location/{link.from_}", f"location/{link.to}")

    def _date(self, interval: Interval) -> None:
        for moment in (interval.start, interval.end):
            if moment is not None and moment not in self.edge_dates:
                insort(self.edge_dates, moment)

    def _touch(self, position: int, *names: str) -> None:
        for name in names:
            self.touched[name].append(position)
            changes = self._changes[_part_of(name)]
            if not changes or changes[-1] != position:
                changes.append(position)

    def reckoned(self, part: Part, position: int) -> dict[Hashable, object]:
        """Return what was reckoned of this part of the registry, as it was from its last change before `position` on.

        Whoever reckons something of it that takes long writes it down there: all cuts between two changes share it.
        """
        eras = self._reckoned[part]
        era = bisect_right(self._changes[part], position)
        found = eras.get(era)
        if found is None:
            if len(eras) >= _ERAS_REMEMBERED:
                eras.pop(next(iter(eras)), None)
            found = eras[era] = {}
        return found

    def has_changed(self, part: Part, after: int, upto: int) -> bool:
        """Tell whether this part of the registry changed at a position in (after, upto]."""
        changes = self._changes[part]
        return bisect_right(changes, upto) > bisect_right(changes, after)

    def relatives(self, sources: Iterable[str], upto: int | None = None) -> frozenset[str]:
        """Return the sources, and all that were ever tied to them by any chain of ties, ended or not.

        More than any moment's blocs: what a change to any of them could touch. `upto` is the last position looked at.
        """
        found: set[str] = set()
        waiting = list(sources)
        while waiting:
            source = waiting.pop()
            if source in found:
                continue
            found.add(source)
            for edge in (self.edges[name] for name in self.edges_of.get(source, ())):
                if upto is None or edge.position <= upto:
                    waiting += [edge.affiliation.from_, edge.affiliation.to]
        return frozenset(found)

    def ever_around(self, location: str) -> frozenset[str]:
        """Return the place, and all that were ever part of it or that it was ever part of, step by step."""
        return frozenset(self._ever(location, outward=True) | self._ever(location, outward=False))

    def _ever(self, location: str, *, outward: bool) -> set[str]:
        found: set[str] = set()
        waiting = [location]
        while waiting:
            place = waiting.pop()
            found.add(place)
            for name in self.links_of.get(place, ()):
                link, _ = self.links[name]
                here, there = (link.from_, link.to) if outward else (link.to, link.from_)
                if link.relation == "part_of" and here == place and there not in found:
                    waiting.append(there)
        return found

    def ever_called(self, aspect: str) -> list[Aspect]:
        """Return every version of the aspect of this name."""
        versions = [CONFLICT.get(aspect)]
        if aspect in self.aspects:
            versions += [version for _, version in self.aspects[aspect].history]
        return [version for version in versions if version]

    def ever_implied(self, aspect: str) -> set[str]:
        """Return the values, sources among them, that claims on the aspect ever implied by name."""
        return {rule.value for version in self.ever_called(aspect) for rule in version.implies}

    def positions_touching(self, names: Iterable[str]) -> set[int]:
        """Return the positions at which something changed about `source/…`, `location/…` or `aspect/…`."""
        return {position for name in names for position in self.touched.get(name, ())}


def _part_of(name: str) -> Part:
    return "source" if name.startswith("source/") else "location" if name.startswith("location/") else "aspect"
