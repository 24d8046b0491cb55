"""A replay that is cut off or cancelled at its worst moment goes on, or is gone: never what nobody asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString, TypeVar

import psycopg
import pytest

from services.bootstrap import open_newsroom
from services.cancelling import cancel_replay
from services.orders import Order, ReplayCancelled
from services.replay import Replay
from services.store.building import Building
from services.store.connections import service_conninfo
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.places import Place
from support.builders import says, small_world, withdraws
from support.following import Following, following
from support.killing import Nursery, nursery

pytestmark = pytest.mark.slow
T = TypeVar("T")
LOCK = "SELECT pg_advisory_lock(hashtextextended('replay of replay_claims', 0))"
WAITING_FOR = "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
LEFT = """
SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'replay%' OR nspname LIKE 'whatif%'
 UNION ALL SELECT name FROM views.replays
 UNION ALL SELECT place FROM views.projections WHERE place <> 'views'
"""


@pytest.fixture(scope="module")
def beginner() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


@pytest.fixture
def world(addresses: Addresses) -> Iterator[Following]:
    """A ledger with its views, and a replay of the claims that somebody began and left."""
    paper = small_world()
    for number in range(10):
        words = says("sohr", "ongoing", claim=f"a{number}"), says("rebels", "none", claim=f"b{number}")
        paper.apply(*words, withdraws(f"b{number}"))
    with EventLog(addresses.service) as log:
        log.append([one.event for one in paper.history])
        with following(addresses, log.read(0, 1_000)) as ready:
            ready.catch_up(batch=1_000)
            writer = ready.writer()
            begun = Replay(ready.log, writer, ready.steps["claims"])
            begun.begin()
            begun.release()
            writer.close()
            yield ready


@contextmanager
def session(world: Following, order: LiteralString) -> Iterator[psycopg.Connection]:
    """Hold something for as long as it takes."""
    conninfo = service_conninfo(world.addresses.service, idle_in_transaction_session_timeout="10min")
    with psycopg.connect(conninfo) as holding:
        holding.execute(order)
        yield holding
        holding.rollback()


@pytest.fixture
def held(world: Following) -> Iterator[psycopg.Connection]:
    """Let the rows of what is built not be laid in order; `rollback` lets it go on."""
    with session(world, "LOCK TABLE replay_claims.claims IN ACCESS SHARE MODE") as holding:
        yield holding


def eventually(happened: Callable[[], T], seconds: float = 60.0) -> T:
    give_up = time.monotonic() + seconds
    while not (told := happened()):
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.02)
    return told


def at_work(world: Following, held: psycopg.Connection) -> int:
    """The server process that waits to lay rows in order."""
    found = eventually(lambda: world.run(WAITING_FOR, held.info.backend_pid))
    return int(str(found[0][0]))


def in_use(world: Following) -> Place:
    return next(one for one in world.views.places() if (one.name, one.place) == ("claims", "views"))


def is_running(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_one_that_lost_its_connection_waits_for_whoever_has_the_lock_and_goes_on(
    world: Following, held: psycopg.Connection
) -> None:
    with open_newsroom(world.addresses, following=False) as room:
        room.projections.start_replay("claims")
        server = at_work(world, held)
        with psycopg.connect(world.addresses.service, autocommit=True) as other:
            # As a server would that has not noticed yet that nobody is at the other end.
            taking = threading.Thread(target=other.execute, args=(LOCK,))
            taking.start()
            world.run("SELECT pg_terminate_backend(%s)", server)
            taking.join()
            held.rollback()
            time.sleep(2.5)
            assert in_use(world).generation == 1
        eventually(lambda: in_use(world).generation == 2)
        eventually(lambda: not is_running("replay"))
    assert in_use(world).checkpoint == world.log.head()


def test_what_a_killed_one_left_is_dropped_though_its_server_process_is_still_at_work(
    world: Following, held: psycopg.Connection, beginner: Nursery
) -> None:
    writer = world.writer()
    pid = beginner.begin(world.addresses.service, "claims", 500)
    server = at_work(world, held)
    beginner.kill(pid)
    cancelled: list[bool] = []
    cancelling = threading.Thread(target=lambda: cancelled.append(cancel_replay(writer, world.steps["claims"])))
    cancelling.start()
    eventually(lambda: not world.run("SELECT pid FROM pg_stat_activity WHERE pid = %s", server))
    held.rollback()
    cancelling.join()
    assert (cancelled, world.run(LEFT)) == ([True], [])
    writer.close()


def test_a_cancelled_one_does_not_begin_anew_when_its_connection_is_lost(
    world: Following, held: psycopg.Connection
) -> None:
    with open_newsroom(world.addresses, following=False) as room:
        room.projections.start_replay("claims")
        server = at_work(world, held)
        assert room.projections.cancel_replay("claims")
        world.run("SELECT pg_terminate_backend(%s)", server)
        held.rollback()
        eventually(lambda: not is_running("replay"))
        assert in_use(world).generation == 1
        assert world.run(LEFT) == []


def test_a_what_if_that_is_cancelled_while_it_is_verified_does_not_stand(
    world: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, elsewhere, faults = world.writer(), world.writer(), Building.faults
    monkeypatch.setattr("services.cancelling.PATIENCE", 0.0)

    def cancelled_meanwhile(self: Building, checkpoint: int, limit: int) -> tuple[int, list[tuple[str, int, str]]]:
        assert cancel_replay(elsewhere, world.steps["claims"], "whatif_then")
        return faults(self, checkpoint, limit)

    monkeypatch.setattr(Building, "faults", cancelled_meanwhile)
    with pytest.raises(ReplayCancelled):
        Replay(world.log, writer, world.steps["claims"], Order(place="whatif_then", upto=30)).run()
    assert cancel_replay(writer, world.steps["claims"])
    assert world.run(LEFT) == []


def test_one_that_is_cancelled_before_its_switch_does_not_switch(
    world: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, elsewhere, say_phase = world.writer(), world.writer(), Building.say_phase
    monkeypatch.setattr("services.cancelling.PATIENCE", 0.0)

    def cancelled_then(self: Building, phase: str) -> None:
        say_phase(self, phase)
        if phase == "switching":
            assert cancel_replay(elsewhere, world.steps["claims"])

    monkeypatch.setattr(Building, "say_phase", cancelled_then)
    with pytest.raises(ReplayCancelled):
        Replay(world.log, writer, world.steps["claims"]).run()
    assert in_use(world).generation == 1
    assert world.run(LEFT) == []


def test_what_has_switched_cannot_be_cancelled_any_more(world: Following) -> None:
    writer = world.writer()
    Replay(world.log, writer, world.steps["claims"]).run()
    assert not cancel_replay(writer, world.steps["claims"])
    assert in_use(world).generation == 2
