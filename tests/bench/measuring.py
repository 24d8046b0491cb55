"""A figure is a ratio of two things that took turns on one machine in one run; absolute rates stand beside it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TypedDict

import psycopg

from services.store.embedded import Addresses, EmbeddedPostgres
from support.database import Cluster, fresh_database, open_folder

Contenders = Mapping[str, Callable[[], float]]
"""What takes turns, by name; each call is one round and returns a rate or a time."""
Rounds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `ratio` is ours against the other, which `bar` bounds and `aim` would be better still.

    `at_most` says that less is better. A row without a bar is there to be known.
    """

    name: str
    what: str
    against: str
    ratio: float
    bar: float | None
    aim: float | None
    at_most: bool
    ours: float
    theirs: float
    unit: str
    note: str = ""

    @property
    def met(self) -> str:
        """Whether the bar, or even the aim, is met."""
        if self.bar is None:
            return ""
        if self._reaches(self.aim):
            return "aim"
        return "met" if self._reaches(self.bar) else "NOT MET"

    def _reaches(self, mark: float | None) -> bool:
        if mark is None:
            return False
        return self.ratio <= mark if self.at_most else self.ratio >= mark

    def json(self) -> dict[str, object]:
        """Return all of it."""
        return {**asdict(self), "met": self.met}


@dataclass
class Bench:
    """Where rows are measured: a durable server of its own, `size` claims and `rounds` rounds."""

    cluster: Cluster
    size: int
    rounds: int
    told: Callable[[str], None] = field(default=lambda said: None)

    @contextmanager
    def database(self) -> Generator[Addresses, None, None]:
        """Lend a migrated database that is dropped afterwards."""
        with fresh_database(self.cluster) as addresses:
            yield addresses

    def take_turns(self, contenders: Contenders, rounds: int | None = None) -> Rounds:
        """Let each do one round, then each the next: what else the machine does meanwhile meets all of them."""
        found: Rounds = {name: [] for name in contenders}
        for number in range(rounds or self.rounds):
            for name, contender in contenders.items():
                found[name].append(contender())
                self.told(f"round {number + 1}: {name} {found[name][-1]:,.4g}")
        return found


@contextmanager
def open_bench(size: int, rounds: int, told: Callable[[str], None]) -> Generator[Bench, None, None]:
    """Start a server for the time of the measurement; it flushes what it commits, as a desk's does."""
    with open_folder() as folder, EmbeddedPostgres(folder / "home") as server:
        yield Bench(Cluster(server.start()), size, rounds, told)


class Figures(TypedDict):
    """What a row says of two contenders."""

    ratio: float
    ours: float
    theirs: float


def compared(found: Rounds, ours: str, theirs: str) -> Figures:
    """Return the median of the ratios of the rounds, and the medians of either."""
    ratios = [one / other for one, other in zip(found[ours], found[theirs], strict=True)]
    return {"ratio": median(ratios), "ours": median(found[ours]), "theirs": median(found[theirs])}


@contextmanager
def stopwatch() -> Generator[Callable[[], float], None, None]:
    """Lend the seconds since the beginning; they stand still at the end."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


def machine(conninfo: str) -> Iterator[tuple[str, object]]:
    """Yield what the figures depend on besides the program."""
    yield "python", platform.python_version()
    yield "system", f"{platform.system()} {platform.machine()}"
    yield "cores", os.cpu_count()
    yield "load average", [round(load, 1) for load in os.getloadavg()]
    with psycopg.connect(conninfo) as connection:
        for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            yield f"postgresql {name}", row[0] if row else None
