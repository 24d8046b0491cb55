"""What follows a ledger, wired to a database of the test's own; the ledger itself may be on paper."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from domain.events import Recorded
from domain.projections import found
from services.catalogue import found_projections
from services.folding import FoldStep, Step
from services.projector import Projector
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.migrate import migrate
from services.store.views import ViewWriter


class PaperLog:
    """An event log in memory, for what follows it: the events of a `PaperLedger`, or any others."""

    def __init__(self, history: Sequence[Recorded] = ()) -> None:
        self.history = list(history)
        self._grown = threading.Condition()

    def extend(self, recorded: Iterable[Recorded]) -> None:
        with self._grown:
            self.history += recorded
            self._grown.notify_all()

    def read(self, after: int, limit: int) -> list[Recorded]:
        return [one for one in self.history if one.position > after][:limit]

    def head(self) -> int:
        return self.history[-1].position if self.history else 0

    def wait(self, after: int, timeout: float) -> bool:
        give_up = time.monotonic() + timeout
        with self._grown:
            while self.head() <= after and (left := give_up - time.monotonic()) > 0:
                self._grown.wait(left)
            return self.head() > after


@dataclass
class Following:
    """A projector and what else looks after the views of one database."""

    addresses: Addresses
    connections: Connections
    log: PaperLog
    steps: dict[str, FoldStep] = field(default_factory=dict)

    @property
    def views(self) -> ViewReader:
        return ViewReader(self.connections.fetch)

    def writer(self) -> ViewWriter:
        return ViewWriter(self.connections)

    def projector(self, *steps: Step, batch: int = 7) -> Projector:
        return Projector(self.log, self.writer, self.views, steps or self.steps.values(), batch=batch)

    def catch_up(self, *steps: Step, batch: int = 7) -> None:
        """Carry every view forward until nothing moves."""
        projector = self.projector(*steps, batch=batch)
        while projector.step():
            pass
        projector.stop()

    def run(self, statement: str, *given: object) -> list[tuple[object, ...]]:
        """Run a statement as the owner of the database: what a test looks at, or breaks, behind the service's back."""
        with psycopg.connect(self.addresses.owner, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), given or None)
            return cursor.fetchall() if cursor.description else []

    def rows(self, name: str, place: str = "views") -> list[tuple[object, ...]]:
        """Every row of a view, without its searchable columns."""
        query = sql.SQL("SELECT key, since, until, state FROM {} ORDER BY since, key")
        with psycopg.connect(self.addresses.owner) as connection:
            return connection.execute(query.format(sql.Identifier(place, name))).fetchall()


@contextmanager
def following(addresses: Addresses, history: Sequence[Recorded] = ()) -> Generator[Following]:
    """Give a projector's surroundings over this history, with every projection there is."""
    migrate(addresses.owner)  # rights on a database are not copied with a template
    with Connections(addresses.service) as connections:
        yield Following(addresses, connections, PaperLog(history), dict(found_projections()))


def refolded(name: str, history: Sequence[Recorded]) -> list[tuple[object, ...]]:
    """The rows that a view must have, derived in the plainest way there is."""
    projection = found()[name]
    rows: list[list[object]] = []
    current: dict[str, list[object]] = {}
    states: dict[str, object] = {}
    for one in history:
        for key in projection.keys(one.event):
            state = projection.evolve(states.get(key), key, one)
            if state is states.get(key):
                continue
            if key in current:
                current[key][2] = one.position
            states[key] = state
            if state is not None:
                current[key] = [key, one.position, None, projection.freeze(state)]
                rows.append(current[key])
    return sorted((tuple(row) for row in rows), key=lambda row: (row[1], row[0]))
