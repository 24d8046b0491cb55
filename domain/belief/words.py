"""Of all that a source ever said on a question, the last word is what it says there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from domain.aspects import Aspect
from domain.belief.case import Cut, Floor, NotEnough
from domain.belief.word import ALWAYS, At, Held, Key, Word, same_value
from domain.claims import Claim, Question
from domain.standing import Standing
from domain.times import Interval, read

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Below:
    """A source's words of a smaller key are missing. None of them held at `over` or later (None: who knows)."""

    key: Key
    over: datetime | None


NO_FLOORS: Mapping[str, Below] = {}
"""Every word that was ever said is there."""


def own_words(cut: Cut, question: Question, aspect: Aspect, without: frozenset[str] = frozenset()) -> list[Word]:
    """Return what was said of the question itself, standing or not, and what claims on other aspects imply of it."""
    words = cut.own.get((question, id(aspect)))
    if words is None:
        words = cut.own[question, id(aspect)] = _collected(cut, question, aspect)
    return [word for word in words if not word.claim.speakers & without] if without else words


def floors(cut: Cut, question: Question, aspect: Aspect, without: frozenset[str] = frozenset()) -> Mapping[str, Below]:
    """Return, for each source whose old words on the question the case lacks, what is known of them."""
    if not cut.case.floors:
        return NO_FLOORS
    names = [aspect.name]
    if question.subject is None:
        names += [other.name for other in cut.view.implying(aspect.name)]
    found: dict[str, Below] = {}
    for name in names:
        for floor in cut.case.floors.get((question.location, name), ()):
            heard = name != aspect.name or floor.subject == question.subject
            if heard and floor.source not in without:
                below = Below(floor.key, _over(floor, aspect))
                found[floor.source] = _together(found.get(floor.source, below), below)
    return found


def _over(floor: Floor, aspect: Aspect) -> datetime | None:
    """Return when the missing words of a floor had all ended: those without an end, by the aspect's horizon."""
    if aspect.horizon_hours is None or floor.spoken is None or floor.ended is None:
        return None
    lapsed = _later(floor.spoken, timedelta(hours=aspect.horizon_hours))
    return None if lapsed is None else max(lapsed, floor.ended)


def _together(one: Below, other: Below) -> Below:
    over = None if one.over is None or other.over is None else max(one.over, other.over)
    return Below(max(one.key, other.key), over)


def _collected(cut: Cut, question: Question, aspect: Aspect) -> list[Word]:
    words = [
        word
        for standing in cut.recorded(question.location, aspect.name)
        if standing.claim.question.subject == question.subject
        for word in _words(cut, standing, aspect, aspect)
    ]
    if question.subject is None:
        for other in cut.view.implying(aspect.name):
            for standing in cut.recorded(question.location, other.name):
                words += _words(cut, standing, aspect, other)
    return words


def _words(cut: Cut, standing: Standing, aspect: Aspect, said: Aspect) -> tuple[Word, ...]:
    """Return what a claim on the aspect `said` says on `aspect`; the case remembers it, since it never changes."""
    remembered = cut.case.words
    key = (standing.claim.id, id(aspect), id(said))
    words = remembered.get(key)
    if words is None:
        words = remembered[key] = words_of(standing, aspect, said)
    return words


def words_of(standing: Standing, aspect: Aspect, said: Aspect) -> tuple[Word, ...]:
    """Return what a claim on the aspect `said` says on `aspect`, which may be the same."""
    return (_said(standing, aspect),) if aspect is said else tuple(_implied(standing, aspect, said))


def _said(standing: Standing, aspect: Aspect) -> Word:
    claim = standing.claim
    denies = claim.polarity == "denies"
    negation = aspect.negation(claim.value) if denies else None
    interval, stated = times_of(claim, aspect)
    value = negation if negation is not None else claim.value
    return Word(standing, claim.question, value, claim.quantity, denies and negation is None, None, interval, stated)


def _implied(standing: Standing, aspect: Aspect, said: Aspect) -> Iterator[Word]:
    claim = standing.claim
    question = Question(location=claim.question.location, aspect=aspect.name)
    for rule in said.implies:
        value = claim.question.subject if rule.value == "@subject" else rule.value
        implies = rule.aspect == aspect.name and claim.value in rule.values and value is not None
        if implies and claim.polarity == "asserts":
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
        held = Interval(held.start, _later(max(starts), timedelta(hours=aspect.horizon_hours)))
    return held, stated


def _later(moment: datetime, span: timedelta) -> datetime | None:
    """Return the moment so much later; None, which is no end, if that lies beyond the years that a time can have."""
    try:
        return moment + span
    except OverflowError:
        return None


def counts(word: Word, aspect: Aspect) -> bool:
    """Tell whether the word's modality may support or contest something; the others are only listed."""
    return aspect.kind == "plan" or word.claim.modality in ("asserted", "presupposed")


def begun(word: Word, aspect: Aspect, at: At) -> bool:
    """Tell whether what the word speaks of had begun; a plan counts from the moment it was stated."""
    return at.begun(word.stated if aspect.kind == "plan" else word.interval.start)


def last_words(
    words: Iterable[Word],
    aspect: Aspect,
    at: At,
    floors: Mapping[str, Below] = NO_FLOORS,
    since: datetime | None = None,
) -> list[Held]:
    """Return each source's last word (per value, where values do not exclude each other) among standing words.

    Words are missing below `floors`, and what was over at `since`. Raises NotEnough if one of them could be a last
    word, or what rules look for behind it.
    """
    sources: defaultdict[str, list[Word]] = defaultdict(list)
    ready = candidates(words, aspect, at)
    check_whole(ready, aspect, at, since)
    for word in sorted(ready, key=lambda word: word.key):
        sources[word.claim.source].append(word)
    voices = [one for spoken in sources.values() for one in (chains(spoken, same_value) if aspect.apart else [spoken])]
    if not floors:
        held = [_last(sorted(voice, key=lambda word: word.key), aspect, at, None) for voice in voices]
        return [one for one in held if one is not None]
    return _last_above(voices, aspect, at, floors)


def _last_above(voices: Sequence[list[Word]], aspect: Aspect, at: At, floors: Mapping[str, Below]) -> list[Held]:
    """Return the last words where some are missing; raises one NotEnough for all sources of whom there are too few."""
    held: list[Held | None] = []
    lacking: set[str] = set(floors) - {voice[0].claim.source for voice in voices}
    over: set[str] = set()
    for voice in voices:
        try:
            below = floors.get(voice[0].claim.source)
            held.append(_last(sorted(voice, key=lambda word: word.key), aspect, at, below))
        except NotEnough as lack:
            lacking |= lack.sources or set()
            over |= lack.over
    if lacking or over:
        raise NotEnough(lacking, over)
    return [one for one in held if one is not None]


def chains(members: Iterable[T], same: Callable[[T, T], bool]) -> list[list[T]]:
    """Group the members so that each is the same as some other of its group: quantities join through chains."""
    found: list[list[T]] = []
    for member in members:
        met: list[T] = []
        apart: list[list[T]] = []
        for group in found:
            if any(same(member, other) for other in group):
                met += group
            else:
                apart.append(group)
        found = [*apart, [*met, member]]
    return found


def candidates(words: Iterable[Word], aspect: Aspect, at: At) -> list[Word]:
    """Return the words that may be last words: for occurrences and tallies those of the latest episode."""
    ready = [word for word in words if begun(word, aspect, at) and counts(word, aspect)]
    if aspect.kind in ("occurrence", "tally"):
        found = episodes(ready, at)
        return found[-1] if found else []
    return ready


def check_whole(episode: Sequence[Word], aspect: Aspect, at: At, since: datetime | None) -> None:
    """Do nothing if what was over at `since` cannot be part of the episode; raises NotEnough."""
    if since is None or aspect.kind not in ("occurrence", "tally"):
        return
    starts = [word.interval.start for word in episode] or [None]
    if at.given is not None:
        starts = [at.given.start]
    if any(start is None or start < since for start in starts):
        raise NotEnough


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


def _last(voice: list[Word], aspect: Aspect, at: At, below: Below | None) -> Held | None:
    newest = voice[-1]
    if aspect.kind != "state":
        return Held(newest, tuple(reversed(voice[:-1])))
    for place in range(len(voice) - 1, -1, -1):
        word = voice[place]
        if below is not None and word.key < below.key:
            return _nothing(voice, aspect, at, below)  # a missing word may lie between this one and the one behind it
        if not word.says_the_same(newest if place == len(voice) - 1 else voice[place + 1]):
            return None
        if at.holds(word.interval):
            if below is not None and word.key[0] <= below.key[0]:
                raise NotEnough({word.claim.source})  # R6 asks for all that was said of the same time
            others = [one for one in voice if one is not word and (below is None or one.key >= below.key)]
            return Held(word, tuple(reversed(others)), cut_off=below is not None)
    return None if below is None else _nothing(voice, aspect, at, below)


def _nothing(voice: Sequence[Word], aspect: Aspect, at: At, below: Below) -> None:
    """Return that there is no last word, if neither what is there nor what is missing holds; raises NotEnough."""
    last, source = at.last, {voice[0].claim.source}
    if last is None or any(at.holds(word.interval) for word in voice):
        raise NotEnough(source)
    if below.over is None and aspect.horizon_hours is not None:
        raise NotEnough((), source)
    if below.over is None or below.over > last:
        raise NotEnough(source)
