"""A process of its own carries views forward for a service, and ends when nobody is left who wants them carried."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import NamedTuple

from services.errors import MigrationRefused, NotMigrated, StoreUnavailable
from services.folding import JUDGED, Step
from services.named import named_thread, of_desk
from services.projector import Projector
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.views import ViewWriter
from services.traces import traced

_SWEEP = 300_000
"""Objects made before Python looks for circles among them; see `services.bootstrap`."""
_PAUSE = 1.0
"""Seconds between two tries on a lost database."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be carried: these views of one desk's ledger. It goes through a pipe, as its password must."""

    conninfo: str = field(repr=False)
    steps: tuple[Step, ...]
    desk: str | None


class Word(NamedTuple):
    """Take up the load of this number or, where there is None, put it down and say so by its number; 0: end."""

    number: int
    load: Load | None


END = Word(0, None)


def run(orders: Connection, begin: Callable[[], object]) -> None:
    """Do what is ordered until whoever orders is gone, however it died; `begin` comes first."""
    # A terminal or a supervisor tells every process of ours to end. Only the one who began us knows when it is time.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    gc.set_threshold(_SWEEP)
    begin()
    with traced():
        _obey(orders)
    # What was under way is rolled back, and the next one takes it up: nobody waits for it here.
    os._exit(0)


def _obey(orders: Connection) -> None:
    carried: dict[int, _Carried] = {}
    saying = threading.Lock()

    def put_down(number: int, what: _Carried) -> None:
        what.stop()
        with saying:
            orders.send(number)

    try:
        while True:
            word: Word = orders.recv()
            if word == END:
                return
            if word.load is not None:
                with of_desk(word.load.desk):
                    carried[word.number] = _Carried(word.load)
            else:
                # Apart, since it finishes the batch under way, and other desks have orders to give.
                given = word.number, carried.pop(word.number)
                threading.Thread(target=put_down, args=given, daemon=True).start()
    except (EOFError, OSError):
        return


class _Carried:
    """One load on its way, from its making to `stop`; a database that is away is waited for."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._ending = threading.Event()
        self._thread = named_thread(self._run, "carrying")
        self._thread.start()

    def stop(self) -> None:
        """Finish the batches under way, and give the views up to others."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._carry()
            except (StoreUnavailable, NotMigrated, MigrationRefused):
                self._ending.wait(_PAUSE)

    def _carry(self) -> None:
        conninfo = self._load.conninfo
        with EventLog(conninfo, most=2) as log, Connections(conninfo, most=2) as connections:
            views = ViewReader(connections.fetch)
            projector = Projector(log, lambda: ViewWriter(connections), views, self._load.steps, batch=JUDGED)
            projector.start()
            self._ending.wait()
            log.let_go()
            projector.stop()
