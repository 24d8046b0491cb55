"""Work behind the scenes goes on by itself: it waits for a lost database and outlives any error until it is stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from services.errors import CorruptLedger, StoreUnavailable
from services.named import named_thread

_LOG = logging.getLogger(__name__)


class Work(NamedTuple):
    """What is done over and over, by one thread.

    `step` tells whether there was anything to do; where there was not, `rest` waits for it (some time at most).
    `give_up` lets go of connections and of the locks that go with them, so that another process may take the work over.
    A step that failed has to have left nothing half done.
    """

    name: str
    step: Callable[[], bool]
    rest: Callable[[], object]
    give_up: Callable[[], object]


class Tireless:
    """Does one work in a thread of its own, from `start` to `stop`, and may then be started again."""

    def __init__(self, work: Work, pause: float) -> None:
        """Wait `pause` seconds after an error."""
        self._work = work
        self._pause = pause
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_ending(self) -> bool:
        """Whether the end was asked for, and whatever takes long should be left."""
        return self._ending.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the end is asked for."""
        self._ending.wait(seconds)

    def start(self) -> None:
        """Begin."""
        self._ending.clear()
        self._thread = named_thread(self._run, self._work.name)
        self._thread.start()

    def stop(self) -> None:
        """Finish the step under way and give everything up to others; not started, give up what was taken by hand."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._work.give_up()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                if not self._work.step():
                    self._work.rest()
            except (StoreUnavailable, CorruptLedger) as error:
                _LOG.warning("%s: waiting, because %s", self._work.name, error)
                self._begin_again()
            except Exception:  # noqa: BLE001 (work that ceased without a word would be worse)
                # Whatever it was, nothing of the step was kept, and it is tried again.
                _LOG.exception("%s: begun again after an unexpected error", self._work.name)
                self._begin_again()

    def _begin_again(self) -> None:
        self._work.give_up()
        self._ending.wait(self._pause)
