"""A word is what one source's claim says on one question, with the time that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from domain.claims import Claim, Question
from domain.standing import Standing
from domain.times import Interval, instant
from domain.values import Quantity

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Sorts an open beginning before every instant."""

Key: TypeAlias = tuple[datetime, datetime, int]
"""The order of a source's words: valid, stated, recorded."""


@dataclass(frozen=True, slots=True)
class At:
    """The valid time that is asked about: an interval, or (with `given` None) the caller's present."""

    given: Interval | None
    now: Interval

    @property
    def interval(self) -> Interval:
        """The interval whose end decides what a state is and who is tied to whom."""
        return self.given or self.now

    @property
    def last(self) -> datetime | None:
        """The last instant before the end; None if there is no end."""
        return self.interval.last_instant()

    def begun(self, start: datetime | None) -> bool:
        """Tell whether what starts then has begun by the end."""
        return start is None or self.interval.end is None or start < self.interval.end

    def holds(self, interval: Interval) -> bool:
        """Tell whether the interval covers the last instant."""
        last = self.last
        return interval.end is None if last is None else interval.contains(last)


def at_instant(moment: datetime) -> At:
    """Return the valid time of one instant."""
    return At(instant(moment), instant(moment))


def at_present(now: datetime) -> At:
    """Return the valid time where none is given: states now, the rest by their latest episode."""
    return At(None, instant(now))


@dataclass(frozen=True, slots=True)
class Word:
    """What a claim says on a question.

    `denies` is what is left of a denial after the negation on a two-valued aspect; `via` is the place that it was said
    of, where it counts by inheritance; `implied` tells how it follows from what was said of another aspect.
    """

    standing: Standing
    question: Question
    value: str | None
    quantity: Quantity | None
    denies: bool
    implied: Literal["hard", "soft"] | None
    interval: Interval
    stated: datetime | None
    via: str | None = None

    @property
    def claim(self) -> Claim:
        """The claim that says it."""
        return self.standing.claim

    @property
    def key(self) -> Key:
        """Its place in the order of its source's words."""
        return (self.interval.start or ALWAYS, self.stated or ALWAYS, self.standing.recorded)

    def says_the_same(self, other: Word) -> bool:
        """Tell whether both take the same stance."""
        return self.denies == other.denies and same_value(self, other)


@dataclass(frozen=True, slots=True)
class Held:
    """A source's last word, and its earlier words on the question, newest first.

    `cut_off`: there are older ones, which the case lacks.
    """

    word: Word
    earlier: tuple[Word, ...] = ()
    cut_off: bool = False


def same_value(one: Word, other: Word) -> bool:
    """Tell whether both speak of the same value, for or against it: quantities if their ranges overlap."""
    if one.quantity is not None and other.quantity is not None:
        return one.quantity.overlaps(other.quantity)
    return one.quantity is None and other.quantity is None and one.value == other.value
