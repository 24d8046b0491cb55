"""Whose last word on a question is which, found in what was heard without looking at all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from domain.belief.heard import NEVER, Heard, Lasting, Spoken, Told
from domain.belief.word import At

Source = tuple[str, str | None]
"""A source, and the value that it speaks of where values are judged apart."""
FindLast = Callable[[Spoken, "Moment"], Lasting | None]
"""Finds one source's last word of an instant."""
AtPart = Callable[[str], Heard | None]
"""Gives what was told of a part alone."""
TICK = timedelta(microseconds=1)
"""How long an instant is."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as it is asked about: `before` is the end of V, `last` the last instant in it.

    `but` names a claim that is left out.
    """

    before: datetime
    last: datetime
    latest: bool
    but: str | None = None

    @staticmethod
    def of(at: At) -> Moment:
        """Read an instant; `At.given` None asks for the latest episode."""
        end, last = at.interval.end, at.last
        return Moment(end or NEVER, last or NEVER, latest=at.given is None)

    @staticmethod
    def at(moment: datetime, *, latest: bool = False, but: str | None = None) -> Moment:
        """Return the moment of an instant."""
        return Moment(moment + TICK, moment, latest, but)


def last_words(heard: Heard, moment: Moment) -> list[Lasting]:
    """Return each source's last word among what was told of the place itself; as `words.last_words` does."""
    if heard.spans is None or not moment.latest:
        return _all(heard, moment, partial(last_word, heard))
    start = heard.spans.episode(moment.before)
    if start is None:
        return []
    said = ((one, one.since(start, moment.before)) for one in heard.spoken.values())
    return [Lasting(told, _beside(one, told, moment)) for one, told in said if told is not None]


def _all(heard: Heard, moment: Moment, find: FindLast) -> list[Lasting]:
    found = (remembered(spoken, moment, find)[2] for spoken in heard.spoken.values())
    return [one for one in found if one is not None]


def remembered(spoken: Spoken, moment: Moment, find: FindLast) -> tuple[datetime, datetime, Lasting | None]:
    """Find a source's last word, and the instants [from, to) of it, or remember them: who is silent is asked often."""
    found, last = spoken.found, moment.last
    if found is None or last < found[0] or last >= found[1]:
        found = spoken.found = (*spoken.around(last), find(spoken, moment))
    return found


def last_word(heard: Heard, spoken: Spoken, moment: Moment) -> Lasting | None:
    """Return one source's last word of an instant among what was told of the place itself."""
    if heard.spans is None:
        told = spoken.state(moment.before, moment.last, moment.but)
        return None if told is None else Lasting(told, _beside(spoken, told, moment))
    told = spoken.meeting(moment.before, moment.last, moment.but)
    return None if told is None else Lasting(told, _beside(spoken, told, moment, lambda one: one.end > moment.last))


def _beside(spoken: Spoken, told: Told, moment: Moment, also: Callable[[Told], bool] | None = None) -> tuple[Told, ...]:
    if len(spoken.told) < 2:
        return ()
    together = spoken.together(told.key[0])
    if len(together) < 2:
        return ()
    but = moment.but
    return tuple(
        one for one in together if one is not told and (but is None or one.claim != but) and (also is None or also(one))
    )


def last_words_above(heard: Heard, at_part: AtPart, moment: Moment) -> list[Lasting]:
    """Return each source's last word on a whole: what was told of it, and last words on its parts that count for it.

    `heard` has what was told of the whole and of its parts; `at_part` gives what was told of one part alone.
    """
    if not moment.latest or heard.spans is None:
        return _all(heard, moment, finds_above(heard, at_part))
    return list(_latest(heard, at_part, moment))


def finds_above(heard: Heard, at_part: AtPart) -> FindLast:
    """Return how a source's last word on the whole is found."""
    return lambda spoken, moment: last_word_above(heard, spoken, at_part, moment)


def last_word_above(heard: Heard, spoken: Spoken, at_part: AtPart, moment: Moment) -> Lasting | None:
    """Return one source's last word of an instant on a whole."""
    return (_state if heard.spans is None else _meeting)(heard, spoken, at_part, moment)


def _state(heard: Heard, spoken: Spoken, at_part: AtPart, moment: Moment) -> Lasting | None:
    """Whatever comes up from a part holds, so the run of what was told of the whole ends at the newest of it."""
    come_up = partial(_come_up, heard, spoken, at_part, moment)
    found = _own_run(spoken, _newest(spoken, come_up, moment), moment)
    if found is None:
        return None
    return Lasting(found, _beside(spoken, found, moment, lambda other: other.part is None or come_up(other) == other))


def _come_up(heard: Heard, spoken: Spoken, at_part: AtPart, moment: Moment, told: Told) -> Told | None:
    """Return the last word on the part that this was told of, as it is on the whole; None if it does not count."""
    there = at_part(told.part) if told.part is not None else None
    held = there.spoken[heard.voice_of(told)].state(moment.before, moment.last, moment.but) if there else None
    return _same(spoken, held) if held is not None and held.travels else None


def _newest(spoken: Spoken, come_up: Callable[[Told], Told | None], moment: Moment) -> Told | None:
    """Return the newest word that comes up from a part.

    A part's last word is no newer than the newest that was told of it: what is left behind one older than the one found
    cannot be newer, and who speaks of a hundred places is not asked about all of them at every instant.
    """
    found: Told | None = None
    seen: set[str] = set()
    for told in spoken.back(moment.before, moment.last, moment.but):
        if found is not None and told.key <= found.key:
            break
        if told.part is not None and told.part not in seen:
            seen.add(told.part)
            newer = come_up(told)
            if newer is not None and (found is None or found.key < newer.key):
                found = newer
    return found


def _own_run(spoken: Spoken, newest: Told | None, moment: Moment) -> Told | None:
    following: Told | None = None
    for told in spoken.back(moment.before, moment.last, moment.but):
        if told is newest or told.part is None:
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


def _meeting(heard: Heard, spoken: Spoken, at_part: AtPart, moment: Moment) -> Lasting | None:
    """Of what meets V the newest; at a part a word that does not count for the whole silences those before it."""
    silent: set[str] = set()
    for told in spoken.back(moment.before, moment.last, moment.but):
        if told.end > moment.last and (told.part is None or told.part not in silent):
            if told.part is None or told.travels:
                voice = heard.voice_of(told)
                return Lasting(told, _beside(spoken, told, moment, partial(_meets, voice, at_part, moment)))
            silent.add(told.part)
    return None


def _meets(source: Source, at_part: AtPart, moment: Moment, told: Told) -> bool:
    if told.end <= moment.last or told.part is None:
        return told.end > moment.last
    there = at_part(told.part)
    last = there.spoken[source].meeting(moment.before, moment.last, moment.but) if there else None
    return last is not None and last.travels and last.word.standing.claim.id == told.word.standing.claim.id


def _latest(heard: Heard, at_part: AtPart, moment: Moment) -> Iterator[Lasting]:
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
        began_since = ((source, one) for source, one in heard.spoken.items() if one.keys[-1][0] >= episode)
        for source, spoken in began_since:
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
            yield Lasting(told, _beside(spoken, told, moment, lambda one: one.part is None or one in came_up))
            return
