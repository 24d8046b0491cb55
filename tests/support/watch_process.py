"""A process that carries views, alerts and webhooks forward until nothing moves or somebody kills it.

`python -m support.watch_process` is a nursery like `support.follower_process`, whose task is the only one here.
"""

from __future__ import annotations

import signal
from base64 import b64encode
from datetime import UTC, datetime
from ipaddress import ip_network

from services.deliverer import Deliverer
from services.posting import Post
from services.projector import Projector
from services.signatures import Keys
from services.store.alerts import AlertWriter
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.views import ViewWriter
from services.store.webhooks import HookStore
from services.webhooks import Webhooks
from support import follower_process
from support.follower_process import all_steps
from support.watching import Watching

KEY = Keys(b64encode(b"a key that only the tests know..").decode())


def watch(conninfo: str, task: str, batch: int, workers: int) -> None:
    """Follow, find and send until nothing moves; what fails is tried again at once."""
    from services.facts import Facts
    from services.store.embedded import Addresses
    from support.ledger import PaperLedger

    del task, workers
    with Connections(conninfo) as connections, EventLog(conninfo) as log:
        views = ViewReader(connections.fetch)
        projector = Projector(log, lambda: ViewWriter(connections), views, all_steps().values(), batch=batch * 7)
        watching = Watching(
            Addresses(conninfo, conninfo), connections, log, PaperLedger(), projector, Facts(views, projector)
        )
        store, alerter = HookStore(connections), watching.alerter(batch)
        hooks = Webhooks(store, KEY, Post([ip_network("127.0.0.0/8")], deadline=2.0), lambda: datetime.now(UTC))
        deliverer = Deliverer(
            watching.feed, watching.reader, store, hooks, lambda: AlertWriter(connections), lambda *_: 0.0
        )
        while any([projector.step(), alerter.step(), deliverer.step()]):
            deliverer.settle()
        deliverer.stop()
        alerter.stop()
        projector.stop()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    follower_process.work = watch
    follower_process.nurse()
