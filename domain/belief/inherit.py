"""What is said of a whole can count for its parts, of a part for the whole; silence is never denial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from domain.aspects import Aspect
from domain.belief.case import Cut, NotEnough
from domain.belief.word import At, Held, Word, same_value
from domain.belief.words import Below, begun, chains, counts, floors, last_words, own_words
from domain.claims import Question
from domain.times import Interval


class Gathered:
    """All words that bear on a question; lists are made when they are asked for, since a verdict needs last words only.

    `reported` were recorded and had begun, `standing` are those of them that nothing ended, `held` are the last words;
    `listed` have a modality that neither supports nor contests.
    """

    def __init__(self, cut: Cut, aspect: Aspect, at: At, words: Sequence[Word], held: Sequence[Held]) -> None:
        self.held = tuple(held)
        self.since = cut.case.since
        """Of what happens, that which was over then may be missing."""
        self._words = words
        self._cut = cut
        self._aspect = aspect
        self._at = at

    @cached_property
    def _begun(self) -> list[Word]:
        found = [word for word in self._words if begun(word, self._aspect, self._at)]
        known = {id(word) for word in found}
        return found + [one.word for one in self.held if id(one.word) not in known and one.word.via is not None]

    @cached_property
    def reported(self) -> tuple[Word, ...]:
        """What was recorded and had begun."""
        return tuple(word for word in self._begun if counts(word, self._aspect))

    @cached_property
    def standing(self) -> tuple[Word, ...]:
        """What of it nothing ended."""
        return tuple(word for word in self.reported if self._cut.stands(word.standing))

    @cached_property
    def listed(self) -> tuple[Word, ...]:
        """What stands, but neither supports nor contests."""
        found = (word for word in self._begun if not counts(word, self._aspect))
        return tuple(word for word in found if self._cut.stands(word.standing))


def gather(cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str] = frozenset()) -> Gathered:
    """Collect the words on a question, its own and inherited ones, without those that `without` speaks."""
    if aspect.inherits and aspect.inherits.direction == "up":
        words, ready = _with_parts(cut, question, aspect, at, without)
    else:
        words = own_words(cut, question, aspect, without)
        ready = [word for word in words if cut.stands(word.standing)]
    held = last_words(ready, aspect, at, floors(cut, question, aspect, without), cut.case.since)
    if not held and aspect.inherits and aspect.inherits.direction == "down":
        held = _once(_from_wholes(cut, question, aspect, at, without, frozenset({question.location})), aspect)
    gathered = Gathered(cut, aspect, at, words, held)
    episodic = aspect.kind in ("occurrence", "tally")
    missing = cut.case.since is not None if episodic else cut.case.floors and _is_part_cut_off(cut, question)
    if not held and missing and not gathered.standing:
        raise NotEnough  # whether anything was reported, of a part perhaps, and stands, may hang on a missing word
    return gathered


def _is_part_cut_off(cut: Cut, question: Question) -> bool:
    parts = frozenset(cut.view.parts(question.location))
    return any(place in parts for place, _ in cut.case.floors)


def words_above(cut: Cut, question: Question, aspect: Aspect) -> list[Word]:
    """Return the words on wholes: what may be inherited, or what keeps that which lies above it from coming down."""
    if aspect.inherits is None or aspect.inherits.direction == "up":
        return []
    above = [question.model_copy(update={"location": whole}) for whole in cut.view.surroundings(question.location)]
    return [word for one in above for word in own_words(cut, one, aspect)]


def _once(found: list[Held], aspect: Aspect) -> list[Held]:
    """Let a source that speaks of several wholes count once (per value, where these are judged apart)."""
    sources: dict[str, list[Held]] = {}
    for one in sorted(found, key=lambda held: held.word.key):
        sources.setdefault(one.word.claim.source, []).append(one)
    voices = [one for spoken in sources.values() for one in (chains(spoken, _alike) if aspect.apart else [spoken])]
    return [max(voice, key=lambda held: held.word.key) for voice in voices]


def _alike(one: Held, other: Held) -> bool:
    return same_value(one.word, other.word)


def travels(word: Word, aspect: Aspect) -> bool:
    """Tell whether a word of this aspect counts beyond the place it was said of.

    Down goes only what is asserted. Up goes the affirmative value, also where it is said by denying the other one.
    """
    rule = aspect.inherits
    if rule is None or word.denies or (rule.direction == "down" and word.claim.polarity == "denies"):
        return False
    facets = word.claim.facets
    named = rule.values is None or word.value in rule.values
    return named and all(facets.get(name) == value for name, value in rule.facets.items())


@dataclass(frozen=True, slots=True)
class _Part:
    """What was said of one part: the words that nothing ended, and where these lie in time."""

    place: str
    standing: list[Word]
    hull: Interval
    floors: Mapping[str, Below]


@dataclass(frozen=True, slots=True)
class _Upwards:
    """All words on a whole and, moved to it, those on its parts that travel; the same for every valid time."""

    words: list[Word]
    standing: list[Word]
    parts: list[_Part]


def _with_parts(
    cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str]
) -> tuple[list[Word], list[Word]]:
    """Return all words with those of the parts, and the standing ones that may be last words.

    A word on a part that its source has since replaced there tells that something was reported of the whole, no more.
    """
    upwards = cut.gathered.get((question, without))
    if not isinstance(upwards, _Upwards):
        upwards = cut.gathered[question, without] = _upwards(cut, question, aspect, without)
    ready = list(upwards.standing)
    for part in upwards.parts:
        if aspect.kind == "state" or at.given is None or part.hull.overlaps(at.given):  # only states have floors
            ready += [
                _moved(cut, held.word, question, part.place)
                for held in last_words(part.standing, aspect, at, part.floors)
                if travels(held.word, aspect)
            ]
    return upwards.words, ready


def _upwards(cut: Cut, question: Question, aspect: Aspect, without: frozenset[str]) -> _Upwards:
    own = own_words(cut, question, aspect, without)
    words = list(own)
    parts: list[_Part] = []
    for place in cut.view.parts(question.location):
        there = own_words(cut, question.model_copy(update={"location": place}), aspect, without)
        words += [_moved(cut, word, question, place) for word in there if travels(word, aspect)]
        standing = [word for word in there if cut.stands(word.standing)]
        below = floors(cut, question.model_copy(update={"location": place}), aspect, without)
        if standing or below:
            parts.append(_Part(place, standing, _hull(standing), below))
    return _Upwards(words, [word for word in own if cut.stands(word.standing)], parts)


def _moved(cut: Cut, word: Word, question: Question, part: str) -> Word:
    """Return the word of a part as one on the whole; the case remembers it, since it never changes."""
    key = (id(word), question.location)
    moved = cut.case.moved.get(key)
    if moved is None:
        moved = cut.case.moved[key] = replace(word, question=question, via=part)
    return moved


def _hull(words: Sequence[Word]) -> Interval:
    starts = [word.interval.start for word in words]
    ends = [word.interval.end for word in words]
    known_starts = [start for start in starts if start is not None]
    known_ends = [end for end in ends if end is not None]
    return Interval(
        min(known_starts) if len(known_starts) == len(starts) else None,
        max(known_ends) if len(known_ends) == len(ends) else None,
    )


def _from_wholes(
    cut: Cut, question: Question, aspect: Aspect, at: At, without: frozenset[str], seen: frozenset[str]
) -> list[Held]:
    found: dict[str, Held] = {}
    for whole in cut.view.wholes(question.location):
        if whole in seen:
            continue
        above = question.model_copy(update={"location": whole})
        standing = [word for word in own_words(cut, above, aspect, without) if cut.stands(word.standing)]
        held = last_words(standing, aspect, at, floors(cut, above, aspect, without), cut.case.since)
        if held:
            passed = [one for one in held if travels(one.word, aspect)]
        else:
            passed = _from_wholes(cut, above, aspect, at, without, seen | {whole})
        for one in passed:
            word = replace(one.word, question=question, via=one.word.via or whole)
            found[word.claim.id] = Held(word, one.earlier)
    return list(found.values())
