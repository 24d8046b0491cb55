"""Of what was said on a state, only that is kept in memory which can still be a last word; the rest can be loaded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.heard import NEVER, Heard, Spoken


def can_be_trimmed(aspect: Aspect | None) -> bool:
    """Tell whether old words of the aspect are covered by newer ones, and by nothing but words of the aspect itself."""
    if aspect is None or aspect.kind != "state" or aspect.apart or aspect.implies:
        return False
    return aspect.inherits is None or aspect.inherits.direction == "down"


def middle(heard: Iterable[Heard]) -> datetime | None:
    """Return an instant that about half of what stands began before; None if nothing stands."""
    starts = sorted(key[0] for one in heard for spoken in one.spoken.values() for key in spoken.keys)
    return starts[len(starts) // 2] if starts else None


def covered(heard: Heard, floor: datetime) -> set[str]:
    """Return the claims that nobody looks back to from an instant behind the floor."""
    return {name for spoken in heard.spoken.values() for name in _covered(spoken, floor)}


def _covered(spoken: Spoken, floor: datetime) -> Iterable[str]:
    """Whoever looks back stops at a word that holds for ever, and at what began together with it."""
    lasting = (told.key[0] for told in reversed(spoken.told) if told.end is NEVER and told.key[0] <= floor)
    start = next(lasting, None)
    if start is not None:
        for told in spoken.told:
            if told.key[0] >= start:
                return
            yield told.word.claim.id
