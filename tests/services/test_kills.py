"""A kill at any moment leaves rows and checkpoint that fit each other, and the next process goes on from there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.projections import found
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from support import follower_process
from support.builders import corrects, relates, says, small_world, story, withdraws
from support.following import Following, following, refolded
from support.ledger import PaperLedger

pytestmark = pytest.mark.slow
TESTS = Path(follower_process.__file__).parents[1]
KILLS = 8


def a_ledger() -> PaperLedger:
    ledger = small_world()
    ledger.apply(story("siege", "minian/control"))
    for number in range(20):
        ledger.apply(
            says("sohr", "ongoing", claim=f"a{number}", story=["siege"]),
            says("rebels", "none", claim=f"b{number}"),
            relates(f"b{number}", "denies", f"a{number}"),
            withdraws(f"b{number}"),
            corrects(f"a{number}", says("sohr", "rebels", at="minian/control", claim=f"c{number}")),
        )
    return ledger


@pytest.fixture
def world(addresses: Addresses) -> Iterator[Following]:
    with following(addresses) as ready, EventLog(addresses.service) as log:
        log.append([one.event for one in a_ledger().history])
        ready.log.history = log.read(0, 10_000)
        yield ready


def begun(world: Following, task: str) -> subprocess.Popen[bytes]:
    """A process that has everything it needs and begins to work, one event a batch."""
    module = [sys.executable, "-m", "support.follower_process", world.addresses.service, task, "1"]
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    process = subprocess.Popen(module, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> None:
    time.sleep(seconds)
    process.kill()
    process.communicate()


def checkpoints(world: Following, place: str) -> list[int]:
    return [one.checkpoint for one in world.views.places() if one.place == place]


def test_killed_again_and_again_the_views_are_what_the_ledger_says(world: Following) -> None:
    for attempt in range(KILLS):
        kill_after(begun(world, "follow"), 0.03 + 0.037 * attempt)
        assert all(world.rows(name) == refolded_to(world, name) for name in found() if known(world, name))
    process = begun(world, "follow")
    process.communicate()
    assert process.returncode == 0
    assert checkpoints(world, "views") == [world.log.head()] * len(found())
    assert {name: world.rows(name) for name in found()} == {name: refolded(name, world.log.history) for name in found()}


def known(world: Following, name: str) -> bool:
    return any(place.name == name for place in world.views.places())


def refolded_to(world: Following, name: str) -> list[tuple[object, ...]]:
    checkpoint = next(place.checkpoint for place in world.views.places() if place.name == name)
    return refolded(name, [one for one in world.log.history if one.position <= checkpoint])


def test_a_replay_killed_again_and_again_goes_on_and_ends(world: Following) -> None:
    world.catch_up(batch=1_000)
    reached = []
    for attempt in range(KILLS // 2):
        kill_after(begun(world, "claims"), 0.03 + 0.02 * attempt)
        reached += checkpoints(world, "replay_claims")
        assert world.rows("claims") == refolded("claims", world.log.history)
    process = begun(world, "claims")
    process.communicate()
    assert process.returncode == 0
    assert reached == sorted(reached)
    assert world.rows("claims") == refolded("claims", world.log.history)
    assert checkpoints(world, "replay_claims") == []
