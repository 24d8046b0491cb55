"""The picture keeps what desk/1 believes as rectangles of valid time by positions, so that any cut is a seek."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from domain.aspects import CONFLICT
from domain.belief.asked import NOBODY, Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Cut
from domain.belief.history import UNREPORTED, last_transition
from domain.belief.judge import Outcome, settled
from domain.belief.policy import Policy
from domain.belief.word import ALWAYS, At, at_instant, at_present
from domain.belief.words import times_of
from domain.claims import Question
from domain.times import Interval


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


PICTURES = {False: (False,), True: (False, True)}
"""Whether an aspect's episodes make a picture of their own → which pictures it has (`Rectangle.latest`)."""


class Dirty(NamedTuple):
    """The instants that an event can have touched: from `start` (None: all of time).

    `end`, if it is given, is where what happened was over: of aspects with episodes nothing behind it is touched but
    whether anything was ever reported.
    """

    start: datetime | None = None
    end: datetime | None = None


ALL_TIME = Dirty()


def repaint(
    cut: Cut,
    question: Question,
    policy: Policy,
    old: Sequence[Rectangle],
    dirty: Dirty = ALL_TIME,
    without: frozenset[str] = NOBODY,
) -> list[Rectangle]:
    """Return the rectangles that hold after the event at the cut's position, given those that held before.

    `without` are the sources left out, of this picture for good.
    Together they cover all of time; the unchanged ones come back as they were, and those with `changed` 0 say that
    nothing was ever reported.
    """
    aspect = cut.view.aspect(question.aspect)
    if aspect is None or aspect.kind == "opinion":
        return []
    episodic = aspect.kind in ("occurrence", "tally")
    starts = [start for start in breakpoints(cut, question) if dirty.start is None or start > dirty.start]
    found: list[Rectangle] = []
    for latest in PICTURES[episodic]:
        before = _filled([one for one in old if one.latest == latest], latest=latest)
        over = dirty.end if episodic and not latest else None
        asked = Asked(question, _at(ALWAYS, latest=latest), policy, without)
        fresh = list(_judged(cut, asked, [dirty.start, *starts], over, before))
        found += _overlaid(before, fresh, cut.position)
    return found


def first_painted(cut: Cut, question: Question, policy: Policy, without: frozenset[str] = NOBODY) -> list[Rectangle]:
    """Return the rectangles of a question that is not in the picture yet.

    What comes down from a whole was believed of its parts before anybody spoke of them: such rectangles have a past.
    """
    found = repaint(cut, question, policy, (), without=without)
    aspect = cut.view.aspect(question.aspect)
    if aspect is None or aspect.inherits is None or aspect.inherits.direction == "up":
        return found
    bounds = _bounds_above(cut, question)
    return [_dated(cut, Asked(question, _at(ALWAYS, latest=one.latest), policy, without), one, bounds) for one in found]


def _bounds_above(cut: Cut, question: Question) -> set[datetime]:
    """Return where what was said of wholes, whatever became of it, began and ended under any version of its aspect."""
    registry = cut.case.registry
    found: set[datetime | None] = set()
    for place in registry.ever_around(question.location) - {question.location}:
        for name in {*CONFLICT, *registry.aspects}:
            said = [one.claim for one in cut.case.on.get((place, name), ()) if one.recorded <= cut.position]
            for aspect in registry.ever_called(name) if said else ():
                if name == question.aspect or any(rule.aspect == question.aspect for rule in aspect.implies):
                    intervals = [times_of(claim, aspect)[0] for claim in said]
                    found |= {bound for one in intervals for bound in (one.start, one.end)}
    return {bound for bound in found if bound is not None} | (set(breakpoints(cut, question)) if found else set())


def _dated(cut: Cut, asked: Asked, rectangle: Rectangle, bounds: set[datetime]) -> Rectangle:
    """Return the rectangle with the event that brought it about; it has a past if its instants may differ in that."""
    inside = Interval(rectangle.start, rectangle.end)
    if any(inside.contains(bound) and bound != rectangle.start for bound in bounds):
        return replace(rectangle, changed=rectangle.changed or cut.position, has_past=True)
    moment = rectangle.start or (shortly_before(rectangle.end) if rectangle.end else ALWAYS)
    change = last_transition(cut.case, replace(asked, at=_at(moment, latest=rectangle.latest)), cut.position)
    if change is None:
        return rectangle
    has_past = change.position < rectangle.since or change.before != UNREPORTED
    return replace(rectangle, changed=change.position, has_past=has_past)


def _filled(old: Sequence[Rectangle], *, latest: bool) -> list[Rectangle]:
    """Return the rectangles with one for every gap: where nothing is stored, nothing was ever reported."""
    found: list[Rectangle] = []
    reached: datetime | None = None
    for one in sorted(old, key=lambda rectangle: rectangle.start or ALWAYS):
        if one.start is not None and one.start != reached:
            found.append(blank(reached, one.start, latest=latest))
        found.append(one)
        reached = one.end
    if not found or reached is not None:
        found.append(blank(reached, None, latest=latest))
    return found


def blank(start: datetime | None, end: datetime | None, *, latest: bool) -> Rectangle:
    """Return the rectangle that says that nothing was ever reported; it need not be kept."""
    return Rectangle(latest, start, end, UNREPORTED, "R1", changed=0, since=0)


def _judged(
    cut: Cut, asked: Asked, starts: Sequence[datetime | None], over: datetime | None, old: Sequence[Rectangle]
) -> Iterator[Rectangle]:
    """Judge the first instant of every stretch; behind `over` only until one comes out as it was."""
    latest = asked.at.given is None
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        moment = start if start is not None else (shortly_before(end) if end is not None else ALWAYS)
        judgement = settled(cut, replace(asked, at=_at(moment, latest=latest)))
        outcome = judgement.outcome()
        if over is not None and start is not None and start >= over and outcome == _outcome_at(old, start):
            # Something else was reported before it: what is so here is so of all that comes later.
            return
        yield Rectangle(latest, start, end, outcome, judgement.rule, cut.position, cut.position)


def _outcome_at(rectangles: Sequence[Rectangle], moment: datetime) -> Outcome:
    covering = (one for one in rectangles if Interval(one.start, one.end).contains(moment))
    return next(covering).outcome


def _at(moment: datetime, *, latest: bool) -> At:
    return at_present(moment) if latest else at_instant(moment)


def _overlaid(old: Sequence[Rectangle], fresh: Sequence[Rectangle], position: int) -> list[Rectangle]:
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
