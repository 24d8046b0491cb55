"""Places and aspects are shown as they were registered at the cut."""

from __future__ import annotations

from domain.entries import LocationTie
from domain.registry_view import RegistryView
from services.called import called
from services.cuts import Answer, Cuts, Page, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, entry_json
from services.sources import page_of

TIES: tuple[LocationTie, ...] = ("part_of", "vicinity_of", "adjacent_to")


class Places:
    """Answers questions about locations and aspects."""

    def __init__(self, facts: Facts, cuts: Cuts) -> None:
        self._facts = facts
        self._cuts = cuts

    def locations(self, after: str, limit: int, query: Query, name: str | None = None) -> Answer[Page]:
        """Return the registered locations by slug, or those that are so called: see `services.called`."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        fits = called(name)
        known = [
            slug
            for slug in tuple(view.registry.locations)
            if (place := view.location(slug)) is not None and fits((slug, *place.names))
        ]
        slugs, following = page_of(known, after, limit)
        return Answer(
            Page([location_json(view, slug) for slug in slugs], following), cutting.position, cutting.timeless
        )

    def location(self, slug: str, query: Query) -> Answer[Json]:
        """Return one location with its links both ways. Raises UnknownThing."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        if view.location(slug) is None:
            raise UnknownThing("location", slug)
        return Answer(location_json(view, slug), cutting.position, cutting.timeless)

    def aspects(self, query: Query) -> Answer[list[Json]]:
        """Return all aspects by name, those that ship built in among them."""
        cutting = self._cuts.cut(query)
        aspects = self._facts.view(cutting.position).aspects()
        return Answer([entry_json(aspects[name]) for name in sorted(aspects)], cutting.position, cutting.timeless)

    def aspect(self, name: str, query: Query) -> Answer[Json]:
        """Return one aspect. Raises UnknownThing."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        found = view.aspect(name)
        if found is None:
            raise UnknownThing("aspect", name)
        known = view.registry.aspects.get(name)
        revised = max((at for at, _ in known.history if at <= cutting.position), default=0) if known else 0
        return Answer({**entry_json(found), "revised": revised}, cutting.position, cutting.timeless)


def location_json(view: RegistryView, slug: str) -> Json:
    """Return a location with the places that it is linked to (`links`) and that are linked to it (`linked_by`)."""
    location = view.location(slug)
    known = view.registry.locations.get(slug)
    return {
        **(entry_json(location) if location else {}),
        "links": {tie: list(view.linked(slug, tie, outward=True)) for tie in TIES},
        "linked_by": {tie: list(view.linked(slug, tie, outward=False)) for tie in TIES},
        "revised": max((at for at, _ in known.history if at <= view.position), default=None) if known else None,
    }
