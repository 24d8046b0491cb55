"""What a command names is registered, and its times can be read; each check yields what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.decisions.known import Known
from domain.refusals import (
    NotATime,
    Place,
    Problem,
    UnknownAspect,
    UnknownLocation,
    UnknownSource,
    UnknownStory,
    pointer,
    refuse_if_any,
)
from domain.times import UnreadableTime, read, read_timezone
from domain.values import Slug, When

Named = tuple[Place, Slug]
"""A place in the command, and the name that stands there."""


def require_sources(known: Known, named: Iterable[Named]) -> None:
    """Raise UnknownSource with every name that is not a registered source."""
    refuse_if_any(
        UnknownSource,
        (
            Problem(pointer(*at), f"the source {slug!r} is not registered", "a registered source")
            for at, slug in named
            if known.registry.source(slug) is None
        ),
    )


def require_locations(known: Known, named: Iterable[Named]) -> None:
    """Raise UnknownLocation with every name that is not a registered location."""
    refuse_if_any(
        UnknownLocation,
        (
            Problem(pointer(*at), f"the location {slug!r} is not registered", "a registered location")
            for at, slug in named
            if known.registry.location(slug) is None
        ),
    )


def require_aspects(known: Known, named: Iterable[Named]) -> None:
    """Raise UnknownAspect with every name that is neither built in nor registered."""
    refuse_if_any(
        UnknownAspect,
        (
            Problem(pointer(*at), f"the aspect {name!r} is not known", "a built-in aspect, or one registered before")
            for at, name in named
            if known.registry.aspect(name) is None
        ),
    )


def require_stories(known: Known, named: Iterable[Named]) -> None:
    """Raise UnknownStory with every name that is not a registered story."""
    refuse_if_any(
        UnknownStory,
        (
            Problem(pointer(*at), f"the story {slug!r} is not registered", "a registered story")
            for at, slug in named
            if known.registry.story(slug) is None
        ),
    )


def require_times(tz: str, times: Iterable[tuple[Place, When | None]], tz_at: Place = ("tz",)) -> None:
    """Raise NotATime for a zone or times that cannot be read; a place is that of the member that holds `edtf`."""
    refuse_if_any(NotATime, _unreadable_zone(tz, tz_at))
    refuse_if_any(NotATime, _unreadable(tz, times))


def are_times(tz: str, times: Iterable[When | None]) -> bool:
    """Tell whether `require_times` would find nothing wrong."""
    try:
        read_timezone(tz)
        for when in times:
            if when is not None:
                read(when.edtf, tz)
    except UnreadableTime:
        return False
    return True


def _unreadable_zone(tz: str, at: Place) -> Iterator[Problem]:
    try:
        read_timezone(tz)
    except UnreadableTime as reason:
        yield _time_problem(at, reason)


def _unreadable(tz: str, times: Iterable[tuple[Place, When | None]]) -> Iterator[Problem]:
    for at, when in times:
        if when is None:
            continue
        try:
            read(when.edtf, tz)
        except UnreadableTime as reason:
            yield _time_problem((*at, "edtf"), reason)


def _time_problem(at: Place, reason: UnreadableTime) -> Problem:
    said, _, expected = str(reason).rpartition("; expected ")
    return Problem(pointer(*at), said, expected)
