"""The command line as others meet it: a process with arguments, streams and an exit status."""

from __future__ import annotations

import io
import json
import os
import pty
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from services.cli import main

PATIENCE = 300.0
"""Seconds that a command may take on a busy machine before the test gives up on it."""


class Ended:
    """How a command ended and what it said."""

    def __init__(self, status: int, out: bytes, error: bytes) -> None:
        self.status = status
        self.out = out.decode()
        self.error = error.decode()

    @property
    def json(self) -> dict[str, Any]:
        """What it printed, as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it printed, as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def flowing(self) -> str:
        """What it printed, without the breaks of its lines."""
        return " ".join(self.out.split())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", *arguments]


def environment(home: Path, **given: str) -> dict[str, str]:
    """An environment in which only `given` and the home are set of what we read."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        bare.pop(name, None)
    # Whoever tests access says so.
    return {**bare, "ONRECORD_HOME": str(home), "ONRECORD_ACCESS": "open", **given}


class Terminal:
    """Runs commands on one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, stdin: bytes = b"", **variables: str) -> Ended:
        """Run a command to its end."""
        done = subprocess.run(
            command(*arguments),
            env=environment(self.home, **variables),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def here(self, *arguments: str, **variables: str) -> Ended:
        """Run a command within this process, which spares the second that a new one takes to begin."""
        streams = {name: io.TextIOWrapper(io.BytesIO(), write_through=True) for name in ("stdout", "stderr")}
        handler = signal.getsignal(signal.SIGTERM)
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - environment(self.home).keys():
                patch.delenv(name)
            for name, value in environment(self.home, **variables).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["onrecord", *arguments])
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as ended:
                main()
        signal.signal(signal.SIGTERM, handler)
        said = [cast("io.BytesIO", stream.buffer).getvalue() for stream in streams.values()]
        return Ended(int(ended.value.code or 0), *said)


@contextmanager
def started(home: Path, *arguments: str) -> Generator[subprocess.Popen[bytes], None, None]:
    """Lend a command under way, whose output can be read; killed afterwards if it still runs."""
    process = subprocess.Popen(
        command(*arguments), env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Screen:
    """A command on a terminal of its own; everything it shows there is kept."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self._process = process
        self._shown = bytearray()
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(terminal,), daemon=True)
        self._reader.start()

    def _read(self, terminal: int) -> None:
        # A terminal whose program is gone answers with an error, which is its end of file.
        with suppress(OSError):
            while piece := os.read(terminal, 65_536):
                with self._grown:
                    self._shown += piece
                    self._grown.notify_all()

    def shows(self, text: str) -> bool:
        """Wait until the text is on the screen, and tell whether it ever was."""
        with self._grown:
            return self._grown.wait_for(lambda: text.encode() in self._shown, PATIENCE)

    def interrupt(self) -> int:
        """Press ctrl-C and return the exit status."""
        self._process.send_signal(signal.SIGINT)
        return self.end()

    def end(self) -> int:
        """Return the exit status."""
        status = self._process.wait(PATIENCE)
        self._reader.join(5)
        return status

    @property
    def plain(self) -> str:
        """What was shown, without what only moved or coloured it."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.text)

    @property
    def text(self) -> str:
        return self._shown.decode(errors="replace")


@contextmanager
def on_a_terminal(home: Path, *arguments: str, **variables: str) -> Generator[Screen, None, None]:
    """Lend a command that runs on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        env=environment(home, TERM="xterm", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # Whoever is started in the background by a shell ignores ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    try:
        yield Screen(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def free_port() -> int:
    """Return a port that nobody listens at, and that nobody is given who does not ask for this very one."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")
