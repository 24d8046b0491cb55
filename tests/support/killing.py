"""Processes are killed at moments that look like chance and come again for the same seed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from services.store.embedded import Addresses
from support import follower_process

TESTS = Path(follower_process.__file__).parents[1]
PATIENCE = 300.0


class Nursery:
    """The client of `support.follower_process`: begins processes, and knows which have ended and how."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._told = threading.Condition()
        self._began: list[int] = []
        self._ended: dict[int, int] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, pid, *status = line.split()
            with self._told:
                if word == "began":
                    self._began.append(int(pid))
                if word == "ended":
                    self._ended[int(pid)] = int(status[0])
                self._told.notify_all()

    def begin(self, conninfo: str, task: str, batch: int = 1, workers: int = 1) -> int:
        """Begin a process and return its number."""
        assert self._process.stdin is not None
        with self._told:
            before = len(self._began)
            self._process.stdin.write(f"{conninfo}|{task}|{batch}|{workers}\n")
            self._process.stdin.flush()
            assert self._told.wait_for(lambda: len(self._began) > before, PATIENCE)
            return self._began[-1]

    def ended(self, pid: int, within: float = 0.0) -> int | None:
        """Return the status of a process that has ended; None while it runs."""
        with self._told:
            self._told.wait_for(lambda: pid in self._ended, within)
            return self._ended.get(pid)

    def kill(self, pid: int) -> int:
        """Kill a process, if it still runs, and return its status."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        status = self.ended(pid, PATIENCE)
        assert status is not None
        return status


@contextmanager
def nursery(module: str = follower_process.__name__) -> Generator[Nursery]:
    """Lend a nursery: that of the followers, or another module that is one."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def digest(addresses: Addresses, view: str, place: str = "views") -> str:
    """The SHA-256 of every row of a view with all its columns."""
    query = sql.SQL('SELECT to_jsonb(kept)::text FROM {} AS kept ORDER BY key COLLATE "C", since')
    told = hashlib.sha256()
    with psycopg.connect(addresses.owner) as connection:
        for (row,) in connection.execute(query.format(sql.Identifier(place, view))):
            told.update(row.encode() + b"\n")
    return told.hexdigest()


class Moments:
    """When to kill, and whom."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def pass_by(self, most: float) -> None:
        """Let a part of so many seconds pass."""
        time.sleep(self._random.uniform(0.0, most))

    def one_of(self, some: list[int]) -> int:
        return self._random.choice(sorted(some))

    def name(self, some: list[str]) -> str:
        return self._random.choice(sorted(some))


def kill_stranger(pid: int) -> None:
    """Kill a process that somebody else began, if it still runs."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
