"""The service of the demo is a child of this process and ends with it, whichever way that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import IO, Self

import httpx2

from services.cli.failures import Failed
from services.cli.serving import PROGRAM
from services.settings import Settings, environment_for
from services.store import embedded_launch

_READY_SECONDS = 300.0
"""A new home is made within seconds; recovery after a crash can take its time."""
_STOP_SECONDS = 30.0
_TAIL = 2_000


class Service:
    """The service in a process of its own, from `with` to its end; `address` is where it answers."""

    def __init__(self, settings: Settings) -> None:
        self.address = f"http://{settings.host}:{settings.port}"
        self._settings = settings
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the service)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it answers; raises Failed with what it said if it ended instead."""
        terms = [str(os.getpid()), str(os.geteuid()), str(os.getegid()), str(int(signal.SIGTERM))]
        self._process = subprocess.Popen(
            # Even if we are killed without a chance to end it, it is told to end.
            [sys.executable, "-I", "-S", embedded_launch.__file__, *terms, sys.executable, "-m", PROGRAM],
            env=environment_for(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            # Its own group: ctrl-C in a terminal reaches us alone, and we end it in order.
            process_group=0,
        )
        try:
            self._await_answer(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def wait(self) -> None:
        """Return when the service ends by itself; raises Failed, since nobody asked it to."""
        if self._process is not None:
            self._process.wait()
            raise Failed(f"the service ended by itself. {self._last_words()}")

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + _READY_SECONDS
        with httpx2.Client(base_url=self.address, timeout=5, trust_env=False) as client:
            while time.monotonic() < give_up:
                if process.poll() is not None:
                    raise Failed(self._last_words().removeprefix("onrecord: "))
                with suppress(httpx2.TransportError):
                    if client.get("/readyz").status_code == HTTPStatus.OK:
                        return
                time.sleep(0.05)
        raise Failed(f"the service does not get ready. {self._last_words()}")

    def _last_words(self) -> str:
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(self._said.tell() - _TAIL, 0))
        return self._said.read().decode(errors="replace").strip() or "It said nothing."

    def _stop(self) -> None:
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._said.close()
