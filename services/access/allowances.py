"""Nobody's calls keep those of others waiting: each caller has so many a minute, and they come back evenly.

What is left is kept by this one process: where several serve one ledger, each gives as many.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

MINUTE = 60.0
_MOST_KNOWN = 10_000
_LOST = 1e-6
"""Seconds that adding up fractions may lose."""


@dataclass(frozen=True, slots=True)
class Left:
    """Of `most` calls a minute, how many are left; after `full_in` seconds it is all of them.

    `wait` is 0 for a call that may be made, else the seconds until one may.
    """

    most: int
    left: int
    full_in: int
    wait: float = 0.0


class TooManyCalls(Exception):
    """A caller has used up what they have."""

    def __init__(self, said: str, left: Left) -> None:
        super().__init__(f"{said}: there may be {left.most} a minute, and the next one in {ceil(left.wait)} s")
        self.wait = ceil(left.wait)


class Allowance:
    """So many calls a minute for each caller: a bucket that holds as many, kept as the time at which it is full again.

    For one thread.
    """

    def __init__(self, a_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = a_minute
        self._each = MINUTE / a_minute
        self._now = now
        self._full_at: dict[str, float] = {}

    def take(self, who: str) -> Left:
        """Take one call of somebody's, if one is left."""
        now = self._now()
        full_at = max(self._full_at.get(who, now), now)
        after = full_at + self._each
        wait = after - now - MINUTE
        if wait > _LOST:
            return Left(self._most, 0, _whole(full_at - now), wait)
        self._make_room(now)
        self._full_at[who] = after
        return Left(self._most, round((MINUTE - (after - now)) // self._each), _whole(after - now))

    def is_used_up(self, who: str) -> Left | None:
        """Return what `take` would, where it would refuse; takes nothing."""
        now = self._now()
        full_at = self._full_at.get(who, now)
        wait = full_at + self._each - now - MINUTE
        return Left(self._most, 0, _whole(full_at - now), wait) if wait > _LOST else None

    def _make_room(self, now: float) -> None:
        """Forget whoever has all of theirs again; where that is nobody, all, which does them no harm."""
        if len(self._full_at) >= _MOST_KNOWN:
            self._full_at = {who: at for who, at in self._full_at.items() if at > now}
        if len(self._full_at) >= _MOST_KNOWN:
            self._full_at.clear()


def _whole(seconds: float) -> int:
    return ceil(seconds - _LOST)
