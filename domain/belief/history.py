"""How a belief changed: from position to position at one valid time, or along valid time at one position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.belief.asked import Asked
from domain.belief.case import Case, Cut, reach
from domain.belief.judge import Outcome, UnknownAspect, judge
from domain.belief.words import At, at_instant, own_words
from domain.claims import Question
from domain.times import read

UNREPORTED = Outcome("unreported", None, None, None)
"""What is believed of everything before the first position."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a belief that the event at `position` brought about."""

    position: int
    before: Outcome
    after: Outcome
    rule: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is believed of every instant from `start` (None: of all before) up to the next stretch."""

    start: datetime | None
    outcome: Outcome
    rule: str


def transitions(case: Case, asked: Asked, upto: int, after: int = 0) -> Iterator[Transition]:
    """Yield the changes at positions in (after, upto], in order."""
    before, _ = _believed(case, asked, after)
    for position in case.positions(upto):
        if position > after:
            now, rule = _believed(case, asked, position)
            if now != before:
                yield Transition(position, before, now, rule)
            before = now


def last_transition(case: Case, asked: Asked, upto: int) -> Transition | None:
    """Return the newest change at or before `upto`; None if nothing was ever reported.

    It is looked for backwards, since beliefs change seldom and late ones are asked for most.
    """
    positions = case.positions(upto)
    after, rule = _believed(case, asked, upto)
    for place in range(len(positions) - 1, -1, -1):
        before, earlier_rule = _believed(case, asked, positions[place - 1] if place > 0 else 0)
        if before != after:
            return Transition(positions[place], before, after, rule)
        after, rule = before, earlier_rule
    return None


def _believed(case: Case, asked: Asked, position: int) -> tuple[Outcome, str]:
    """Return what is believed, and by which rule; nothing was reported under an aspect that was not known yet."""
    try:
        judgement = judge(case.at(position), asked)
    except UnknownAspect:
        return UNREPORTED, "R1"
    return judgement.outcome(), judgement.rule


def stretches(cut: Cut, asked: Asked) -> list[Stretch]:
    """Return what is believed of each instant, oldest first; neighbours differ. The valid time asked is not used."""
    return list(merged(_each(cut, asked, breakpoints(cut, asked.question))))


def _each(cut: Cut, asked: Asked, starts: list[datetime]) -> Iterator[Stretch]:
    first = starts[0] - timedelta(days=1) if starts else asked.at.now.start
    moments: list[tuple[datetime | None, datetime | None]] = [(None, first), *((start, start) for start in starts)]
    for start, moment in moments:
        if moment is not None:
            judgement = judge(cut, replace(asked, at=at_instant(moment)))
            yield Stretch(start, judgement.outcome(), judgement.rule)


def merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Leave out stretches that say what the one before says."""
    before: Stretch | None = None
    for stretch in stretches:
        if before is None or stretch.outcome != before.outcome:
            yield stretch
            before = stretch


def breakpoints(cut: Cut, question: Question) -> list[datetime]:
    """Return every instant at which a belief on the question could change, in order.

    These are the bounds of the words that count for it, of assessments, of ties between sources that have dates, and
    for a plan the moments at which it was stated and at which claims that answer it begin.
    """
    found: set[datetime | None] = set()
    for location, name in reach(cut.view, question):
        aspect = cut.view.aspect(name)
        if aspect is not None:
            subject = question.subject if name == question.aspect else None
            asked = Question(location=location, aspect=name, subject=subject)
            for word in own_words(cut, asked, aspect):
                found |= {word.interval.start, word.interval.end}
                if aspect.kind == "plan":
                    found.add(word.stated)
                    found |= {
                        read(other.claim.valid.edtf, other.claim.tz).interval.start
                        for other, _ in cut.naming(word.standing)
                    }
    for made in cut.assessments(question):
        interval = read(made.assessment.valid.edtf, made.assessment.tz).interval
        found |= {interval.start, interval.end}
    if cut.case.registry.dated_edges:
        found |= _edge_dates(cut)
    return sorted(moment for moment in found if moment is not None)


def _edge_dates(cut: Cut) -> set[datetime | None]:
    found: set[datetime | None] = set()
    for edge in cut.case.registry.edges.values():
        if edge.affiliation.valid is not None:
            interval = read(edge.affiliation.valid.edtf, edge.affiliation.tz).as_state()
            found |= {interval.start, interval.end}
        if edge.end is not None and edge.end.at is not None:
            found.add(read(edge.end.at.edtf, edge.end.tz).interval.start)
    return found


def moment_of(at: At) -> datetime:
    """Return an instant that stands for the valid time: the last one, or the present where it has no end."""
    last = at.last or at.now.start
    if last is None:
        raise ValueError("the caller's present is an instant")
    return last
