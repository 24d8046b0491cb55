"""A server we start dies with us, and a server that outlived its owner is found and ended before its data are touched.

Every name here speaks of operating system processes; nothing knows PostgreSQL beyond what its `postmaster.pid` says.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from services.store import embedded_launch
from services.store.embedded_home import EmbeddedFailed, ServerUser

STOP_SECONDS = 15.0
"""The patience with a fast shutdown (SIGINT) before an immediate one (SIGQUIT).

An immediate one is like a crash: nothing committed is lost, the next start recovers. It is needed, because PostgreSQL
18.6 hangs for ever if asked for a fast shutdown while it recovers from the crash of one of its own processes.
"""


class Child:
    """A program with a thread of its own, which starts it, waits for it, and lives exactly as long.

    Linux sends the death signal when the *thread* that made the child ends, so the caller's thread, which may be a
    short-lived worker, must not be the one.
    """

    def __init__(self, command: Sequence[str], user: ServerUser, log: BinaryIO, death_signal: signal.Signals) -> None:
        launcher = [sys.executable, "-I", "-S", embedded_launch.__file__]
        terms = [str(os.getpid()), str(user.uid), str(user.gid), str(int(death_signal))]
        started: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()

        def live() -> None:
            try:
                popen = subprocess.Popen(
                    [*launcher, *terms, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    # Its own group, so that ctrl-C in a terminal reaches us alone and we choose the order of the end.
                    process_group=0,
                )
            except OSError as error:
                started.put(error)
                return
            started.put(popen)
            popen.wait()

        self._thread = threading.Thread(target=live, name=f"keeper of {Path(command[0]).name}", daemon=True)
        self._thread.start()
        outcome = started.get()
        if isinstance(outcome, OSError):
            raise outcome
        self._popen = outcome

    @property
    def pid(self) -> int:
        """The process id; the launcher's at first, the same number for the command that takes its place."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self._thread.is_alive()

    @property
    def exit_status(self) -> int | None:
        """What the program ended with; None while it runs."""
        return self._popen.returncode

    def ended_within(self, seconds: float) -> bool:
        """Wait for the end, at most so many seconds, and say whether it came."""
        self._thread.join(seconds)
        return not self.alive

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a program that has ended does not mind."""
        self._popen.send_signal(number)


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` in a data folder says about the server that wrote it."""

    pid: int
    sockets: Path | None
    ready: bool


def written_postmaster(data: Path) -> Postmaster | None:
    """Read `postmaster.pid`; None if there is none or it is only half written.

    Its lines are those of PostgreSQL's `miscadmin.h`: pid, data folder, start time, port, socket folder, address,
    shared memory, status.
    """
    try:
        lines = (data / "postmaster.pid").read_text("utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    sockets = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return Postmaster(int(lines[0]), sockets, ready=len(lines) > 7 and lines[7].strip() == "ready")


def end_leftover_server(data: Path, sockets: Path) -> None:
    """Shut down a server that still runs on `data`, then remove what a dead one left behind.

    Call it only while holding the home's lock. A zombie, or a stranger to whom the system gave the same pid, counts
    as dead: to believe the pid alone would leave the home unusable for ever after a container restart.
    """
    written = written_postmaster(data)
    if written is not None and _serves(written.pid, data):
        _end(written.pid, data)
    # PostgreSQL still refuses to start beside orphans of a killed server: it asks for the shared memory by the data
    # folder's inode, not by this file.
    (data / "postmaster.pid").unlink(missing_ok=True)
    for folder in {sockets, written.sockets if written and written.sockets else sockets}:
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (folder / name).unlink(missing_ok=True)


def _end(pid: int, data: Path) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        give_up = time.monotonic() + STOP_SECONDS
        while time.monotonic() < give_up:
            if not _serves(pid, data):
                return
            time.sleep(0.02)
    raise EmbeddedFailed(
        f"an earlier PostgreSQL, process {pid}, still runs on {data} and does not end",
        advice=f"Look at process {pid}; end it with `kill -QUIT {pid}` and start again.",
    )


def _serves(pid: int, data: Path) -> bool:
    """Whether this pid is a living postgres on this data folder."""
    arguments = _arguments(pid)
    return bool(arguments) and Path(arguments[0]).name == "postgres" and str(data) in arguments[1:]


def _arguments(pid: int) -> list[str]:
    """Return a living program's command line, empty for a zombie, a stranger we may not see, or nobody."""
    if sys.platform == "linux":
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")[:-1]
        except OSError:
            return []
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    line = shown.stdout.strip()
    # `ps` joins arguments with spaces, so a folder with spaces in its name is cut at the options we always give.
    program, _, rest = line.partition(" -D ")
    return [program, rest.partition(" -k ")[0]] if rest else []
