"""The picture keeps what desk/1 believes as rectangles of valid time by positions, so that any cut is a seek."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.aspects import CONFLICT, Aspect
from domain.belief.asked import NOBODY, Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Cut
from domain.belief.history import UNREPORTED
from domain.belief.judge import Outcome, settled
from domain.belief.policy import Policy
from domain.belief.rectangles import Rectangle, filled, overlaid
from domain.belief.shifts import Stretch
from domain.belief.word import ALWAYS, At, at_instant, at_present
from domain.belief.words import times_of
from domain.claims import Question
from domain.registry_view import RegistryView

PICTURES = {False: (False,), True: (False, True)}
"""Whether an aspect's episodes make a picture of their own → which pictures it has (`Rectangle.latest`)."""


class Dirty(NamedTuple):
    """The instants that an event can have touched: from `start` (None: all of time).

    `end`, if it is given, is where what happened was over: of aspects with episodes nothing behind it is touched but
    whether anything was ever reported. `claim` is the claim that was brought, if nothing else happened.
    """

    start: datetime | None = None
    end: datetime | None = None
    claim: str | None = None


ALL_TIME = Dirty()


class Sight(Protocol):
    """How questions are judged at one position; `AtCut` is the plainest way."""

    @property
    def cut(self) -> Cut:
        """What is known at the position."""
        ...

    @property
    def terms(self) -> Terms:
        """What is judged by."""
        ...

    def bounds(self, question: Question, aspect: Aspect, after: datetime | None) -> list[datetime]:
        """Return, in order, the instants behind `after` at which a belief on the question could change."""
        ...

    def along(self, question: Question, aspect: Aspect, *, latest: bool) -> Callable[[datetime], tuple[Outcome, str]]:
        """Return what tells what is believed of one instant after another, and by which rule; see `Rectangle.latest`.

        Each instant that it is asked about is later than the one before.
        """
        ...

    def touched(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> Stretch | None:
        """Return the instants at which what an event brought can make a difference; None if it makes none."""
        ...

    def over(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> datetime | None:
        """Return an instant behind which whatever comes out as it was stays as it was; None if none is known."""
        ...


class Terms(NamedTuple):
    """What a picture is painted by: a policy, and the sources that it leaves out for good."""

    policy: Policy
    without: frozenset[str] = NOBODY


@dataclass(frozen=True, slots=True)
class AtCut:
    """Judges every question from all that was ever said on it; a `Sight`."""

    cut: Cut
    terms: Terms

    def bounds(self, question: Question, aspect: Aspect, after: datetime | None) -> list[datetime]:
        """Return the bounds of everything that bears on the question."""
        del aspect
        return [bound for bound in breakpoints(self.cut, question) if after is None or bound > after]

    def along(self, question: Question, aspect: Aspect, *, latest: bool) -> Callable[[datetime], tuple[Outcome, str]]:
        """Judge the question at each instant."""
        del aspect

        def judged(moment: datetime) -> tuple[Outcome, str]:
            judgement = settled(self.cut, Asked(question, _at(moment, latest=latest), *self.terms))
            return judgement.outcome(), judgement.rule

        return judged

    def touched(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> Stretch | None:
        """Return all that the event can have touched."""
        del question, aspect, latest
        return dirty.start, None

    def over(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> datetime | None:
        """Of what happens, nothing is touched behind the end of what was said."""
        del question
        return dirty.end if is_episodic(aspect) and not latest else None


def is_episodic(aspect: Aspect) -> bool:
    """Tell whether the aspect's episodes make a picture of their own."""
    return aspect.kind in ("occurrence", "tally")


def repaint(sight: Sight, question: Question, old: Sequence[Rectangle], dirty: Dirty = ALL_TIME) -> list[Rectangle]:
    """Return the rectangles that hold after the event at the cut's position, given those that held before.

    Together they cover all of time; the unchanged ones come back as they were, and those with `changed` 0 say that
    nothing was ever reported.
    """
    aspect = sight.cut.view.aspect(question.aspect)
    if aspect is None or aspect.kind == "opinion":
        return []
    found: list[Rectangle] = []
    for latest in PICTURES[is_episodic(aspect)]:
        before = filled(sorted((one for one in old if one.latest == latest), key=in_order), latest=latest)
        patch = patched(sight, question, before, dirty, latest=latest)
        found += [*before[: patch.first], *patch.fresh, *before[patch.behind :]]
    return found


class Patch(NamedTuple):
    """What comes in place of the rectangles from `first` up to, but not including, `behind`."""

    first: int
    behind: int
    fresh: list[Rectangle]


def patched(
    sight: Sight, question: Question, old: Sequence[Rectangle], dirty: Dirty = ALL_TIME, *, latest: bool
) -> Patch:
    """Return what an event changes of one of a question's pictures, given its rectangles in order.

    Only what lies around the instants touched is looked at, however much there is. Some of what comes back may say that
    nothing was ever reported (`changed` 0).
    """
    aspect = sight.cut.view.aspect(question.aspect)
    touched = sight.touched(question, aspect, dirty, latest=latest) if aspect is not None else None
    if aspect is None or touched is None:
        return Patch(0, 0, [])
    start, end = touched
    starts = [start, *(one for one in sight.bounds(question, aspect, start) if end is None or one < end)]
    over = sight.over(question, aspect, dirty, latest=latest)
    fresh = list(_judged(sight, question, aspect, _Asking(starts, end, over, latest), old))
    first = 0 if start is None else max(_begun(old, start) - 2, 0)
    last = fresh[-1].end
    behind = len(old) if last is None else bisect_left(old, last, key=_begin) + 1
    window = filled(old[first:behind], latest=latest, first=first == 0, last=behind >= len(old))
    return Patch(first, behind, overlaid(window, fresh, sight.cut.position))


def _begin(rectangle: Rectangle) -> datetime:
    return rectangle.start or ALWAYS


def in_order(rectangle: Rectangle) -> tuple[bool, datetime]:
    """Sort by what a rectangle begins with; one without a beginning comes before one that begins with all of time."""
    return rectangle.start is not None, _begin(rectangle)


def _begun(old: Sequence[Rectangle], moment: datetime) -> int:
    return bisect_right(old, moment, key=_begin)


def first_painted(sight: Sight, question: Question) -> list[Rectangle]:
    """Return the rectangles of a question that is not in the picture yet.

    What comes down from a whole was believed of its parts before anybody spoke of them: where that may have been so,
    the rectangles have a past. It goes by what was ever said, whatever became of it: looking for what was believed
    would mean to judge back through all of it.
    """
    found = repaint(sight, question, ())
    cut = sight.cut
    since = _first_said(cut, question) if looks_back(cut.view, question) else None
    if since is None:
        return found
    return [
        replace(one, changed=one.changed or cut.position, since=cut.position, has_past=True)
        if one.end is None or since < one.end
        else one
        for one in found
    ]


def looks_back(view: RegistryView, question: Question) -> bool:
    """Tell whether anything can have been believed of the question before anybody spoke of its place."""
    aspect = view.aspect(question.aspect)
    return aspect is not None and aspect.inherits is not None and aspect.inherits.direction == "down"


def ever_reach(view: RegistryView, question: Question) -> frozenset[tuple[str, str]]:
    """Return every (location, aspect) whose claims ever counted for the question, or for its wholes, so far."""
    names = [name for name in {*CONFLICT, *view.registry.aspects} if _ever_bore(view, name, question)]
    return frozenset((place, name) for place in view.ever_within(question.location) for name in names)


def _ever_bore(view: RegistryView, name: str, question: Question) -> bool:
    versions = view.ever_called(name)
    return name == question.aspect or any(rule.aspect == question.aspect for one in versions for rule in one.implies)


def _first_said(cut: Cut, question: Question) -> datetime | None:
    """Return since when anything is said that was recorded before and may have counted, under any version of aspects.

    None if there is nothing.
    """
    starts = [
        times_of(standing.claim, aspect)[0].start or ALWAYS
        for place, name in ever_reach(cut.view, question)
        for standing in cut.case.on.get((place, name), ())
        if standing.recorded < cut.position
        for aspect in cut.view.ever_called(name)
    ]
    return min(starts, default=None)


class _Asking(NamedTuple):
    starts: Sequence[datetime | None]
    end: datetime | None
    over: datetime | None
    latest: bool


def _judged(
    sight: Sight, question: Question, aspect: Aspect, asking: _Asking, old: Sequence[Rectangle]
) -> Iterator[Rectangle]:
    """Judge the first instant of every stretch; behind `over` only until one comes out as it was.

    Stretches of which the same is believed come as one.
    """
    starts, behind, over, latest = asking
    position = sight.cut.position
    believed = sight.along(question, aspect, latest=latest)
    begun: tuple[datetime | None, Outcome, str] | None = None
    reached: datetime | None = None
    for start, end in zip(starts, [*starts[1:], behind], strict=True):
        moment = start if start is not None else (shortly_before(end) if end is not None else ALWAYS)
        outcome, rule = believed(moment)
        if over is not None and start is not None and start >= over and outcome == _outcome_at(old, start):
            # Something else was reported before it: what is so here is so of all that comes later.
            break
        if begun is None or outcome != begun[1] or rule != begun[2]:
            if begun is not None:
                yield Rectangle(latest, begun[0], reached, begun[1], begun[2], position, position)
            begun = start, outcome, rule
        reached = end
    if begun is not None:
        yield Rectangle(latest, begun[0], reached, begun[1], begun[2], position, position)


def _outcome_at(old: Sequence[Rectangle], moment: datetime) -> Outcome:
    place = _begun(old, moment) - 1
    if place < 0:
        return UNREPORTED
    end = old[place].end
    return old[place].outcome if end is None or moment < end else UNREPORTED


def _at(moment: datetime, *, latest: bool) -> At:
    return at_present(moment) if latest else at_instant(moment)
