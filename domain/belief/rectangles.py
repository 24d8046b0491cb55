"""Rectangles tile valid time; what an event changed is laid over them, and what stays the same keeps its past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.belief.history import UNREPORTED
from domain.belief.judge import Outcome


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
    """Return the old rectangles with the fresh ones laid over them; an outcome that stays keeps its `changed`.

    Both are in order, and without gaps; those that stay as they were come back themselves.
    """
    first, last = fresh[0].start, fresh[-1].end
    pieces: list[Rectangle] = []
    if first is not None:
        before = (one for one in old if one.start is None or one.start < first)
        pieces += [
            one if one.end is not None and one.end <= first else _within(one, one.start, first) for one in before
        ]
    pieces += _pieces(fresh, old)
    if last is not None:
        behind = (one for one in old if one.end is None or one.end > last)
        pieces += [
            one if one.start is not None and one.start >= last else _within(one, last, one.end) for one in behind
        ]
    known = {(one.start, one.end): one for one in old}
    return [_as_it_was(one, known.get((one.start, one.end)), position) for one in _joined(pieces)]


def _as_it_was(one: Rectangle, known: Rectangle | None, position: int) -> Rectangle:
    if known is not None and (known is one or _said(known) == _said(one)):
        return known
    return one if one.since == position else replace(one, since=position)


def _said(one: Rectangle) -> tuple[Outcome, str, int, bool]:
    return one.outcome, one.rule, one.changed, one.has_past


def _pieces(fresh: Sequence[Rectangle], old: Sequence[Rectangle]) -> Iterator[Rectangle]:
    """Cut fresh rectangles along the old ones, and let each piece remember since when it is believed."""
    place = 0
    for new in fresh:
        while place < len(old) and _is_over(old[place].end, new.start):
            place += 1
        met = place
        while met < len(old) and not _is_over(new.end, old[met].start):
            yield _piece(new, old[met])
            met += 1
        if met == place:
            yield new


def _is_over(end: datetime | None, start: datetime | None) -> bool:
    return end is not None and start is not None and end <= start


def _within(one: Rectangle, start: datetime | None, end: datetime | None) -> Rectangle:
    """Return the rectangle with other bounds."""
    # What copies any dataclass takes four times as long, and of each event there are a dozen.
    return Rectangle(one.latest, start, end, one.outcome, one.rule, one.changed, one.since, one.has_past)


def _piece(new: Rectangle, one: Rectangle) -> Rectangle:
    start = new.start if one.start is None or (new.start is not None and new.start > one.start) else one.start
    end = one.end if new.end is None or (one.end is not None and one.end < new.end) else new.end
    if one.outcome != new.outcome:
        return _within(new, start, end)
    if one.rule == new.rule and one.start == start and one.end == end:
        return one
    return Rectangle(new.latest, start, end, new.outcome, new.rule, one.changed, new.since, one.has_past)


def _joined(pieces: Iterable[Rectangle]) -> list[Rectangle]:
    """Join neighbours that say the same since the same position."""
    found: list[Rectangle] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and last.changed == piece.changed and _said(last) == _said(piece):
            found[-1] = _within(last, last.start, piece.end)
        else:
            found.append(piece)
    return found
