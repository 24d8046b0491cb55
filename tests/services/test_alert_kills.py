"""Whoever follows the ledger, finds alerts and sends them out can be killed at any moment: all arrive, none is another.

ONRECORD_TEST_KILLS says how many kills there are, as in test_kills (6 by itself).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from services.posting import Post
from services.store.embedded import Addresses
from services.store.webhooks import HookStore
from services.webhooks import Webhook, Webhooks
from support.builders import small_world
from support.killing import Moments, Nursery, nursery
from support.receiving import receiving, says
from support.watch_process import KEY
from support.watching import Reckoned, chapters, told_by, watching

pytestmark = pytest.mark.slow
_LOG = logging.getLogger(__name__)
KILLS = int(os.environ.get("ONRECORD_TEST_KILLS", "6"))


@pytest.fixture(scope="module")
def beginner() -> Iterator[Nursery]:
    with nursery("support.watch_process") as running:
        yield running


def test_alerts_arrive_whoever_is_killed(addresses: Addresses, beginner: Nursery) -> None:
    moments, told, killed = Moments("alerts"), count(), 0
    with watching(addresses) as desk, receiving() as receiver:
        answers = iter(204 if number % 5 else 503 for number in count())
        receiver.answer = lambda call: says(call, next(answers))
        store = HookStore(desk.connections)
        hooks = Webhooks(store, KEY, Post(), lambda: datetime.now(UTC))
        hooks.keep(Webhook(name="desk", url=receiver.url))
        desk.projector.stop()
        desk.paper = small_world()
        desk.log.append([one.event for one in desk.paper.history])
        for _ in range(KILLS):
            # Who has nothing to do is not killed in the midst of it.
            if not store.counted():
                desk.tell(*chapters(told, 1))
            pid = beginner.begin(addresses.service, "watch", batch=moments.one_of([1, 2, 5]))
            moments.pass_by(1.2)
            killed += beginner.kill(pid) < 0
        _LOG.info("alerts: %d moments, %d of them in the midst of work", KILLS, killed)
        assert beginner.ended(beginner.begin(addresses.service, "watch", batch=5), 300) == 0
        alerts = desk.alerts()
        assert told_by(alerts) == Reckoned(desk.log.read(0, 100_000)).by_events()
        assert [one.number for one in alerts] == list(range(1, len(alerts) + 1))
        assert len({one.id for one in alerts}) == len(alerts) > KILLS
        # At least once, and each the same whenever it came.
        assert set(receiver.ids) == {one.id for one in alerts}
        assert len({(one.headers["webhook-id"], one.body) for one in receiver.got}) == len(alerts)
        assert {row["state"] for row in hooks.deliveries("desk", None, 0, 10_000)} == {"delivered"}
