"""A word is what one source's claim says on one question; the last word is what the source says there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from domain.aspects import Aspect, Implication
from domain.belief.case import Cut, implying
from domain.claims import Claim, Question
from domain.standing import Standing
from domain.times import Interval, instant, read
from domain.values import Quantity

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Sorts an open beginning before every instant."""


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
    def key(self) -> tuple[datetime, datetime, int]:
        """The order of a source's words: valid, stated, recorded."""
        return (self.interval.start or ALWAYS, self.stated or ALWAYS, self.standing.recorded)

    def says_the_same(self, other: Word) -> bool:
        """Tell whether both take the same stance."""
        if self.denies != other.denies:
            return False
        if self.quantity is not None and other.quantity is not None:
            return self.quantity.overlaps(other.quantity)
        return self.value == other.value and self.quantity is None and other.quantity is None


@dataclass(frozen=True, slots=True)
class Held:
    """A source's last word, and its earlier words on the question, newest first."""

    word: Word
    earlier: tuple[Word, ...] = ()


def own_words(cut: Cut, question: Question, aspect: Aspect, without: frozenset[str] = frozenset()) -> list[Word]:
    """Return what was said of the question itself, standing or not, and what claims on other aspects imply of it."""
    words = [
        _said(standing, question, aspect)
        for standing in cut.recorded(question.location, aspect.name)
        if standing.claim.question.subject == question.subject and not standing.claim.speakers & without
    ]
    if question.subject is None:
        for other in implying(cut.view, aspect.name):
            rules = [implied for implied in other.implies if implied.aspect == aspect.name]
            for standing in cut.recorded(question.location, other.name):
                if not standing.claim.speakers & without:
                    words += _implied(standing, question, aspect, rules)
    return words


def _said(standing: Standing, question: Question, aspect: Aspect) -> Word:
    claim = standing.claim
    denies = claim.polarity == "denies"
    negation = aspect.negation(claim.value) if denies else None
    interval, stated = times_of(claim, aspect)
    value = negation if negation is not None else claim.value
    return Word(standing, question, value, claim.quantity, denies and negation is None, None, interval, stated)


def _implied(standing: Standing, question: Question, aspect: Aspect, rules: Iterable[Implication]) -> Iterator[Word]:
    claim = standing.claim
    for rule in rules:
        value = claim.question.subject if rule.value == "@subject" else rule.value
        if claim.polarity == "asserts" and claim.value in rule.values and value is not None:
            interval, stated = times_of(claim, aspect)
            yield Word(
                standing, question, value, None, denies=False, implied=rule.force, interval=interval, stated=stated
            )


def times_of(claim: Claim, aspect: Aspect) -> tuple[Interval, datetime | None]:
    """Return when the claim holds, read by the aspect's kind, and when it was stated (the start of that time)."""
    reading = read(claim.valid.edtf, claim.tz)
    stated = read(claim.spoken.edtf, claim.tz).interval.start
    if aspect.kind != "state":
        return reading.as_occurrence(), stated
    held = reading.as_state()
    starts = [start for start in (held.start, stated) if start is not None]
    if held.end is None and aspect.horizon_hours is not None and starts:
        held = Interval(held.start, max(starts) + timedelta(hours=aspect.horizon_hours))
    return held, stated


def counts(word: Word, aspect: Aspect) -> bool:
    """Tell whether the word's modality may support or contest something; the others are only listed."""
    return aspect.kind == "plan" or word.claim.modality in ("asserted", "presupposed")


def begun(word: Word, aspect: Aspect, at: At) -> bool:
    """Tell whether what the word speaks of had begun; a plan counts from the moment it was stated."""
    return at.begun(word.stated if aspect.kind == "plan" else word.interval.start)


def last_words(words: Iterable[Word], aspect: Aspect, at: At) -> list[Held]:
    """Return each source's last word (per value, where values do not exclude each other) among standing words."""
    voices: defaultdict[tuple[str, str | None], list[Word]] = defaultdict(list)
    for word in candidates(words, aspect, at):
        separate = None if aspect.exclusive else (word.value or str(word.quantity))
        voices[word.claim.source, separate].append(word)
    held = [_last(sorted(voice, key=lambda word: word.key), aspect, at) for voice in voices.values()]
    return [one for one in held if one is not None]


def candidates(words: Iterable[Word], aspect: Aspect, at: At) -> list[Word]:
    """Return the words that may be last words: for occurrences and tallies those of the latest episode."""
    ready = [word for word in words if begun(word, aspect, at) and counts(word, aspect)]
    if aspect.kind in ("occurrence", "tally"):
        found = episodes(ready, at)
        return found[-1] if found else []
    return ready


def episodes(words: Sequence[Word], at: At) -> list[list[Word]]:
    """Return the connected components of overlapping intervals in order of time; with a V given, of those it meets."""
    met = [word for word in words if at.given is None or word.interval.overlaps(at.given)]
    found: list[list[Word]] = []
    end: datetime | None = None
    for word in sorted(met, key=lambda one: one.interval.start or ALWAYS):
        start = word.interval.start
        if found and (end is None or start is None or start < end):
            found[-1].append(word)
            end = None if end is None or word.interval.end is None else max(end, word.interval.end)
        else:
            found.append([word])
            end = word.interval.end
    return found


def _last(voice: list[Word], aspect: Aspect, at: At) -> Held | None:
    newest = voice[-1]
    if aspect.kind != "state":
        return Held(newest, tuple(reversed(voice[:-1])))
    for place in range(len(voice) - 1, -1, -1):
        word = voice[place]
        if not word.says_the_same(newest if place == len(voice) - 1 else voice[place + 1]):
            return None
        if at.holds(word.interval):
            others = voice[:place] + voice[place + 1 :]
            return Held(word, tuple(reversed(others)))
    return None
