"""A process of its own that follows or replays a real ledger until it is done or killed.

Arguments: the connection string, `follow` or the name of the view to replay, the size of batches.
"""

from __future__ import annotations

import sys

from services.catalogue import found_projections
from services.projector import Projector
from services.replay import Replay
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.views import ViewWriter


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(conninfo: str, task: str, batch: int) -> None:
    steps = found_projections()
    with Connections(conninfo) as connections, EventLog(conninfo) as log:
        say("ready")
        if task == "follow":
            views = ViewReader(connections.fetch)
            projector = Projector(log, lambda: ViewWriter(connections), views, steps.values(), batch=batch)
            while projector.step():
                pass
            projector.stop()
        else:
            writer = ViewWriter(connections)
            Replay(log, writer, steps[task], batch=batch).run()
            writer.close()
    say("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
