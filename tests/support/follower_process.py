"""Processes that follow or replay a real ledger until they are done or killed, without each beginning from nothing.

`python -m support.follower_process` is a nursery: it imports everything once, and for each line on its standard input
(`CONNINFO|TASK|BATCH|WORKERS`, the task being `follow` or the name of a view to replay) begins a process by forking. It
tells `began PID`, and later `ended PID STATUS`, which is negative for who was killed and `CANCELLED` for a replay that
somebody cancelled.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from contextlib import suppress

from services.catalogue import found_projections
from services.crew import hiring
from services.folding import Step
from services.orders import Order, ReplayCancelled
from services.picture import PictureStep
from services.projector import Projector
from services.replay import Replay
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.views import ViewWriter

CANCELLED = 3


def all_steps() -> dict[str, Step]:
    """Every view that a service carries forward."""
    return {**found_projections(), "picture": PictureStep()}


def work(conninfo: str, task: str, batch: int, workers: int) -> None:
    """Follow until nothing moves, or replay to the end."""
    steps = all_steps()
    with Connections(conninfo) as connections, EventLog(conninfo) as log:
        if task == "follow":
            views = ViewReader(connections.fetch)
            projector = Projector(log, lambda: ViewWriter(connections), views, steps.values(), batch=batch)
            while projector.step():
                pass
            projector.stop()
        else:
            writer = ViewWriter(connections)
            hire = hiring(conninfo, batch) if workers > 1 else None
            Replay(log, writer, steps[task], Order(workers=workers), batch=batch, hire=hire).run()
            writer.close()


def say(*told: object) -> None:
    sys.stdout.write(" ".join(map(str, told)) + "\n")
    sys.stdout.flush()


def begin(line: str) -> None:
    conninfo, task, batch, workers = line.rstrip("\n").rsplit("|", 3)
    child = os.fork()
    if child:
        say("began", child)
        return
    status = 1
    try:
        work(conninfo, task, int(batch), int(workers))
        status = 0
    except ReplayCancelled:
        status = CANCELLED
    except BaseException:  # noqa: BLE001 (nothing may get out of a forked process but its status)
        traceback.print_exc()
    finally:
        os._exit(status)


def nurse() -> None:
    """Begin what is asked for, and tell what has ended, until nobody asks any more."""
    say("ready", os.getpid())
    while True:
        asked, _, _ = select.select([sys.stdin], [], [], 0.01)
        if asked:
            line = sys.stdin.readline()
            if not line:
                return
            begin(line)
        with suppress(ChildProcessError):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                say("ended", pid, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nurse()
