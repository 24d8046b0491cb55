"""Along time only those sources are listened to anew whose last word may have become another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heapreplace
from typing import Protocol

from domain.aspects import Aspect
from domain.belief.heard import Heard, Lasting
from domain.belief.lasting import FindLast, Moment, remembered
from domain.belief.scales import Apparent, Believed, Scales, Voice
from domain.belief.word import ALWAYS, at_instant, at_present
from domain.claims import Question


class Listener(Protocol):
    """Somebody who follows what is said from one instant to later ones."""

    def turns(self, moment: Moment) -> bool:
        """Go on to the instant; tell whether anything that a policy can see of the last words is not as it was."""
        ...

    @property
    def is_silent(self) -> bool:
        """Whether there is no last word at the instant that was reached."""
        ...

    def voices(self, era: datetime | None) -> list[tuple[Lasting, Voice]]:
        """Return the last words of the instant that was reached, with their voices."""
        ...


class Follower:
    """Follows what was told on a question of one place (and perhaps of its parts); a `Listener`.

    Each source waits for the instant at which it may say something else; the first of these comes first.
    """

    def __init__(self, heard: Heard, find: FindLast, scales: Scales) -> None:
        self._find = find
        self._scales = scales
        self._spoken = list(heard.spoken.values())
        self._waits = [(ALWAYS, n) for n in range(len(self._spoken))]
        self._held: list[tuple[Lasting, Apparent] | None] = [None] * len(self._spoken)
        self._voices: dict[int, Voice] = {}
        self._era: datetime | None = None
        self._loud = 0

    @property
    def is_silent(self) -> bool:
        """Whether nobody has a last word."""
        return not self._loud

    def turns(self, moment: Moment) -> bool:
        """Listen to those whose time has come."""
        waits, turned = self._waits, False
        while waits and waits[0][0] <= moment.last:
            n = waits[0][1]
            _, until, last_word = remembered(self._spoken[n], moment, self._find)
            heapreplace(waits, (until, n))
            held = self._held[n]
            apparent = None if last_word is None else self._scales.apparent(last_word)
            if apparent != (None if held is None else held[1]):
                turned = True
                self._voices.pop(n, None)
                self._loud += (apparent is not None) - (held is not None)
            self._held[n] = None if last_word is None or apparent is None else (last_word, apparent)
        return turned

    def voices(self, era: datetime | None) -> list[tuple[Lasting, Voice]]:
        """Return the last words with their voices, which change with the ties of an era."""
        if era != self._era:
            self._voices.clear()
            self._era = era
        found: list[tuple[Lasting, Voice]] = []
        for n, held in enumerate(self._held):
            if held is not None:
                voice = self._voices.get(n)
                if voice is None:
                    voice = self._voices[n] = self._scales.voice(held[1], era)
                found.append((held[0], voice))
        return found


class Asker:
    """Asks for all last words at every instant, where it is not known how long they last; a `Listener`."""

    def __init__(self, ask: Callable[[Moment], list[Lasting]], scales: Scales) -> None:
        self._ask = ask
        self._scales = scales
        self._held: list[Lasting] = []
        self._seen: list[Apparent] = []

    @property
    def is_silent(self) -> bool:
        """Whether nobody has a last word."""
        return not self._held

    def turns(self, moment: Moment) -> bool:
        """Ask, and compare."""
        before = self._seen
        self._held = self._ask(moment)
        self._seen = [self._scales.apparent(one) for one in self._held]
        return self._seen != before

    def voices(self, era: datetime | None) -> list[tuple[Lasting, Voice]]:
        """Return the last words with their voices."""
        found = zip(self._held, self._seen, strict=True)
        return [(one, self._scales.voice(seen, era)) for one, seen in found]


class Sweep:
    """Tells what is believed on a question of one instant after another, and weighs only what has turned.

    The first listener that hears anything is the one that counts: what was told of the place itself, before what
    comes down to it from its wholes.
    """

    def __init__(
        self, question: Question, aspect: Aspect, listeners: Sequence[Listener], scales: Scales, *, latest: bool
    ) -> None:
        self._question = question
        self._aspect = aspect
        self._listeners = listeners
        self._scales = scales
        self._latest = latest
        self._era: datetime | None = None
        self._known: Believed | None = None

    def at(self, moment: datetime) -> Believed | None:
        """Return what is believed of an instant, no earlier than the one before; None if nobody is heard."""
        now = Moment.at(moment, latest=self._latest)
        era = self._scales.present.view.since(moment)
        turned, heard = era != self._era, None
        for one in self._listeners:
            # Who is not asked while somebody before is heard will be when that one falls silent, which is a turn.
            turned = one.turns(now) or turned
            if not one.is_silent:
                heard = one
                break
        if turned:
            self._era = era
            self._known = None if heard is None else self._weighed(moment, heard.voices(era))
        return self._known

    def _weighed(self, moment: datetime, heard: list[tuple[Lasting, Voice]]) -> Believed:
        at = at_present(moment) if self._latest else at_instant(moment)
        held, voices = [one for one, _ in heard], [voice for _, voice in heard]
        return self._scales.weigh(self._question, self._aspect, at, held, voices)
