"""Rectangles tile valid time; what an event changed is laid over them, and what stays the same keeps its past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.belief.history import UNREPORTED
from domain.belief.judge import Outcome
from domain.belief.word import ALWAYS


@dataclass(frozen=True, slots=True)
class Rectangle:
    """What is believed of the instants in [start, end) (None: without bound) since position `since`.

    `latest` tells which of two pictures it belongs to: what is so at an instant, or what is answered at that instant to
    somebody who gives no valid time (they differ for occurrences and tallies alone). `changed` is the position that
    brought the outcome about here; it is less than `since` where only the rectangle's bounds have changed. `has_past`
    tells that something was believed here before, which the picture does not have, so that `changed` may be another.
    """

    latest: bool
    start: datetime | None
    end: datetime | None
    outcome: Outcome
    rule: str
    changed: int
    since: int
    has_past: bool = False


def filled(old: Sequence[Rectangle], *, latest: bool, first: bool = True, last: bool = True) -> list[Rectangle]:
    """Return the rectangles with one for every gap: where nothing is stored, nothing was ever reported.

    They are in order; `first` and `last` tell whether nothing lies before and behind them.
    """
    found: list[Rectangle] = []
    reached: datetime | None = None
    for one in old:
        if one.start is not None and one.start != reached and (found or first):
            found.append(blank(reached, one.start, latest=latest))
        found.append(one)
        reached = one.end
    if last and (not found or reached is not None):
        found.append(blank(reached, None, latest=latest))
    return found


def blank(start: datetime | None, end: datetime | None, *, latest: bool) -> Rectangle:
    """Return the rectangle that says that nothing was ever reported; it need not be kept."""
    return Rectangle(latest, start, end, UNREPORTED, "R1", changed=0, since=0)


def overlaid(old: Sequence[Rectangle], fresh: Sequence[Rectangle], position: int) -> list[Rectangle]:
    """Return the old rectangles with the fresh ones laid over them; an outcome that stays keeps its `changed`."""
    first, last = fresh[0].start, fresh[-1].end
    before = [one for one in old if first is not None and (one.start is None or one.start < first)]
    behind = [one for one in old if last is not None and (one.end is None or one.end > last)]
    pieces = [replace(one, end=_earlier(one.end, first)) for one in before]
    for new in fresh:
        pieces += _pieces(new, old)
    pieces += [replace(one, start=max(one.start or last, last)) for one in behind if last is not None]
    joined = _joined(pieces)
    known = {(one.start, one.end, *_said(one)): one for one in old}
    return [known.get((one.start, one.end, *_said(one)), replace(one, since=position)) for one in joined]


def _said(one: Rectangle) -> tuple[Outcome, str, int, bool]:
    return one.outcome, one.rule, one.changed, one.has_past


def _pieces(new: Rectangle, old: Sequence[Rectangle]) -> list[Rectangle]:
    """Cut a fresh rectangle along the old ones, and let each piece remember since when it is believed."""
    met = [one for one in old if _meet(one, new)]
    if not met:
        return [new]
    found: list[Rectangle] = []
    for one in sorted(met, key=lambda rectangle: rectangle.start or ALWAYS):
        start = new.start if one.start is None or (new.start is not None and new.start > one.start) else one.start
        end = _earlier(one.end, new.end)
        if one.outcome == new.outcome:
            found.append(replace(new, start=start, end=end, changed=one.changed, has_past=one.has_past))
        else:
            found.append(replace(new, start=start, end=end))
    return found


def _meet(one: Rectangle, other: Rectangle) -> bool:
    before = one.end is not None and other.start is not None and one.end <= other.start
    after = other.end is not None and one.start is not None and other.end <= one.start
    return not before and not after


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _joined(pieces: Iterable[Rectangle]) -> list[Rectangle]:
    """Join neighbours that say the same since the same position."""
    found: list[Rectangle] = []
    for piece in sorted(pieces, key=lambda one: (one.start is not None, one.start or ALWAYS)):
        last = found[-1] if found else None
        if last and _said(last) == _said(piece):
            found[-1] = replace(last, end=piece.end)
        else:
            found.append(piece)
    return found
