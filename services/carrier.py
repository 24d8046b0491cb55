"""What judges is carried forward by a process of its own: threads of one process share one lock of the interpreter."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Self

from services.carrying import END, Load, Word, run

_LOG = logging.getLogger(__name__)
_PAUSE = 1.0
"""Seconds between the death of the process and the beginning of the next one."""
_ENDS_WITHIN = 5.0
"""Seconds that the process has to end by itself."""


class Carrier:
    """One process for all desks of a service, begun with the first load; one that dies is followed by another."""

    def __init__(self, begin: Callable[[], object]) -> None:
        """Begin nothing yet. `begin` is what the process does first, to log as this one does; it is sent there."""
        self._begin = begin
        self._numbers = count(1)
        self._loads: dict[int, Load] = {}
        self._there: set[int] = set()
        self._orders: Connection | None = None
        self._process: BaseProcess | None = None
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="carrier", daemon=True)

    def take_up(self, load: Load) -> int:
        """Have a load carried from now on, and return the number by which it is put down."""
        with self._changed:
            number = next(self._numbers)
            self._loads[number] = load
            self._tell(number)
            if self._thread.ident is None:
                self._thread.start()
        return number

    def put_down(self, number: int) -> None:
        """Have it carried no longer; when this returns the process has let go of its database."""
        with self._changed:
            del self._loads[number]
            if number in self._there:
                self._say(Word(number, None))
            self._changed.wait_for(lambda: number not in self._there)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process. What it carries still is rolled back."""
        self._closing.set()
        with self._changed:
            self._say(END)
        if self._thread.ident is not None:
            self._thread.join(_ENDS_WITHIN)
            if self._process is not None and self._thread.is_alive():
                self._process.kill()
            self._thread.join()

    def _tell(self, number: int) -> None:
        if self._orders is not None:
            self._there.add(number)
            self._say(Word(number, self._loads[number]))

    def _say(self, word: Word) -> None:
        # One that has just died hears nothing: whatever is to be carried is told to the next one.
        with suppress(OSError):
            if self._orders is not None:
                self._orders.send(word)

    def _keep(self) -> None:
        while not self._closing.is_set():
            process = self._begun()
            self._listen()
            process.join()
            if not self._closing.is_set():
                _LOG.error("the process that carries views forward has ended (%s); another is begun", process.exitcode)
                self._closing.wait(_PAUSE)

    def _begun(self) -> BaseProcess:
        spawning = multiprocessing.get_context("spawn")
        here, there = spawning.Pipe()
        process = spawning.Process(target=run, args=(there, self._begin), name="carrier", daemon=True)
        with self._changed:
            process.start()
            there.close()
            self._process, self._orders = process, here
            for number in self._loads:
                self._tell(number)
            if self._closing.is_set():
                self._say(END)
        return process

    def _listen(self) -> None:
        """Take in what is said to have been put down, until the process is gone."""
        assert self._orders is not None
        try:
            while True:
                number = self._orders.recv()
                with self._changed:
                    self._there.discard(number)
                    self._changed.notify_all()
        except (EOFError, OSError):
            with self._changed:
                self._orders.close()
                self._orders = None
                self._there.clear()
                self._changed.notify_all()
