"""Several processes build the shares of a replay; killed or poisoned, none spoils what the others have built."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from services.bootstrap import open_newsroom
from services.crew import hiring
from services.exported import BadExport, ExportedLog, check, stored_line
from services.folding import Poisoned, Step
from services.orders import Order, ReplayBusy
from services.picture import PictureStep
from services.replay import Replay
from services.replays import Progress
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.places import LIVE
from support.builders import relates, says, small_world, withdraws
from support.following import Following, following, refolded
from support.ledger import PaperLedger
from support.poisoned import POISONER, poisoned_claims

CLAIMS = 100


def a_ledger() -> PaperLedger:
    ledger = small_world()
    for number in range(CLAIMS // 2):
        ledger.apply(
            says("sohr", "ongoing", claim=f"a{number}"),
            says("rebels", "none", claim=f"b{number}"),
            relates(f"b{number}", "denies", f"a{number}"),
            withdraws(f"b{number}"),
        )
    ledger.apply(says(POISONER, "none", claim="poison"))
    return ledger


@pytest.fixture(scope="module")
def history() -> PaperLedger:
    return a_ledger()


@pytest.fixture
def log(addresses: Addresses, history: PaperLedger) -> Iterator[EventLog]:
    with EventLog(addresses.service) as opened:
        opened.append([one.event for one in history.history])
        yield opened


@pytest.fixture
def world(addresses: Addresses, log: EventLog) -> Iterator[Following]:
    with following(addresses, log.read(0, 10_000)) as ready:
        ready.catch_up(batch=1_000)
        yield ready


def replay(world: Following, log: EventLog, step: Step, *, workers: int = 2, batch: int = 50) -> Replay:
    order = Order(workers=workers)
    hire = hiring(world.addresses.service, batch)
    return Replay(log, world.writer(), step, order, batch=batch, hire=hire)


def until(replaying: Replay, happened: Callable[[Progress], bool]) -> Progress:
    """Go on with the replay until something has happened, and return how far it is then."""
    give_up = time.monotonic() + 300
    while not happened(told := replaying.progress()):
        assert time.monotonic() < give_up, told
        replaying.advance()
    return told


def begun(replaying: Replay) -> Progress:
    """Let processes begin on a replay, and return how far they are when they have done a little, and not all."""
    give_up = time.monotonic() + 300
    replaying.advance()
    replaying.advance()
    while not (told := replaying.progress()).reached:
        assert time.monotonic() < give_up, told
    return told


def test_several_processes_build_what_one_would(world: Following, log: EventLog) -> None:
    place = replay(world, log, world.steps["claims"]).run()
    assert (place.place, place.generation, place.checkpoint) == (LIVE, 2, log.head())
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_several_processes_paint_the_picture_that_one_would(world: Following, log: EventLog) -> None:
    world.catch_up(PictureStep(), batch=1_000)
    alone = world.rows("picture")
    replay(world, log, PictureStep(), workers=3).run()
    assert world.rows("picture") == alone


@pytest.mark.parametrize(("least", "processes"), [(1, 1), (10_000, 0)])
def test_a_replay_that_a_service_is_asked_for_keeps_another_process_busy_if_it_is_worth_one(
    addresses: Addresses, world: Following, log: EventLog, monkeypatch: pytest.MonkeyPatch, least: int, processes: int
) -> None:
    monkeypatch.setattr("services.orders.APART", least)
    with open_newsroom(addresses, following=False) as room:
        assert len(cast("list[object]", room.projections.start_replay("claims")["workers"])) == processes
        seen: set[int | None] = set()
        while (told := room.projections.progress("claims")) and told.state == "running":
            seen |= {one.process for one in told.workers}
        assert told is not None
        assert told.state == "switched"
    assert os.getpid() not in seen
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_process_that_is_killed_is_begun_again(world: Following, log: EventLog) -> None:
    replaying = replay(world, log, world.steps["claims"], batch=1)
    told = until(replaying, lambda told: len([one for one in told.workers if one.process and one.position]) == 2)
    os.kill(told.workers[0].process or 0, signal.SIGKILL)
    assert replaying.run().generation == 2
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_replay_goes_on_in_the_shares_that_it_began_with(world: Following, log: EventLog) -> None:
    first = replay(world, log, world.steps["claims"], workers=3, batch=1)
    told = begun(first)
    first.release()
    seen: list[Progress] = []
    replay(world, log, world.steps["claims"], workers=1).run(seen.append)
    assert len(seen[0].workers) == 3
    assert all(one.reached >= told.reached for one in seen)
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_poisoned_event_in_one_share_is_named_and_the_view_in_use_serves_on(world: Following, log: EventLog) -> None:
    replaying = replay(world, log, poisoned_claims())
    with pytest.raises(Poisoned, match=f"position {log.head()}: .*what is this"):
        replaying.run()
    told = replaying.progress()
    assert (told.state, told.error_position) == ("stopped", log.head())
    assert world.rows("claims") == refolded("claims", world.log.history)
    assert replay(world, log, world.steps["claims"]).run().generation == 2


def test_cancelled_nothing_and_nobody_is_left(world: Following, log: EventLog) -> None:
    replaying = replay(world, log, world.steps["claims"], batch=1)
    told = until(replaying, lambda told: all(one.process for one in told.workers))
    replaying.cancel()
    assert not any(is_there(one.process or 0) for one in told.workers)
    assert world.run("SELECT name FROM views.replays UNION ALL SELECT name FROM views.replay_shares") == []
    assert world.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replay%'") == []


def test_a_replay_in_the_background_goes_on_when_a_lost_database_is_back(
    addresses: Addresses, world: Following, log: EventLog
) -> None:
    with open_newsroom(addresses, following=False) as room:
        room.projections.start_replay("claims", Order(workers=2))
        world.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        give_up = time.monotonic() + 300
        while (told := room.projections.progress("claims")) is None or told.state in ("running", "interrupted"):
            assert time.monotonic() < give_up, told
            time.sleep(0.1)
        assert told.state == "switched"
    assert world.rows("claims") == refolded("claims", world.log.history)


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_who_is_refused_is_told_who_replays_and_since_when(world: Following, log: EventLog) -> None:
    replay(world, log, world.steps["claims"], workers=1).begin()
    with pytest.raises(ReplayBusy, match=f"under way since 2.* UTC, by process {os.getpid()} on "):
        replay(world, log, world.steps["claims"]).begin()


@pytest.fixture
def export(log: EventLog, tmp_path: Path) -> Path:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"".join(stored_line(*row) + b"\n" for row in log.stored(0, 10_000)))
    return file


def test_a_file_of_events_is_read_in_place_of_the_log_and_then_the_log(
    world: Following, log: EventLog, export: Path
) -> None:
    assert check(export, log) == log.head()
    later = a_ledger()
    later.apply(says("sohr", "ongoing", claim="later"))
    log.append([later.history[-1].event])
    world.log.extend(log.read(log.head() - 1, 1))
    world.catch_up(batch=1_000)
    hire = hiring(world.addresses.service, 50, export)
    Replay(ExportedLog(export, log), world.writer(), world.steps["claims"], Order(workers=2), hire=hire).run()
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_file_with_a_hole_is_refused_with_the_line(log: EventLog, export: Path) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join(lines[:40] + lines[41:]))
    with pytest.raises(BadExport, match="line 41: position 42 stands where position 41 belongs"):
        check(export, log)


def test_a_file_of_another_ledger_is_refused_with_the_line(log: EventLog, export: Path) -> None:
    export.write_bytes(export.read_bytes().replace(b"army", b"navy"))
    with pytest.raises(BadExport, match="the ledger's event at position .* is another one"):
        check(export, log)


def test_a_file_that_knows_more_than_the_ledger_is_refused(log: EventLog, export: Path) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    beyond = lines[-1].replace(b'"position":%d' % len(lines), b'"position":%d' % (len(lines) + 1))
    export.write_bytes(b"".join([*lines, beyond]))
    with pytest.raises(BadExport, match="the ledger has no event at position"):
        check(export, log)


def test_a_file_is_read_from_wherever_it_is_asked_for(log: EventLog, export: Path) -> None:
    reading = ExportedLog(export, log)
    assert [one.position for one in reading.read(0, 3)] == [1, 2, 3]
    assert [one.position for one in reading.read(2, 3)] == [3]
    assert [one.position for one in reading.read(3, 2)] == [4, 5]
    assert [one.position for one in reading.read(1, 2)] == [2, 3]
    assert reading.read(log.head() - 1, 5) == log.read(log.head() - 1, 5)
    assert reading.read(log.head(), 5) == []
