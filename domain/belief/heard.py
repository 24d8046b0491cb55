"""What was heard on a question lies in the order of its time, so that a last word is a step back and not a search."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.word import ALWAYS, Key, Word

NEVER = datetime.max.replace(tzinfo=ALWAYS.tzinfo)
"""Sorts an open end behind every instant."""


@dataclass(frozen=True, slots=True)
class Told:
    """A word that counts, with what is asked of it again and again.

    `part` is the place that it was said of, if that is a part of the question's; `travels` tells whether it counts
    beyond its place. `stance` numbers what a policy can see of the word itself; two of one stance are alike to it.
    """

    word: Word
    key: Key
    end: datetime
    travels: bool
    stance: int
    favours: frozenset[str]
    against: frozenset[str]
    source: str
    part: str | None = None

    @property
    def claim(self) -> str:
        """The claim that the word is of."""
        return self.word.standing.claim.id


@dataclass(frozen=True, slots=True)
class Lasting:
    """A last word, and the other words of its source that began together with it: rules ask for no earlier ones."""

    told: Told
    beside: tuple[Told, ...]


class Spoken:
    """What one source told (of one value, where values are judged apart), in order."""

    __slots__ = ("_bounds", "_latest", "found", "keys", "told")

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.keys: list[Key] = []
        self.found: tuple[datetime, datetime, Lasting | None] | None = None
        """The last word that was found last, and the instants [from, to) at which it is that; see `lasting`."""
        self._bounds: list[datetime] = []
        self._latest: list[datetime] = []
        """For each word the latest end of it and of all before it."""

    def put(self, told: Told) -> None:
        """Take a word in at its place."""
        place = bisect_left(self.keys, told.key)
        self.told.insert(place, told)
        self.keys.insert(place, told.key)
        self.found = None
        insort(self._bounds, told.key[0])
        insort(self._bounds, told.end)
        self._latest.insert(place, NEVER)
        _reckon(self._latest, (one.end for one in self.told[place:]), place, place)

    def drop(self, told: Told) -> None:
        """Let a word go."""
        place = bisect_left(self.keys, told.key)
        while self.told[place] is not told:
            place += 1
        del self.told[place], self.keys[place], self._latest[place]
        self.found = None
        _forget(self._bounds, told.key[0])
        _forget(self._bounds, told.end)
        _reckon(self._latest, (one.end for one in self.told[place:]), place, place - 1)

    def begun(self, before: datetime) -> int:
        """Return how many words began before this instant."""
        keys = self.keys
        return len(keys) if keys and keys[-1][0] < before else bisect_left(keys, (before,))

    def back(self, before: datetime, after: datetime, but: str | None = None) -> Iterator[Told]:
        """Yield the words that began before one instant, newest first, as long as one may end after the other.

        `but` names a claim to be left out, here and below.
        """
        for place in range(self.begun(before) - 1, -1, -1):
            if self._latest[place] <= after:
                return
            told = self.told[place]
            if but is None or told.claim != but:
                yield told

    def around(self, moment: datetime) -> tuple[datetime, datetime]:
        """Return the instants around this one, from one up to but not including the other, at which nothing changes."""
        place = bisect_right(self._bounds, moment)
        behind = self._bounds[place] if place < len(self._bounds) else NEVER
        return self._bounds[place - 1] if place else ALWAYS, behind

    def state(self, before: datetime, last: datetime, but: str | None = None) -> Told | None:
        """Return the last word on a state: of the unbroken run that says what the newest says, the newest that holds.

        `last` is the last instant of V, and `before` the end of V.
        """
        following: Word | None = None
        for told in self.back(before, last, but):
            if following is not None and not told.word.says_the_same(following):
                return None
            if told.end > last:
                return told
            following = told.word
        return None

    def meeting(self, before: datetime, start: datetime, but: str | None = None) -> Told | None:
        """Return the newest word that begins before one instant and ends after the other."""
        return next((told for told in self.back(before, start, but) if told.end > start), None)

    def since(self, start: datetime, before: datetime) -> Told | None:
        """Return the newest word that began before one instant, and not before the other."""
        place = self.begun(before) - 1
        return self.told[place] if place >= 0 and self.keys[place][0] >= start else None

    def settled_after(self, told: Told) -> datetime | None:
        """Return when the next word begins that holds for ever: from there on nobody looks back to this one."""
        for place in range(bisect_right(self.keys, told.key), len(self.keys)):
            if self.told[place].end is NEVER and self.keys[place][0] > told.key[0]:
                return self.keys[place][0]
        return None

    def over_after(self, told: Told) -> datetime | None:
        """Return the word's end, if nothing told before it lasts any longer: from there on nobody looks back to it."""
        place = bisect_left(self.keys, told.key)
        lasts = self._latest[place - 1] if place else ALWAYS
        return told.end if lasts <= told.end and told.end is not NEVER else None

    def together(self, start: datetime) -> list[Told]:
        """Return the words that began at this instant."""
        first = bisect_left(self.keys, (start,))
        behind = first
        while behind < len(self.keys) and self.keys[behind][0] == start:
            behind += 1
        return self.told[first:behind]


class Spans:
    """When words begin and end, all sources together: where their episodes lie."""

    __slots__ = ("_latest", "_spans")

    def __init__(self) -> None:
        self._spans: list[tuple[datetime, datetime, str]] = []
        self._latest: list[datetime] = []
        """For each span the latest end of it and of all before it."""

    def put(self, told: Told) -> None:
        """Take a word's time in."""
        span = (told.key[0], told.end, told.part or "")
        place = bisect_right(self._spans, span)
        self._spans.insert(place, span)
        self._latest.insert(place, NEVER)
        _reckon(self._latest, (end for _, end, _ in self._spans[place:]), place, place)

    def drop(self, told: Told) -> None:
        """Let a word's time go."""
        place = bisect_left(self._spans, (told.key[0], told.end, told.part or ""))
        del self._spans[place], self._latest[place]
        _reckon(self._latest, (end for _, end, _ in self._spans[place:]), place, place - 1)

    def back(self, before: datetime) -> Iterator[tuple[datetime, datetime, str, datetime]]:
        """Yield, newest first, when a word began and ended, its part, and the latest end of it and of all before it."""
        for place in range(bisect_left(self._spans, (before,)) - 1, -1, -1):
            start, end, part = self._spans[place]
            yield start, end, part, self._latest[place]

    def next_episode(self, told: Told) -> datetime | None:
        """Return when the episode behind the one that this word is in begins; None if there is none."""
        behind = bisect_right(self._spans, told.key[0], key=lambda span: span[0])
        for place in range(behind, len(self._spans)):
            if self._latest[place - 1] <= self._spans[place][0]:
                return self._spans[place][0]
        return None

    def episode(self, before: datetime) -> datetime | None:
        """Return when the latest episode of what began before the instant began; None if nothing had begun."""
        found: datetime | None = None
        for start, _, _, latest in self.back(before):
            if found is not None and latest <= found:
                break
            found = start
        return found


def _reckon(latest: list[datetime], ends: Iterable[datetime], place: int, surely: int) -> None:
    """Reckon the latest ends anew from `place` on, through `surely` at least, until one comes out as it was."""
    reached = latest[place - 1] if place else ALWAYS
    for n, end in enumerate(ends, place):
        reached = max(reached, end)
        if n > surely and latest[n] == reached:
            return
        latest[n] = reached


class Heard:
    """All that was told on a question, by source; it comes and goes claim by claim.

    Of a question whose parts count for it there are two: one of what was told of the place itself, and one of that and
    of what was told of its parts.
    """

    def __init__(self, aspect: Aspect) -> None:
        self.aspect = aspect
        self.spoken: dict[tuple[str, str | None], Spoken] = {}
        """What stands, by source (and by value, where values are judged apart)."""
        self.spans = Spans() if aspect.kind in ("occurrence", "tally") else None
        self.bounds: list[datetime] = []
        """Where anything began or ended that was ever told, in order."""
        self.reported: list[datetime] = []
        """When what was told, standing or not, began, in order."""
        self.standing: list[datetime] = []
        """When that of it which stands began, in order."""
        self.odd = 0
        """How many words have a quantity where values are judged apart: these meet by chains, not by value."""
        self.mute = 0
        """How many words of parts do not count for the whole: they silence words of their sources that would."""
        self.told: dict[str, tuple[tuple[Told, ...], bool]] = {}
        """By claim what it told, and whether it stands."""

    def put(self, claim: str, told: tuple[Told, ...], *, stands: bool) -> None:
        """Take in what a claim says on the question, in place of what was known of it."""
        self.drop(claim)
        if not told:
            return
        self.told[claim] = told, stands
        for one in told:
            interval = one.word.interval
            for bound in (interval.start, interval.end):
                if bound is not None:
                    _mark(self.bounds, bound)
            if one.part is None or one.travels:
                insort(self.reported, one.key[0])
                if stands:
                    insort(self.standing, one.key[0])
            if stands:
                self._speak(one)

    def drop(self, claim: str) -> None:
        """Let go what the claim said, if anything is known of it."""
        told, stands = self.told.pop(claim, ((), False))
        for one in told:
            if one.part is None or one.travels:
                _forget(self.reported, one.key[0])
                if stands:
                    _forget(self.standing, one.key[0])
            if stands:
                self._fall_silent(one)

    def voice_of(self, told: Told) -> tuple[str, str | None]:
        """Return whose voice it is, here."""
        return told.source, told.word.value if self.aspect.apart else None

    def _speak(self, told: Told) -> None:
        voice = self.voice_of(told)
        if voice not in self.spoken:
            self.spoken[voice] = Spoken()
        self.spoken[voice].put(told)
        if self.spans is not None:
            self.spans.put(told)
        self.odd += self.aspect.apart and told.word.quantity is not None
        self.mute += told.part is not None and not told.travels

    def _fall_silent(self, told: Told) -> None:
        voice = self.voice_of(told)
        self.spoken[voice].drop(told)
        if not self.spoken[voice].told:
            del self.spoken[voice]
        if self.spans is not None:
            self.spans.drop(told)
        self.odd -= self.aspect.apart and told.word.quantity is not None
        self.mute -= told.part is not None and not told.travels


def _mark(bounds: list[datetime], moment: datetime) -> None:
    place = bisect_left(bounds, moment)
    if place == len(bounds) or bounds[place] != moment:
        bounds.insert(place, moment)


def _forget(moments: list[datetime], moment: datetime) -> None:
    del moments[bisect_left(moments, moment)]
