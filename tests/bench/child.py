"""A command is run in a process of its own, and the most memory that it ever had is what the system says it had."""

from __future__ import annotations

import atexit
import json
import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took: seconds, its own peak and that of the largest of its children in MiB, and its last line."""

    seconds: float
    peak: float
    children_peak: float
    done: dict[str, Any]


class CommandFailed(Exception):
    """A command that is measured ended with an error."""


def run(conninfo: str, *command: str) -> Ran:
    """Run a command of `onrecord` on a database, with `--json`; raises CommandFailed."""
    with tempfile.NamedTemporaryFile("r") as report:
        words = [sys.executable, "-m", "bench.child", report.name, "--url", conninfo, *command, "--json"]
        began = time.perf_counter()
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if ran.returncode != 0:
            raise CommandFailed(f"{' '.join(command)}: {ran.stderr[-2_000:]}{ran.stdout[-500:]}")
        peaks = json.loads(report.read())
    return Ran(seconds, peaks["own"], peaks["children"], _last(ran.stdout))


def _last(printed: str) -> dict[str, Any]:
    """Return the report's last line, or all of it if it is one."""
    try:
        return json.loads(printed.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return json.loads(printed) if printed.strip() else {}


def peak() -> float:
    """Return the peak of this process in MiB; not that of `getrusage`, which counts the parent's before `exec`."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


def _tell(report: str) -> None:
    # A forked child of ours would write as well.
    if os.getpid() == _PID:
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        Path(report).write_text(json.dumps({"own": peak(), "children": children}))


_PID = os.getpid()

if __name__ == "__main__":
    atexit.register(_tell, sys.argv[1])
    sys.argv = ["onrecord", *sys.argv[2:]]
    runpy.run_module("services.cli", run_name="__main__", alter_sys=True)
