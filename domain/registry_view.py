"""What the registry said at one position: who is tied to whom, which place is part of which, what an aspect means."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from typing import TypeVar, cast

from domain.aspects import CONFLICT, Aspect
from domain.entries import Affiliation, Document, Lean, Location, LocationLink, LocationTie, Rating, Source, Story
from domain.registry import Edge, Part, Registry
from domain.times import Interval, read

T = TypeVar("T")

BLOC_TIES = frozenset({"member_of", "run_by", "owned_by", "speaks_for"})
"""Ties that put two sources into one bloc; `allied_with` does so between parties alone."""
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class RegistryView:
    """A registry cut at a position. Moments are valid time: None stands for the end of all time."""

    def __init__(self, registry: Registry, position: int) -> None:
        self.registry = registry
        self.position = position
        self._head = -1
        self._reckoned: dict[Part, dict[Hashable, object]] = {}

    def reckoned(self, part: Part, key: Hashable, reckon: Callable[[], T]) -> T:
        """Return what `reckon` says, which depends on the key and on this part of the registry alone.

        Views between two changes of the part share what was reckoned. The key must tell what it is that is reckoned.
        """
        if self._head != self.registry.head:
            self._reckoned = {}
            self._head = self.registry.head
        known = self._reckoned.get(part)
        if known is None:
            known = self._reckoned[part] = self.registry.reckoned(part, self.position)
        found = known.get(key)
        if found is None:
            found = known[key] = reckon()
        return cast("T", found)

    def since(self, moment: datetime | None) -> datetime | None:
        """Return the last instant, up to the moment, at which any tie began or ended: what holds then holds now.

        None where no tie has a date, so that every moment is like the end of time.
        """
        dates = self.registry.edge_dates
        if moment is None or not dates:
            return None
        place = bisect_right(dates, moment)
        return dates[place - 1] if place else _BEFORE_ALL

    def source(self, slug: str) -> Source | None:
        """Return the source as it was registered then."""
        known = self.registry.sources.get(slug)
        return known.at(self.position) if known else None

    def location(self, slug: str) -> Location | None:
        """Return the location as it was registered then."""
        known = self.registry.locations.get(slug)
        return known.at(self.position) if known else None

    def story(self, slug: str) -> Story | None:
        """Return the story as it was registered then."""
        known = self.registry.stories.get(slug)
        return known.at(self.position) if known else None

    def aspect(self, name: str) -> Aspect | None:
        """Return the aspect as the desk defined it by then, else the built-in one."""
        known = self.registry.aspects.get(name)
        return (known.at(self.position) if known else None) or CONFLICT.get(name)

    def aspects(self) -> dict[str, Aspect]:
        """Return all aspects by name."""
        return self.reckoned("aspect", "all", self._all_aspects)

    def _all_aspects(self) -> dict[str, Aspect]:
        names = {**CONFLICT, **self.registry.aspects}
        return {name: aspect for name in names if (aspect := self.aspect(name)) is not None}

    def implying(self, name: str) -> tuple[Aspect, ...]:
        """Return the aspects whose claims may imply a value of this one."""
        return self.reckoned("aspect", ("implying", name), lambda: self._implying(name))

    def _implying(self, name: str) -> tuple[Aspect, ...]:
        return tuple(
            aspect for aspect in self.aspects().values() if any(rule.aspect == name for rule in aspect.implies)
        )

    def ever_called(self, name: str) -> list[Aspect]:
        """Return every version of the aspect of this name up to now."""
        versions = [CONFLICT.get(name)]
        if name in self.registry.aspects:
            versions += [version for at, version in self.registry.aspects[name].history if at <= self.position]
        return [version for version in versions if version]

    def ever_within(self, location: str) -> frozenset[str]:
        """Return the place, and all that it was part of, step by step, at any position up to now."""
        found: set[str] = set()
        waiting = [location]
        while waiting:
            place = waiting.pop()
            found.add(place)
            for name in self.registry.links_of.get(place, ()):
                link, held = self.registry.links[name]
                is_known = link.relation == "part_of" and link.from_ == place and held.history[0][0] <= self.position
                if is_known and link.to not in found:
                    waiting.append(link.to)
        return frozenset(found)

    def document(self, sha256: str) -> Document | None:
        """Return the document as it was last archived then."""
        known = self.registry.documents.get(sha256)
        return known.at(self.position) if known else None

    def affiliation(self, name: str) -> Edge | None:
        """Return the tie of that id with its end, if it was asserted by then."""
        edge = self.registry.edges.get(name)
        if edge is None or edge.position > self.position:
            return None
        ended = edge.end is not None and edge.end.position <= self.position
        return edge if ended else Edge(edge.position, edge.affiliation)

    def lean(self, source: str, towards: str) -> Lean | None:
        """Return the lean if it is in force."""
        known = self.registry.leans.get(source, {}).get(towards)
        return known.at(self.position) if known else None

    def has_leaned(self, source: str, towards: str) -> bool:
        """Tell whether the lean was ever declared by then, ended or not."""
        known = self.registry.leans.get(source, {}).get(towards)
        return known is not None and known.history[0][0] <= self.position

    def rating(self, source: str, scale: str) -> Rating | None:
        """Return the latest grade of the source on the scale."""
        for position, rating in reversed(self.registry.ratings.get(source, [])):
            if position <= self.position and rating.scale == scale:
                return rating
        return None

    def link(self, link: LocationLink) -> bool | None:
        """Tell whether the places are so linked (True), were once (False), or never were (None)."""
        known = self.registry.links.get(link.name)
        return known[1].at(self.position) if known else None

    def leans(self, source: str) -> tuple[str, ...]:
        """Return whom the source is declared to lean towards."""
        declared = self.registry.leans.get(source, {})
        return tuple(towards for towards, lean in declared.items() if lean.at(self.position) is not None)

    def is_party(self, source: str) -> bool:
        """Tell whether the source is registered as a party."""
        known = self.source(source)
        return known is not None and known.kind == "party"

    def edges(self, source: str, moment: datetime | None) -> Iterator[Affiliation]:
        """Yield the ties of a source that are in force then."""
        for name in self.registry.edges_of.get(source, ()):
            edge = self.registry.edges[name]
            if edge.position <= self.position and self._held(edge, moment):
                yield edge.affiliation

    def _held(self, edge: Edge, moment: datetime | None) -> bool:
        tie = edge.affiliation
        held = read(tie.valid.edtf, tie.tz).as_state() if tie.valid else Interval(None, None)
        if edge.end is not None and edge.end.position <= self.position:
            if edge.end.at is None:
                return False
            until = read(edge.end.at.edtf, edge.end.tz).interval.start
            if until is not None and (moment is None or moment >= until):
                return False
        return held.end is None if moment is None else held.contains(moment)

    def bloc(self, source: str, moment: datetime | None) -> frozenset[str]:
        """Return the sources that are one with it: the connected component of section 5, itself at least."""
        moment = self.since(moment)
        return self.reckoned("source", ("bloc", source, moment), lambda: frozenset(self._connected(source, moment)))

    def _connected(self, source: str, moment: datetime | None) -> set[str]:
        found = {source}
        waiting = [source]
        while waiting:
            for other, _ in self.neighbours(waiting.pop(), moment):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def neighbours(self, source: str, moment: datetime | None) -> Iterator[tuple[str, Affiliation]]:
        """Yield the sources that a tie makes one bloc with this one, and the tie."""
        for tie in self.edges(source, moment):
            other = tie.to if tie.from_ == source else tie.from_
            allied = tie.relation == "allied_with" and self.is_party(source) and self.is_party(other)
            if tie.relation in BLOC_TIES or allied:
                yield other, tie

    def opposition(self, bloc: frozenset[str], moment: datetime | None) -> Iterator[tuple[str, Affiliation]]:
        """Yield the sources that oppose, or are opposed by, a member of the bloc, and the tie; opposition is mutual."""
        for member in sorted(bloc):
            for tie in self.edges(member, moment):
                if tie.relation == "opposes":
                    yield (tie.to if tie.from_ == member else tie.from_), tie

    def linked(self, location: str, relation: LocationTie, *, outward: bool) -> tuple[str, ...]:
        """Return the places that the location is `relation` to (outward), or that are `relation` to it."""
        found: list[str] = []
        for name in self.registry.links_of.get(location, ()):
            link, holds = self.registry.links[name]
            here, there = (link.from_, link.to) if outward else (link.to, link.from_)
            if here == location and link.relation == relation and holds.at(self.position):
                found.append(there)
        return tuple(found)

    def wholes(self, location: str) -> tuple[str, ...]:
        """Return the places that this one is directly part of."""
        return self.linked(location, "part_of", outward=True)

    def parts(self, location: str) -> tuple[str, ...]:
        """Return all places that are part of this one, through any number of steps, without itself."""
        return self._closure(location, outward=False)

    def surroundings(self, location: str) -> tuple[str, ...]:
        """Return all places that this one is part of, through any number of steps."""
        return self._closure(location, outward=True)

    def _closure(self, location: str, *, outward: bool) -> tuple[str, ...]:
        return self.reckoned("location", (location, outward), lambda: self._closed(location, outward=outward))

    def _closed(self, location: str, *, outward: bool) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = [location]
        while waiting:
            for place in self.linked(waiting.pop(), "part_of", outward=outward):
                if place not in found and place != location:
                    found[place] = None
                    waiting.append(place)
        return tuple(found)
