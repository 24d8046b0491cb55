"""A claim changes what is believed of an instant only where it changes the last word of its own source."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import datetime

from domain.belief.bounds import shortly_before
from domain.belief.heard import NEVER, Heard, Lasting, Spoken, Told
from domain.belief.lasting import Moment
from domain.belief.word import ALWAYS

Stretch = tuple[datetime | None, datetime | None]
"""Instants from one on, up to but not including the other; None is without bound."""
LastWord = Callable[[Spoken, Moment], Lasting | None]
Seen = Callable[[Lasting], Hashable]
"""Gives all that a policy can see of a last word."""


def stretch(heard: Heard, claim: str, last_word: LastWord, seen: Seen) -> Stretch | None:
    """Return the shortest stretch outside of which each last word is to a policy what it is without the claim.

    None if that is so everywhere.
    """
    told, stands = heard.told.get(claim, ((), False))
    found: list[Stretch] = []
    for voice in {heard.voice_of(one) for one in told} if stands else ():
        spoken = heard.spoken[voice]
        own = [one for one in told if heard.voice_of(one) == voice]
        found += _differing(spoken, _bounds(spoken, own), claim, last_word, seen)
    return hull(found)


def hull(stretches: list[Stretch]) -> Stretch | None:
    """Return the shortest stretch that has all of these in it; None if there are none."""
    if not stretches:
        return None
    starts = [start for start, _ in stretches if start is not None]
    ends = [end for _, end in stretches if end is not None]
    everywhere = len(stretches)
    return min(starts) if len(starts) == everywhere else None, max(ends) if len(ends) == everywhere else None


def tells_first(heard: Heard, claim: str) -> bool:
    """Tell whether nothing that others told began before what the claim tells: it may be reported since then only."""
    told, _ = heard.told.get(claim, ((), False))
    earliest = [moments[0] for moments in (heard.reported, heard.standing) if moments]
    return any(one.key[0] in earliest for one in told)


def _bounds(spoken: Spoken, own: list[Told]) -> list[datetime]:
    """Return the instants from the claim's first on at which the last word of its source may become another."""
    start = min(one.key[0] for one in own)
    lasting = list(spoken.back(NEVER, start))
    found = {bound for one in lasting for bound in (one.key[0], one.end) if start <= bound < NEVER}
    return sorted(found | {start})


def _differing(
    spoken: Spoken, bounds: list[datetime], claim: str, last_word: LastWord, seen: Seen
) -> Iterator[Stretch]:
    for start, end in zip(bounds, [*bounds[1:], None], strict=True):
        moment = start if start != ALWAYS else shortly_before(end) if end is not None else ALWAYS
        one, was = last_word(spoken, Moment.at(moment)), last_word(spoken, Moment.at(moment, but=claim))
        if (one and seen(one)) != (was and seen(was)):
            yield (None if start == ALWAYS else start), end
