"""Whether something grows is judged by its slope against its own unrest, and told by the hour and by events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import median, quantiles

MINUTE = 60.0
ALLOWED = {
    "service MiB": 8.0, "service anonymous MiB": 8.0, "carrier MiB": 8.0, "service files": 3.0, "service threads": 3.0,
    "service sockets": 3.0, "PostgreSQL MiB": 8.0, "PostgreSQL largest MiB": 4.0, "PostgreSQL processes": 2.0,
    "PostgreSQL files": 30.0, "PostgreSQL files of dropped tables": 30.0, "PostgreSQL files beside tables": 10.0,
    "connections": 2.0, "connections idle in transaction": 1.0, "locks": 10.0,
    "schemas": 0.5, "relations": 2.0, "dead rows": 5_000.0, "append waiting": 2.0, "streams open": 1.0,
    "projection lag": 20.0, "alerts lag": 20.0, "pool in use": 1.0, "pool waiting": 1.0, "oldest transaction s": 5.0,
    "metrics lines": 20.0, "database MiB": 5.0,
}  # fmt: skip
"""What is judged, and by how much it may grow in the time looked at before its unrest is asked."""


@dataclass(frozen=True, slots=True)
class Slope:
    """How one reading went: medians of the first and the last third, by how much its line rises in all and an hour.

    `unrest` is how far the medians of minutes lie from the line, at the median; `events` how many were recorded.
    """

    name: str
    first: float
    last: float
    most: float
    rise: float
    an_hour: float
    unrest: float
    late_an_hour: float
    events: int
    is_long: bool
    grows: bool

    @property
    def verdict(self) -> str:
        """What is to be thought of it, in one sentence."""
        if not self.is_long:
            return (
                f"{self.name}: five minutes are needed ({self.first:,.1f} to {self.last:,.1f}, most {self.most:,.1f})."
            )
        if not self.grows:
            return f"{self.name}: does not grow ({self.first:,.1f} to {self.last:,.1f}, most {self.most:,.1f})."
        by_events = f", {self.rise / self.events * 1_000:,.2f} for 1,000 events" if self.events else ""
        late = f"; {self.late_an_hour:+,.1f} an hour in the second half of it"
        return (
            f"{self.name}: GROWS, {self.first:,.1f} to {self.last:,.1f}, {self.an_hour:+,.1f} an hour{by_events}{late}."
        )

    def json(self) -> dict[str, object]:
        """Return all of it."""
        return {**asdict(self), "verdict": self.verdict}


def slope_of(name: str, points: Sequence[tuple[float, float]], events: int = 0) -> Slope:
    """Judge readings (seconds, value), one after the other; the median slope of all pairs of minutes is no outlier's.

    It grows if it rises by more than what is allowed and by more than three times its unrest; five minutes are needed.
    """
    minutes = _by_minute(points)
    an_hour, unrest = _line(minutes)
    late, _ = _line(minutes[len(minutes) // 2 :])
    values = [value for _, value in minutes]
    third = max(1, len(values) // 3)
    rise = an_hour / 60 * (minutes[-1][0] - minutes[0][0])
    return Slope(
        name=name,
        first=median(values[:third]),
        last=median(values[-third:]),
        most=max(value for _, value in points),
        rise=rise,
        an_hour=an_hour,
        unrest=unrest,
        late_an_hour=late,
        events=events,
        is_long=len(minutes) >= 5,
        grows=len(minutes) >= 5 and rise > max(ALLOWED.get(name, 0.0), 3 * unrest),
    )


STEADY = 1.3
"""By so many times as much a percentile of the last third of a run may lie above that of the first."""


def pace_of(kind: str, points: Sequence[tuple[float, float]], end: float) -> str:
    """Say in a sentence whether calls (seconds, milliseconds) take longer at the end than they did at the beginning."""
    first = points_of([taken for at, taken in points if at < end / 3])
    last = points_of([taken for at, taken in points if at >= end * 2 / 3])
    if min(first["calls"], last["calls"]) < 20:
        return f"{kind}: too few calls to tell."
    rises = any(last[name] > STEADY * first[name] for name in ("p50", "p95"))
    told = ", ".join(f"{name} {first[name]:,.0f} to {last[name]:,.0f} ms" for name in ("p50", "p95", "p99"))
    return f"{kind}: {'RISES' if rises else 'steady'}, {told}."


def _by_minute(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    found: dict[int, list[float]] = {}
    for at, value in points:
        found.setdefault(int(at // MINUTE), []).append(value)
    return [(float(minute), median(values)) for minute, values in sorted(found.items())]


def _line(minutes: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return by how much it rises in an hour, and how far from that line the minutes lie."""
    if len(minutes) < 2:
        return 0.0, 0.0
    slope = median((b - a) / (y - x) for (x, a), (y, b) in combinations(minutes, 2))
    rests = [value - slope * minute for minute, value in minutes]
    middle = median(rests)
    return slope * 60, median(abs(rest - middle) for rest in rests)


def points_of(times: Sequence[float]) -> dict[str, float]:
    """Return how many there are, and their percentiles."""
    if not times:
        return {"calls": 0}
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else list(times) * 99
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(times)}
    return {"calls": len(times), **{name: round(value, 1) for name, value in found.items()}}
