"""A process that builds a replay by itself goes on with what is recorded meanwhile, so nobody has to catch up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.crew import hiring
from services.exported import ExportedLog, stored_line
from services.orders import Order
from services.picture import PictureStep
from services.replay import Replay
from services.replaying import FEW
from services.replays import Progress
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.places import LIVE
from support.builders import says, small_world
from support.following import Following, following, refolded
from support.ledger import PaperLedger

BEFORE = 60
"""Claims that are there when a replay begins."""


@dataclass
class World:
    """A ledger in a database, and the views in use, which have taken in all of it."""

    following: Following
    log: EventLog
    paper: PaperLedger

    def record(self, claims: int) -> None:
        """Record so many claims, and let the views in use take them in."""
        before, known = self.log.head(), len(self.paper.standings)
        said = [says("sohr", ("ongoing", "none")[one % 2], claim=f"{known + one}") for one in range(claims)]
        self.paper.apply(*said)
        self.log.append([one.event for one in self.paper.history[before:]])
        self.following.log.extend(self.log.read(before, 10_000))
        self.following.catch_up(batch=1_000)

    def begun(self, order: Order, *, batch: int = 50, export: Path | None = None) -> Replay:
        """Begin a replay of the claims; what builds it begins with its next piece of work."""
        hire = hiring(self.following.addresses.service, batch, export)
        log = self.log if export is None else ExportedLog(export, self.log)
        replay = Replay(log, self.following.writer(), self.following.steps["claims"], order, batch=batch, hire=hire)
        replay.begin()
        return replay

    def must_be_switched(self, replay: Replay) -> None:
        """The replay ends at the head, with the rows that a fresh fold has."""
        place = replay.run()
        assert (place.place, place.generation, place.checkpoint) == (LIVE, 2, self.log.head())
        assert self.following.rows("claims") == refolded("claims", self.following.log.history)


@pytest.fixture
def world(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr("services.orders.APART", 1)
    with following(addresses) as ready, EventLog(addresses.service) as log:
        paper = small_world()
        log.append([one.event for one in paper.history])
        ready.log.extend(log.read(0, 10_000))
        world = World(ready, log, paper)
        world.record(BEFORE)
        yield world


def built(replay: Replay) -> Progress:
    """Build with all processes to their end, and return how far that was."""
    give_up = time.monotonic() + 300
    while (told := replay.progress()).phase == "building":
        assert time.monotonic() < give_up, told
        assert told.checkpoint <= told.head
        replay.advance()
    return told


def behind(goal: int, replay: Replay) -> Progress:
    """Begin the process, and return how far it is as soon as it is behind the goal."""
    replay.advance()
    give_up = time.monotonic() + 300
    while (told := replay.progress()).checkpoint <= goal:
        assert time.monotonic() < give_up, told
        time.sleep(0.01)
    return told


APART = Order(apart=True)


def test_a_process_that_builds_all_of_it_takes_in_what_is_recorded_meanwhile(world: World) -> None:
    replay = world.begun(APART)
    world.record(40)
    assert built(replay).checkpoint == world.log.head()
    world.must_be_switched(replay)


@pytest.mark.parametrize(
    ("order", "claims"),
    [(APART, FEW - 1), (Order(workers=2), 40), (Order("whatif_apart", apart=True), 40)],
    ids=["only a few", "two processes", "a what-if"],
)
def test_it_stops_at_the_goal_where_going_on_is_not_worth_it_or_would_be_wrong(
    world: World, order: Order, claims: int
) -> None:
    replay, goal = world.begun(order), world.log.head()
    world.record(claims)
    assert built(replay).checkpoint == goal
    replay.release()


def test_what_is_built_for_its_own_sake_up_to_a_position_stands_there(world: World) -> None:
    replay = world.begun(Order("whatif_then", upto=50, apart=True))
    place = replay.run()
    assert (place.checkpoint, place.state) == (50, "standing")
    assert world.following.rows("claims", "whatif_then") == refolded("claims", world.following.log.history[:50])


def test_a_process_that_is_killed_behind_the_goal_is_begun_again_and_goes_on(world: World) -> None:
    replay, goal = world.begun(APART, batch=1), world.log.head()
    world.record(600)
    told = behind(goal, replay)
    os.kill(told.workers[0].process or 0, signal.SIGKILL)
    assert goal < told.checkpoint < built(replay).checkpoint == world.log.head()
    world.must_be_switched(replay)


def test_a_replay_that_was_broken_off_behind_the_goal_goes_on_in_a_process_of_its_own(world: World) -> None:
    replay, goal = world.begun(APART, batch=1), world.log.head()
    world.record(600)
    told = behind(goal, replay)
    replay.release()
    assert told.head > goal
    again = world.begun(APART)
    assert again.progress().checkpoint >= told.checkpoint
    assert built(again).checkpoint == world.log.head()
    world.must_be_switched(again)


def test_behind_the_end_of_a_file_of_events_it_goes_on_with_the_log(world: World, tmp_path: Path) -> None:
    export = tmp_path / "events.ndjson"
    export.write_bytes(b"".join(stored_line(*row) + b"\n" for row in world.log.stored(0, 10_000)))
    replay = world.begun(APART, export=export)
    world.record(40)
    assert built(replay).checkpoint == world.log.head()
    world.must_be_switched(replay)


def test_the_picture_is_painted_onward_as_one_that_was_carried_along(world: World) -> None:
    painting, service = PictureStep(), world.following.addresses.service
    world.following.catch_up(painting, batch=500)
    replay = Replay(world.log, world.following.writer(), PictureStep(), APART, hire=hiring(service, 50))
    replay.begin()
    world.record(40)
    world.following.catch_up(painting, batch=500)
    carried = world.following.rows("picture")
    assert built(replay).checkpoint == world.log.head()
    replay.run()
    assert world.following.rows("picture") == carried
