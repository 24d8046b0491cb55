"""Whoever carries a view dies without a word, and another process carries it on within seconds."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.process import BaseProcess

import pytest

from services.store.embedded import Addresses
from services.store.event_log import EventLog
from support.builders import says, small_world
from support.carrier import carry
from support.following import Following, following, refolded

pytestmark = pytest.mark.slow
SECONDS = 60
"""In which a view has another carrier; it takes about one, where nothing else has the machine."""


def carrier(addresses: Addresses) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=carry, args=(addresses.service,), daemon=True)
    process.start()
    return process


def holders(world: Following) -> int:
    """How many processes hold a view by its lock."""
    found = world.run(
        "SELECT DISTINCT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND datname = current_database()"
    )
    return len(found)


def wait_for_head(world: Following, log: EventLog, seconds: float) -> float:
    """How many seconds it took until every view had taken in the last event."""
    began, head = time.monotonic(), log.head()
    while {place.checkpoint for place in world.views.places()} != {head}:
        assert time.monotonic() - began < seconds, world.views.places()
        time.sleep(0.02)
    return time.monotonic() - began


def test_another_process_takes_over_when_the_one_that_carries_is_killed(addresses: Addresses) -> None:
    told = small_world()
    with following(addresses) as world, EventLog(addresses.service) as log:
        log.append([one.event for one in told.history])
        first = carrier(addresses)
        wait_for_head(world, log, 300)
        second = carrier(addresses)
        told.apply(says("sohr", "ongoing", claim="a"), says("rebels", "none", claim="b"))
        log.append([one.event for one in told.history[log.head() :]])
        wait_for_head(world, log, 300)
        assert holders(world) == 1
        first.kill()
        first.join()
        told.apply(says("army", "none", claim="c"))
        log.append([told.history[-1].event])
        wait_for_head(world, log, SECONDS)
        assert world.rows("claims") == refolded("claims", log.read(0, 10_000))
        second.kill()
        second.join()
