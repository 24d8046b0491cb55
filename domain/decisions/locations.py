"""Places are registered, revised and linked, and no place comes to be part of itself."""

from __future__ import annotations

from domain.commands import EndLocationLink, LinkLocations, RegisterLocation, entry_of
from domain.decisions.checks import require_locations
from domain.decisions.known import Known, says_the_same
from domain.entries import Location, LocationLink
from domain.events import Event, LocationLinked, LocationLinkEnded, LocationRegistered
from domain.refusals import NotInForce, PartOfItself, Problem, TiedToItself, pointer
from domain.registry_view import RegistryView
from domain.values import Slug


def decide_location(command: RegisterLocation, known: Known) -> tuple[Event, ...]:
    """Register the place, or revise it if anything is new."""
    location = entry_of(command, Location)
    if says_the_same(known.registry.location(location.slug), location):
        return ()
    return (LocationRegistered(location=location),)


def decide_link(command: LinkLocations, known: Known) -> tuple[Event, ...]:
    """Link two registered places, unless one would become part of itself."""
    link = entry_of(command, LocationLink)
    require_locations(known, [(("from",), link.from_), (("to",), link.to)])
    if link.from_ == link.to:
        raise TiedToItself(Problem(pointer("to"), f"{link.to!r} would be linked to itself", "another location"))
    if known.registry.link(link):
        return ()
    if link.relation == "part_of":
        _require_no_circle(known.registry, link)
    return (LocationLinked(link=link),)


def decide_link_end(command: EndLocationLink, known: Known) -> tuple[Event, ...]:
    """End a link; one that ended already has nothing more to end."""
    link = entry_of(command, LocationLink)
    held = known.registry.link(link)
    if held is None:
        require_locations(known, [(("from",), link.from_), (("to",), link.to)])
        raise NotInForce(
            Problem(
                pointer("to"), f"{link.from_!r} was never recorded as {link.relation} {link.to!r}", "a link in force"
            )
        )
    return (LocationLinkEnded(link=link),) if held else ()


def _require_no_circle(registry: RegistryView, link: LocationLink) -> None:
    """Raise PartOfItself, with the way round, if the whole is part of the part already."""
    before: dict[Slug, Slug] = {}
    waiting = [link.to]
    while waiting:
        place = waiting.pop(0)
        for whole in registry.wholes(place):
            if whole not in before:
                before[whole] = place
                waiting.append(whole)
    if link.from_ not in before:
        return
    path = [link.from_]
    while path[-1] != link.to:
        path.append(before[path[-1]])
    raise PartOfItself((link.from_, *reversed(path)))
