"""Last words are weighed by all that a policy can see of them: what looks the same is the same, and is weighed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.case import Made
from domain.belief.heard import Lasting
from domain.belief.inherit import Gathered
from domain.belief.judge import Outcome, assessment_on, heard_out
from domain.belief.policy import Policy
from domain.belief.present import Present
from domain.belief.voices import Voiced, group_of, interest, origin_of
from domain.belief.word import At, Held
from domain.claims import Question
from domain.values import Interest

Believed = tuple[Outcome, str]
"""What is believed, and by which rule."""
Apparent = tuple[int, str, frozenset[str], frozenset[str], bool]
"""What is to be seen of a last word whatever its time.

Its stance, who takes it, to whose good and to whose harm, and whether its source said otherwise too.
"""
_REMEMBERED = 5_000
"""Each takes some 3 KB; see `services.remembered.Most` for what is remembered in all."""


class Voice(NamedTuple):
    """Who speaks as one, what they have to win or lose, and all that a policy can see of what they say."""

    origin: str
    group: frozenset[str]
    interest: Interest
    seen: Hashable


class Scales:
    """Weighs last words at the present under one policy."""

    def __init__(self, present: Present, policy: Policy) -> None:
        self.present = present
        self.policy = policy
        self._known: dict[Hashable, Believed] = {}

    def apparent(self, one: Lasting) -> Apparent:
        """Return what is to be seen of the word whatever its time."""
        told, standing = one.told, one.told.word.standing
        carries = standing.claim.relations or standing.relations
        origin = origin_of(self.present.cut, standing) if carries else told.source
        otherwise = any(not other.word.says_the_same(told.word) for other in one.beside) if one.beside else False
        return told.stance, origin, told.favours, told.against, otherwise

    def voice(self, apparent: Apparent, era: datetime | None) -> Voice:
        """Return whose voice it is, and what it says, once for each `era` that `RegistryView.since` gives."""
        view = self.present.view
        stance, origin, favours, against, otherwise = apparent

        def reckon() -> tuple[frozenset[str], Interest]:
            return group_of(view, origin, era), interest(view, origin, favours, against, era)

        group, interested = view.reckoned("source", ("voice", origin, favours, against, era), reckon)
        return Voice(origin, group, interested, (stance, interested, otherwise))

    def weigh(
        self,
        question: Question,
        aspect: Aspect,
        at: At,
        held: Sequence[Lasting],
        voices: Sequence[Voice] | None = None,
    ) -> Believed:
        """Return what is believed on the strength of these last words, one at least; `voices` are theirs, if known."""
        if voices is None:
            era = self.present.view.since(at.last)
            voices = [self.voice(self.apparent(one), era) for one in held]
        policy, cut = self.policy, self.present.cut
        made = self._made(question, aspect, at, held)
        seen: Hashable | None = None
        if policy.hears_stances:
            seen = aspect.apart, made and made.position, _alike(voices)
            if (known := self._known.get(seen)) is not None:
                return known
        words = [_as_held(one) for one in held]
        voiced = [Voiced(one, *voice[:3]) for one, voice in zip(words, voices, strict=True)]
        asked, gathered = Asked(question, at, policy, self.present.without), Gathered(cut, aspect, at, (), words)
        judgement = heard_out(cut, asked, aspect, gathered, tuple(voiced))
        found = judgement.outcome(), judgement.rule
        if seen is not None:
            self._remember(seen, found)
        return found

    def _made(self, question: Question, aspect: Aspect, at: At, held: Sequence[Lasting]) -> Made | None:
        if not self.present.made.get(question):
            return None
        return assessment_on(self.present.cut, question, aspect, at, [_as_held(one) for one in held])

    def _remember(self, seen: Hashable, believed: Believed) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[seen] = believed


def _alike(voices: Iterable[Voice]) -> Hashable:
    """Return how many groups take which stances: which groups they are, no policy sees."""
    groups: dict[frozenset[str], set[Hashable]] = {}
    for voice in voices:
        groups.setdefault(voice.group, set()).add(voice.seen)
    return frozenset(Counter(frozenset(stances) for stances in groups.values()).items())


def _as_held(one: Lasting) -> Held:
    return Held(one.told.word, tuple(other.word for other in one.beside))
