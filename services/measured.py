"""How long recording takes and how much goes in together is measured where it happens, in numbers that only grow."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate


class Spread:
    """How often something came to at most each of the bounds; for one thread that adds, and any that look."""

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        """The sum of all that was added."""

    def add(self, amount: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, amount)] += 1
        self.total += amount

    def buckets(self) -> list[tuple[str, float]]:
        """Return each bound with how many were at most that, as Prometheus wants it."""
        names = [*map(str, self._bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self._counts)), strict=True))


@dataclass(slots=True)
class Recording:
    """What one process has recorded since it began.

    `seconds` is from when a call came in to when all that it sent was committed, what waits before it included; a chunk
    of an import is one call. `together` is how many commands were committed at once, `events` how many events were
    added, and `failed` how many calls were not recorded because of the database or a defect; a refusal is no failure.
    """

    seconds: Spread = field(
        default_factory=lambda: Spread(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
    )
    together: Spread = field(
        default_factory=lambda: Spread(1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
    )
    events: int = 0
    failed: int = 0
