"""A kill at any moment leaves rows and checkpoint that fit; whoever goes on ends with what a fresh fold gives.

`ONRECORD_TEST_KILLS` is how many moments there are, over all tests of this module that leave them to chance (10 by
itself).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import psycopg
import pytest

from domain.commands import Command
from domain.projections import found
from services.cancelling import cancel_replay
from services.replay import Replay
from services.store.connections import service_conninfo
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.verify import verify
from support.builders import corrects, relates, says, small_world, story, tie, unties, withdraws
from support.database import Cluster, fresh_database
from support.follower_process import CANCELLED, all_steps
from support.following import Following, following, refolded
from support.killing import PATIENCE, Moments, Nursery, digest, kill_stranger, nursery
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


BEFORE_ROWS_ARE_LAID = ("LOCK TABLE replay_claims.claims IN ACCESS SHARE MODE", False)
"""CLUSTER wants the table for itself, and so waits for any reader."""
BETWEEN_TWO_INDEXES = ("CREATE TABLE replay_claims.claims_lasting ()", True)
"""An index waits for whoever is about to take its name: rows are laid by then, and some of the indexes are made."""
WAITING_FOR = "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
HAS_THE_TABLE = (
    "SELECT granted FROM pg_locks"
    " WHERE pid = %s AND relation = 'replay_claims.claims'::regclass AND mode = 'AccessExclusiveLock'"
)
GONE = "SELECT 1 WHERE %s NOT IN (SELECT pid FROM pg_stat_activity)"
in_the_midst_of_indexing = pytest.mark.parametrize(
    ("hold", "has_laid_rows"), [BEFORE_ROWS_ARE_LAID, BETWEEN_TWO_INDEXES], ids=["rows", "indexes"]
)


def eventually(happened: Callable[[], list[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    """Wait until there is something, and return it."""
    give_up = time.monotonic() + PATIENCE
    while not (told := happened()):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return told


@contextmanager
def indexing(world: World, beginner: Nursery, hold: str, *, has_laid_rows: bool) -> Generator[tuple[int, int]]:
    """Replay the claims in another process and hold it up while indexes are made, as long as the context lasts.

    Gives its number and that of its server process, which does the work.
    """
    run, writer = world.following.run, world.following.writer()
    begun = Replay(world.following.log, writer, all_steps()["claims"])
    begun.begin()
    begun.release()
    writer.close()
    with psycopg.connect(service_conninfo(world.conninfo, idle_in_transaction_session_timeout="10min")) as connection:
        connection.execute(hold.encode())
        pid = beginner.begin(world.conninfo, "claims", 500)
        [(server,)] = eventually(lambda: run(WAITING_FOR, connection.info.backend_pid))
        assert run("SELECT phase FROM views.replays") == [("indexing",)]
        assert run(HAS_THE_TABLE, server) == [(has_laid_rows,)]
        yield pid, int(str(server))
        connection.rollback()


def laid(world: World, place: str) -> list[tuple[object, ...]]:
    """Where claims speak of, in the order in which their rows lie on the disk."""
    return world.following.run(f"SELECT location, aspect, recorded FROM {place}.claims ORDER BY ctid")  # noqa: S608


def indexes(world: World, place: str) -> list[tuple[object, ...]]:
    statement = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = 'claims' ORDER BY 1"
    return world.following.run(statement, place)


def traces(world: World) -> list[tuple[object, ...]]:
    """All there is in the database, and how all views and replays stand."""
    return world.following.run(
        "SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
        " WHERE nspname NOT LIKE 'pg\\_%'"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'"
        " UNION ALL SELECT to_jsonb(one)::text FROM views.projections AS one"
        " UNION ALL SELECT to_jsonb(one)::text FROM views.replays AS one"
        " UNION ALL SELECT to_jsonb(one)::text FROM views.replay_shares AS one ORDER BY 1"
    )


@in_the_midst_of_indexing
def test_a_replay_that_is_killed_while_indexes_are_made_goes_on_and_ends_right(
    world: World, cluster: Cluster, beginner: Nursery, hold: str, has_laid_rows: bool
) -> None:
    must_end(beginner, beginner.begin(world.conninfo, "follow", 500))
    before, wanted = world.digests(), indexes(world, "views")
    with indexing(world, beginner, hold, has_laid_rows=has_laid_rows) as (pid, server):
        assert beginner.kill(pid) < 0
    # The server learns of the death when it has something to say, and until then holds the replay's lock.
    eventually(lambda: world.following.run(GONE, server))
    assert laid(world, "replay_claims") != sorted(laid(world, "replay_claims"))
    assert len(indexes(world, "replay_claims")) == 1
    assert world.digests() == before
    must_end(beginner, beginner.begin(world.conninfo, "claims", 500))
    assert world.following.run("SELECT phase FROM views.replays") == [("switched",)]
    assert laid(world, "views") == sorted(laid(world, "views"))
    assert indexes(world, "views") == wanted
    must_equal_a_fresh_fold(world, cluster, beginner)


@in_the_midst_of_indexing
def test_a_replay_that_is_cancelled_while_indexes_are_made_leaves_nothing(
    world: World, beginner: Nursery, hold: str, has_laid_rows: bool
) -> None:
    must_end(beginner, beginner.begin(world.conninfo, "follow", 500))
    before, untouched, writer = world.digests(), traces(world), world.following.writer()
    with indexing(world, beginner, hold, has_laid_rows=has_laid_rows) as (pid, _):
        assert cancel_replay(writer, all_steps()["claims"])
        assert world.digests() == before
    assert beginner.ended(pid, PATIENCE) == CANCELLED
    assert not cancel_replay(writer, all_steps()["claims"])
    writer.close()
    assert traces(world) == untouched
    assert world.digests() == before
