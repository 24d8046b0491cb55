"""How a belief changed: from position to position at one valid time, or along valid time at one position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Case, Cut
from domain.belief.judge import Outcome, UnknownAspect, settled
from domain.belief.word import at_instant

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


@dataclass(frozen=True, slots=True)
class Moved:
    """What is believed otherwise of every instant in [start, end) (None: without bound)."""

    start: datetime | None
    end: datetime | None
    before: Outcome
    after: Outcome
    rule: str


def transitions(case: Case, asked: Asked, upto: int, after: int = 0) -> Iterator[Transition]:
    """Yield the changes at positions in (after, upto], in order."""
    before, _ = _believed(case, asked, after)
    for position in case.positions(upto, asked.question):
        if position > after:
            now, rule = _believed(case, asked, position)
            if now != before:
                yield Transition(position, before, now, rule)
            before = now


def last_transition(case: Case, asked: Asked, upto: int) -> Transition | None:
    """Return the newest change at or before `upto`; None if nothing was ever reported.

    It is looked for backwards, since beliefs change seldom and late ones are asked for most.
    """
    positions = case.positions(upto, asked.question)
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
        judgement = settled(case.at(position), asked)
    except UnknownAspect:
        return UNREPORTED, "R1"
    return judgement.outcome(), judgement.rule


def stretches(cut: Cut, asked: Asked) -> list[Stretch]:
    """Return what is believed of each instant, oldest first; neighbours differ. The valid time asked is not used."""
    return list(merged(_each(cut, asked, breakpoints(cut, asked.question))))


def _each(cut: Cut, asked: Asked, starts: list[datetime]) -> Iterator[Stretch]:
    first = shortly_before(starts[0]) if starts else asked.at.now.start
    moments: list[tuple[datetime | None, datetime | None]] = [(None, first), *((start, start) for start in starts)]
    for start, moment in moments:
        if moment is not None:
            judgement = settled(cut, replace(asked, at=at_instant(moment)))
            yield Stretch(start, judgement.outcome(), judgement.rule)


def merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Leave out stretches that say what the one before says."""
    before: Stretch | None = None
    for stretch in stretches:
        if before is None or stretch.outcome != before.outcome:
            yield stretch
            before = stretch


def moved(before: Sequence[Stretch], after: Sequence[Stretch]) -> list[Moved]:
    """Return where the later of two accounts of all of time says something else, oldest instants first.

    Both begin with a stretch that begins at no instant.
    """
    starts = sorted({one.start for one in (*before, *after) if one.start is not None})
    ends: list[datetime | None] = [*starts, None]
    found: list[Moved] = []
    for start, end in zip([None, *starts], ends, strict=True):
        was, now = _at(before, start), _at(after, start)
        if was.outcome == now.outcome:
            continue
        piece = Moved(start, end, was.outcome, now.outcome, now.rule)
        last = found[-1] if found else None
        if last is not None and last == replace(piece, start=last.start, end=last.end) and last.end == start:
            found[-1] = replace(last, end=end)
        else:
            found.append(piece)
    return found


def _at(account: Sequence[Stretch], start: datetime | None) -> Stretch:
    if start is None:
        return account[0]
    return [one for one in account if one.start is None or one.start <= start][-1]
