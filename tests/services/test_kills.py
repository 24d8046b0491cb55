"""A kill at any moment leaves rows and checkpoint that fit; whoever goes on ends with what a fresh fold gives.

`ONRECORD_TEST_KILLS` is how many moments there are, over all tests of this module (10 by itself).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from domain.commands import Command
from domain.projections import found
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.verify import verify
from support.builders import corrects, relates, says, small_world, story, tie, unties, withdraws
from support.database import Cluster, fresh_database
from support.follower_process import all_steps
from support.following import Following, following, refolded
from support.killing import Moments, Nursery, digest, kill_stranger, nursery
from support.ledger import PaperLedger

pytestmark = pytest.mark.slow
_LOG = logging.getLogger(__name__)
KILLS = int(os.environ.get("ONRECORD_TEST_KILLS", "10"))
FOLLOWING, ALONE, IN_CREW = KILLS * 2 // 5, KILLS * 2 // 5, KILLS - KILLS * 4 // 5
VIEWS = sorted(all_steps())


def chapter(number: int) -> list[Command]:
    """Some more of a story: claims of every fate, ties that begin and end, at a place of its own now and then."""
    at = ("minian", "aleppo", "syria")[number % 3]
    bond = ("sohr", "allied_with", "rebels")
    return [
        says("sohr", "ongoing", claim=f"a{number}", at=f"{at}/fighting", story=["siege"]),
        says("rebels", "none", claim=f"b{number}", at=f"{at}/fighting"),
        relates(f"b{number}", "denies", f"a{number}"),
        withdraws(f"b{number}"),
        corrects(f"a{number}", says("sohr", "rebels", at=f"{at}/control", claim=f"c{number}")),
        tie(*bond) if number % 4 == 0 else says("army", "government", at=f"{at}/control", claim=f"d{number}"),
        *([unties(*bond)] if number % 4 == 3 else []),
    ]


@dataclass
class World:
    """A ledger in a database, the views that follow it, and how much of the story was told."""

    following: Following
    log: EventLog
    paper: PaperLedger
    told: Iterator[int] = field(default_factory=count)

    @property
    def addresses(self) -> Addresses:
        return self.following.addresses

    @property
    def conninfo(self) -> str:
        return self.addresses.service

    def tell(self, chapters: int) -> None:
        """Record some more chapters."""
        before = self.paper.head
        for _ in range(chapters):
            self.paper.apply(*chapter(next(self.told)))
        self.log.append([one.event for one in self.paper.history[before:]])
        self.following.log.history = self.log.read(0, 100_000)

    def behind(self) -> bool:
        """Whether a view in use has not taken in everything."""
        places = [one for one in self.following.views.places() if one.place == "views"]
        return len(places) < len(VIEWS) or any(one.checkpoint < self.log.head() for one in places)

    def must_be_whole(self) -> None:
        """Every view of events holds exactly what its checkpoint says, whatever was killed."""
        history = self.following.log.history
        for place in self.following.views.places():
            if place.place == "views" and place.name in found():
                known = [one for one in history if one.position <= place.checkpoint]
                assert self.following.rows(place.name) == refolded(place.name, known), place

    def digests(self) -> dict[str, str]:
        return {view: digest(self.addresses, view) for view in VIEWS}


@pytest.fixture
def world(addresses: Addresses) -> Iterator[World]:
    with following(addresses) as ready, EventLog(addresses.service) as log:
        paper = small_world()
        paper.apply(story("siege", "minian/control"))
        log.append([one.event for one in paper.history])
        world = World(ready, log, paper)
        world.tell(12)
        yield world


@pytest.fixture(scope="module")
def beginner() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


def must_end(beginner: Nursery, pid: int) -> None:
    assert beginner.ended(pid, 300) == 0


def must_equal_a_fresh_fold(world: World, cluster: Cluster, beginner: Nursery) -> None:
    """Every view has the digest of one that was folded in another database, by a process that nobody killed."""
    assert not world.behind(), world.following.views.places()
    with fresh_database(cluster) as elsewhere, following(elsewhere), EventLog(elsewhere.service) as log:
        log.append([one.event for one in world.log.read(0, 100_000)])
        must_end(beginner, beginner.begin(elsewhere.service, "follow", 500))
        fresh = {view: digest(elsewhere, view) for view in VIEWS}
    # The registry's rows hold instants of recording, which are others in another database.
    assert {**world.digests(), "registry": ""} == {**fresh, "registry": ""}
    writer = world.following.writer()
    verified = verify(world.log, writer, all_steps().values())
    writer.close()
    assert (verified.faults, sorted(verified.views)) == ([], VIEWS)


def test_a_projector_that_is_killed_again_and_again(world: World, cluster: Cluster, beginner: Nursery) -> None:
    moments, killed = Moments("projector"), 0
    for _ in range(FOLLOWING):
        if not world.behind():
            world.tell(15)
        pid = beginner.begin(world.conninfo, "follow", batch=moments.one_of([1, 3, 20]))
        moments.pass_by(0.5)
        killed += beginner.kill(pid) < 0
        world.must_be_whole()
    _LOG.info("a projector: %d moments, %d of them in the midst of work", FOLLOWING, killed)
    must_end(beginner, beginner.begin(world.conninfo, "follow", 7))
    must_equal_a_fresh_fold(world, cluster, beginner)


def test_a_replay_that_is_killed_again_and_again(world: World, cluster: Cluster, beginner: Nursery) -> None:
    must_end(beginner, beginner.begin(world.conninfo, "follow", 500))
    before, moments, killed = world.digests(), Moments("replay"), 0
    view = moments.name(VIEWS)
    for _ in range(ALONE):
        pid = beginner.begin(world.conninfo, view, batch=moments.one_of([1, 3, 20]))
        moments.pass_by(0.8)
        if beginner.kill(pid) == 0:
            view = moments.name(VIEWS)
        else:
            killed += 1
        assert world.digests() == before
    _LOG.info("a replay: %d moments, %d of them in the midst of work", ALONE, killed)
    must_end(beginner, beginner.begin(world.conninfo, view, 7))
    must_equal_a_fresh_fold(world, cluster, beginner)


def workers(world: World) -> list[int]:
    """The processes that build shares, as far as they have told."""
    rows = world.following.run("SELECT worker FROM views.replay_shares WHERE worker IS NOT NULL")
    return [int(str(worker)) for (worker,) in rows]


def test_a_replay_by_several_processes_of_which_any_is_killed(
    world: World, cluster: Cluster, beginner: Nursery
) -> None:
    must_end(beginner, beginner.begin(world.conninfo, "follow", 500))
    before, moments, killed = world.digests(), Moments("crew"), 0
    view, pid = moments.name(VIEWS), 0
    for _ in range(IN_CREW):
        if not pid:
            pid = beginner.begin(world.conninfo, view, 1, workers=2)
        moments.pass_by(8.0)
        victim = moments.one_of([pid, pid, *workers(world)])
        killed += 1
        if victim != pid:
            kill_stranger(victim)
        elif beginner.kill(pid) == 0:
            killed -= 1
            view, pid = moments.name(VIEWS), 0
        else:
            pid = 0
        assert world.digests() == before
    _LOG.info("a replay by two processes: %d moments, %d of them in the midst of work", IN_CREW, killed)
    if pid:
        must_end(beginner, pid)
    must_end(beginner, beginner.begin(world.conninfo, view, 50, workers=2))
    must_equal_a_fresh_fold(world, cluster, beginner)
