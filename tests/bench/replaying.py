"""How fast a view is built anew from all events, against the library's runner and against reading them alone."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import tuple_row

from bench import stock
from bench.heard import HEARD
from bench.ledgers import ledger
from bench.loading import load, ready_made
from bench.measuring import Bench, Row, compared, stopwatch
from services.bootstrap import Newsroom, open_newsroom
from services.catalogue import found_projections
from services.folding import Step
from services.orders import Order
from services.store.codec import decode_row
from services.store.embedded import Addresses
from services.store.event_log import EventLog

_READ = "SELECT notification_id, topic, state FROM ledger.ledger_events ORDER BY notification_id"
_PAGE = 5_000


@contextmanager
def open_loaded(bench: Bench, claims: int) -> Generator[tuple[Addresses, Newsroom, int]]:
    """Lend a newsroom on a ledger of so many claims without views, and its head."""
    with bench.database() as addresses:
        with EventLog(addresses.service) as log:
            head = load(log, ready_made(ledger(claims)))
        with open_newsroom(addresses, following=False) as room:
            yield addresses, room, head


class Replaying:
    """One ledger of ours and one of the library's with as many events of the size."""

    def __init__(self, addresses: Addresses, theirs: Addresses, room: Newsroom, head: int) -> None:
        self._addresses = addresses
        self._theirs = theirs
        self._room = room
        self._head = head
        bodies = (one.body for one in ledger(head) if one.type == "claim")
        self._last = stock.fill(theirs.owner, itertools.islice(bodies, head))
        self._names = itertools.count(1)

    def replays(self, name: str, step: Step | None = None, workers: int = 1) -> float:
        """Build the view anew and switch; return events a second."""
        with stopwatch() as seconds:
            place = self._room.projections.replay(name, None, Order(workers=workers), step=step)
        assert place.checkpoint == self._head, place
        self._room.projections.drop_old(name) if step is None else None
        return self._head / seconds()

    def reads(self) -> float:
        """Read and decode all by one server-side cursor in binary; return events a second."""
        with psycopg.connect(self._addresses.service) as connection, stopwatch() as seconds:
            cursor = psycopg.ServerCursor(connection, "all_events", row_factory=tuple_row)
            cursor.itersize = _PAGE
            read = sum(1 for row in cursor.execute(_READ, binary=True) if decode_row(*row))
        assert read == self._head
        return read / seconds()

    def runs(self, view: type) -> float:
        """Let the library's runner build the same view, or its counter; return events a second."""
        name = f"r{next(self._names)}"
        with stopwatch() as seconds:
            stock.run_projection(self._theirs.owner, view, name, self._last)
        return self._last / seconds()


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the rows of a trivial view."""
    with open_loaded(bench, bench.size) as (addresses, room, head), bench.database() as theirs:
        replaying = Replaying(addresses, theirs, room, head)
        found = bench.take_turns(
            {
                "replay": lambda: replaying.replays(HEARD.name, HEARD),
                "cursor": replaying.reads,
                "stock": lambda: replaying.runs(stock.HeardView),
            }
        )
    what, note = "replay of a trivial projection", f"{head:,} events"
    yield Row("replay", what, "stock ProjectionRunner with the same view", **compared(found, "replay", "stock"),
              bar=40, aim=60, at_most=False, unit="events/s", note=note)  # fmt: skip
    yield Row("replay", what, "raw binary cursor with the same decoding", **compared(found, "replay", "cursor"),
              bar=0.5, aim=0.8, at_most=False, unit="events/s", note=note)  # fmt: skip


def measure_picture(bench: Bench) -> Iterator[Row]:
    """Yield the rows of the full desk picture: alone, and by two processes."""
    claims = max(bench.size // 5, 200)
    with open_loaded(bench, claims) as (addresses, room, head), bench.database() as theirs:
        for name in found_projections():
            room.projections.replay(name)
        replaying = Replaying(addresses, theirs, room, head)
        found = bench.take_turns(
            {
                "picture": lambda: replaying.replays("picture"),
                "picture by two": lambda: replaying.replays("picture", workers=2),
                "stock": lambda: replaying.runs(stock.CounterView),
            }
        )
    note = f"{head:,} events"
    yield Row("picture", "replay of the full desk picture", "stock ProjectionRunner with a trivial counter",
              **compared(found, "picture", "stock"), bar=8, aim=20, at_most=False, unit="events/s",
              note=note)  # fmt: skip
    yield Row("picture", "the same with two workers", "with one", **compared(found, "picture by two", "picture"),
              bar=1.3, aim=1.7, at_most=False, unit="events/s", note=note)  # fmt: skip
