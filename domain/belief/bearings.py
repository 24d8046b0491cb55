"""What sources are to each other decides what a word is worth: where that stays as it was, so does the belief."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.belief.word import ALWAYS
from domain.registry_view import RegistryView

MOST_DATES = 200
"""Dates of ties up to which each stretch between two of them is looked at."""


@dataclass(frozen=True, slots=True)
class _Bearing:
    """All that `voices` asks of a source: who is one with it, whom they oppose, and whom it leans towards."""

    bloc: frozenset[str]
    has_party: bool
    kind: str | None
    opposed: frozenset[str]
    leans: frozenset[str]


class Turn(NamedTuple):
    """Before `moment` (None: at no time) the sources are to each other what they were."""

    moment: datetime | None


def turn(before: RegistryView, now: RegistryView, names: frozenset[str]) -> Turn | None:
    """Return from when on the sources are to each other anything else than they were: other groups, other interests.

    None if they stay what they were at every moment. `names` are all that the belief on a question hangs on: who
    speaks, who spoke first, who is favoured or harmed. Two cuts of one registry are compared. What comes back may be
    too early, though nothing changes.
    """
    if len(now.registry.edge_dates) > MOST_DATES:
        return Turn(None)
    for moment in _moments(now):
        if _among(before, names, moment) != _among(now, names, moment):
            return Turn(None if moment == ALWAYS else moment)
    return None


def _moments(view: RegistryView) -> Iterator[datetime | None]:
    """Yield one instant of every stretch of time in which no tie begins or ends."""
    dates = view.registry.edge_dates
    if dates:
        yield ALWAYS
    yield from dates
    yield None


def _among(view: RegistryView, names: frozenset[str], moment: datetime | None) -> list[tuple[object, ...]]:
    since = moment if moment is None or moment == ALWAYS else view.since(moment)
    known = {name: _bearing(view, name, since) for name in names}
    return [
        (
            name,
            one.has_party,
            one.kind,
            bool(one.leans),
            frozenset(other for other in names if other in one.bloc),
            frozenset(other for other, its in known.items() if one.opposed & its.bloc),
            frozenset(other for other, its in known.items() if one.leans & its.bloc),
            frozenset(other for other, its in known.items() if one.leans & its.opposed),
        )
        for name, one in sorted(known.items())
    ]


def _bearing(view: RegistryView, name: str, moment: datetime | None) -> _Bearing:
    def reckon() -> _Bearing:
        bloc = view.bloc(name, moment)
        source = view.source(name)
        return _Bearing(
            bloc=bloc,
            has_party=any(view.is_party(member) for member in bloc),
            kind=source.kind if source else None,
            opposed=frozenset(other for other, _ in view.opposition(bloc, moment)),
            leans=frozenset[str]().union(*(view.bloc(towards, moment) for towards in view.leans(name))),
        )

    return view.reckoned("source", ("bearing", name, moment), reckon)
