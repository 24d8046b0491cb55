"""Views that judge are carried by another process, and nobody has to know: it is begun again, and ends with us."""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import psutil
import psycopg
import pytest

from services.bootstrap import Newsroom, open_newsroom
from services.carrier import Carrier
from services.imports import import_lines
from services.store.embedded import Addresses
from services.story import Chapter, lines
from support.database import Cluster, fresh_database

PICTURE = ["picture"]
SECONDS = 300.0
OTHERS = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def carried(addresses: Addresses) -> Iterator[tuple[Carrier, Newsroom]]:
    """A newsroom whose picture another process carries; what that does first is of no importance here."""
    with Carrier(gc.collect) as carrier, open_newsroom(addresses, carrier=carrier) as room:
        yield carrier, room


def tell(room: Newsroom, *parts: Chapter) -> int:
    told = [line for part in parts for line in lines(part)]
    assert [row["refused"] for row in import_lines(room.ledger, told)][-1] == 0
    return room.feed.head()


def process() -> psutil.Process:
    """The one that carries."""
    (found,) = multiprocessing.active_children()
    assert found.pid is not None
    return psutil.Process(found.pid)


def carries(child: psutil.Process) -> bool:
    """Tell whether a child of a service is the one that carries; others come and go."""
    with suppress(psutil.Error):
        return "spawn_main" in " ".join(child.cmdline())
    return False


def wait_for(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def nobody_in(addresses: Addresses) -> bool:
    """Tell whether nobody is connected to the database but who asks; the server lets go a moment after it is told."""
    with psycopg.connect(addresses.owner) as asking:
        return not asking.execute(OTHERS).fetchall()


def test_what_judges_is_carried_by_another_process_and_comes_to_the_same(addresses: Addresses) -> None:
    with carried(addresses) as (_, room):
        head = tell(room, "registry", "claims")
        assert room.projector.caught_up_to(head, SECONDS, PICTURE) >= head
        assert process().is_running()
        found = room.projections.verify()
    assert (found.faults, found.views["picture"]) == ([], head)


def test_one_that_is_killed_is_followed_by_another(addresses: Addresses, caplog: pytest.LogCaptureFixture) -> None:
    with carried(addresses) as (_, room):
        tell(room, "registry")
        first = process()
        first.kill()
        head = tell(room, "claims")
        assert room.projector.caught_up_to(head, SECONDS, PICTURE) >= head
        assert process().pid != first.pid
        assert room.projections.verify().faults == []
    assert any("has ended (-9)" in one.getMessage() for one in caplog.records)
    assert multiprocessing.active_children() == []


def test_one_process_carries_for_every_desk_and_lets_go_of_one_that_is_closed(
    addresses: Addresses, cluster: Cluster
) -> None:
    with fresh_database(cluster) as others, carried(addresses) as (carrier, room):
        with open_newsroom(others, carrier=carrier) as beside:
            head = tell(beside, "registry", "claims")
            assert beside.projector.caught_up_to(head, SECONDS, PICTURE) >= head
            assert process().is_running()
        wait_for(lambda: nobody_in(others))
        head = tell(room, "registry")
        assert room.projector.caught_up_to(head, SECONDS, PICTURE) >= head


def test_what_is_opened_and_closed_at_once_leaves_nothing(addresses: Addresses) -> None:
    for _ in range(2):
        with carried(addresses):
            pass
    assert multiprocessing.active_children() == []
    wait_for(lambda: nobody_in(addresses))


def test_whoever_waits_for_a_process_that_died_is_let_go(addresses: Addresses) -> None:
    with carried(addresses) as (_, room):
        tell(room, "registry", "claims")
        process().suspend()
        try:
            assert room.projector.caught_up_to(room.feed.head() + 1, 0.1, PICTURE) <= room.feed.head()
        finally:
            # Closing asks it to put its load down, which it never says.
            process().kill()


ALONE = """
import gc, sys, time
from services.bootstrap import open_newsroom
from services.carrier import Carrier
from services.store.embedded import Addresses

if __name__ == "__main__":
    addresses = Addresses(owner=sys.argv[1], service=sys.argv[1])
    with Carrier(gc.collect) as carrier, open_newsroom(addresses, carrier=carrier):
        print("open", flush=True)
        time.sleep(600)
"""


def test_it_ends_when_the_service_is_killed(addresses: Addresses) -> None:
    words = [sys.executable, "-c", ALONE, addresses.service]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=os.getcwd()) as service:
        assert service.stdout is not None
        assert list(islice(service.stdout, 1)) == [b"open\n"]
        wait_for(lambda: any(map(carries, psutil.Process(service.pid).children())))
        children = psutil.Process(service.pid).children()
        service.kill()
        service.wait()
        _, left = psutil.wait_procs(children, SECONDS)
        assert left == []
    wait_for(lambda: nobody_in(addresses))
