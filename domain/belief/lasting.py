"""Whose last word on a question is which, found in what was heard without looking at all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.belief.heard import NEVER, Heard, Spoken, Told
from domain.belief.word import At

Source = tuple[str, str | None]
"""A source, and the value that it speaks of where values are judged apart."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A last word, and the other words of its source that began together with it: rules ask for no earlier ones."""

    told: Told
    beside: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as it is asked about: `before` is the end of V, `last` the last instant in it."""

    before: datetime
    last: datetime
    latest: bool

    @staticmethod
    def of(at: At) -> Moment:
        """Read an instant; `At.given` None asks for the latest episode."""
        end, last = at.interval.end, at.last
        return Moment(end or NEVER, last or NEVER, latest=at.given is None)


def last_words(heard: Heard, moment: Moment) -> list[Lasting]:
    """Return each source's last word among what was told of the place itself; as `words.last_words` does."""
    if heard.spans is None:
        found = ((one, one.state(moment.before, moment.last)) for one in heard.spoken.values())
        return [Lasting(told, _beside(one, told)) for one, told in found if told is not None]
    if not moment.latest:
        found = ((one, one.meeting(moment.before, moment.last)) for one in heard.spoken.values())
        return [
            Lasting(told, _beside(one, told, lambda other: other.end > moment.last))
            for one, told in found
            if told is not None
        ]
    start = heard.spans.episode(moment.before)
    if start is None:
        return []
    found = ((one, one.since(start, moment.before)) for one in heard.spoken.values())
    return [Lasting(told, _beside(one, told)) for one, told in found if told is not None]


def _beside(spoken: Spoken, told: Told, also: Callable[[Told], bool] | None = None) -> tuple[Told, ...]:
    if len(spoken.told) < 2:
        return ()
    together = spoken.together(told.key[0])
    return tuple(one for one in together if one is not told and (also is None or also(one)))


def last_words_above(heard: Heard, at_part: Callable[[str], Heard | None], moment: Moment) -> list[Lasting]:
    """Return each source's last word on a whole: what was told of it, and last words on its parts that count for it.

    `heard` has what was told of the whole and of its parts; `at_part` gives what was told of one part alone.
    """
    if not moment.latest or heard.spans is None:
        lasting = [source for source, one in heard.spoken.items() if one.lasts(moment.before, moment.last)]
        found = _state if heard.spans is None else _meeting
        return [one for source in lasting for one in found(heard, source, at_part, moment)]
    return list(_latest(heard, at_part, moment))


def _state(heard: Heard, source: Source, at_part: Callable[[str], Heard | None], moment: Moment) -> Iterator[Lasting]:
    """Whatever comes up from a part holds, so the run of what was told of the whole ends at the newest of it."""
    spoken = heard.spoken[source]
    came_up: list[Told] = []
    seen: set[str] = set()
    for told in spoken.back(moment.before, moment.last):
        if told.part is not None and told.part not in seen:
            seen.add(told.part)
            there = at_part(told.part)
            held = there.spoken[source].state(moment.before, moment.last) if there else None
            if held is not None and held.travels:
                came_up.append(_same(spoken, held))
    newest = max(came_up, key=lambda told: told.key, default=None)
    found = _own_run(spoken, newest, moment)
    if found is not None:
        yield Lasting(found, _beside(spoken, found, lambda other: other.part is None or other in came_up))


def _own_run(spoken: Spoken, newest: Told | None, moment: Moment) -> Told | None:
    following: Told | None = None
    for place in range(spoken.begun(moment.before) - 1, -1, -1):
        told = spoken.told[place]
        if told.part is None or told is newest:
            if following is not None and not told.word.says_the_same(following.word):
                return None
            if told.end > moment.last:
                return told
            following = told
    return None


def _same(spoken: Spoken, at_part: Told) -> Told:
    """Return what came up from a part as it is on the whole."""
    claim = at_part.word.standing.claim.id
    return next(one for one in spoken.together(at_part.key[0]) if one.word.standing.claim.id == claim)


def _meeting(heard: Heard, source: Source, at_part: Callable[[str], Heard | None], moment: Moment) -> Iterator[Lasting]:
    """Of what meets V the newest; at a part a word that does not count for the whole silences those before it."""
    silent: set[str] = set()
    spoken = heard.spoken[source]
    for told in spoken.back(moment.before, moment.last):
        if told.end > moment.last and (told.part is None or told.part not in silent):
            if told.part is None or told.travels:
                yield Lasting(told, _beside(spoken, told, lambda one: _meets(one, source, at_part, moment)))
                return
            silent.add(told.part)


def _meets(told: Told, source: Source, at_part: Callable[[str], Heard | None], moment: Moment) -> bool:
    if told.end <= moment.last or told.part is None:
        return told.end > moment.last
    there = at_part(told.part)
    last = there.spoken[source].meeting(moment.before, moment.last) if there else None
    return last is not None and last.travels and last.word.standing.claim.id == told.word.standing.claim.id


def _latest(heard: Heard, at_part: Callable[[str], Heard | None], moment: Moment) -> Iterator[Lasting]:
    """Go back through all that began, part by part, until nothing before can reach the latest episode."""
    if heard.spans is None:
        return
    spans: list[tuple[datetime, datetime]] = []
    came_up: dict[Source, list[Told]] = {}
    seen: set[str] = set()
    episode: datetime | None = None
    for start, end, part, reached in heard.spans.back(moment.before):
        if episode is not None and reached <= episode:
            break
        found = _of_part(heard, at_part(part), moment) if part and part not in seen else []
        seen.add(part)
        for told in found:
            came_up.setdefault(heard.voice_of(told), []).append(told)
        more = [(told.key[0], told.end) for told in found] if part else [(start, end)]
        spans += more
        episode = _begin(spans) if more else episode
    if episode is not None:
        for source, spoken in heard.spoken.items():
            yield from _since(spoken, came_up.get(source, []), episode, moment)


def _of_part(heard: Heard, there: Heard | None, moment: Moment) -> list[Told]:
    """Return the last words of a part's latest episode that count for the whole."""
    start = there.spans.episode(moment.before) if there is not None and there.spans is not None else None
    if there is None or start is None:
        return []
    last = ((source, spoken.since(start, moment.before)) for source, spoken in there.spoken.items())
    return [_same(heard.spoken[source], told) for source, told in last if told is not None and told.travels]


def _begin(spans: list[tuple[datetime, datetime]]) -> datetime | None:
    """Return when the latest of the episodes that these words make began."""
    found: datetime | None = None
    reached: datetime | None = None
    for start, end in sorted(spans):
        if reached is None or reached <= start:
            found, reached = start, end
        else:
            reached = max(reached, end)
    return found


def _since(spoken: Spoken, came_up: list[Told], episode: datetime, moment: Moment) -> Iterator[Lasting]:
    newest = max((one for one in came_up if one.key[0] >= episode), key=lambda told: told.key, default=None)
    for place in range(spoken.begun(moment.before) - 1, -1, -1):
        told = spoken.told[place]
        if told.key[0] < episode:
            return
        if told.part is None or told is newest:
            yield Lasting(told, _beside(spoken, told, lambda one: one.part is None or one in came_up))
            return
