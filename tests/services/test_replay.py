"""A view is built anew beside the one in use: nobody notices, two cannot do it at once, and a cancelled one is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.replay import Progress, Replay, ReplayBusy, ReplayCancelled, cancel_replay
from services.store.embedded import Addresses
from services.store.places import LIVE
from support.builders import relates, says, small_world, withdraws
from support.following import Following, following, refolded
from support.ledger import PaperLedger


def a_ledger() -> PaperLedger:
    ledger = small_world()
    for number in range(10):
        ledger.apply(
            says("sohr", "ongoing", claim=f"a{number}"),
            says("rebels", "none", claim=f"b{number}"),
            relates(f"b{number}", "denies", f"a{number}"),
            withdraws(f"b{number}"),
        )
    return ledger


@pytest.fixture
def world(addresses: Addresses) -> Iterator[Following]:
    with following(addresses, a_ledger().history) as ready:
        ready.catch_up()
        yield ready


def schemas(world: Following) -> list[str]:
    found = world.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replay%'")
    return [str(name) for (name,) in found]


def test_a_replay_ends_with_the_same_rows_in_use_and_nothing_else(world: Following) -> None:
    world.run("DELETE FROM views.claims WHERE since % 2 = 0")
    writer = world.writer()
    place = Replay(world.log, writer, world.steps["claims"], batch=7).run()
    writer.close()
    assert (place.place, place.generation, place.checkpoint) == (LIVE, 2, world.log.head())
    assert world.rows("claims") == refolded("claims", world.log.history)
    assert schemas(world) == []


def test_the_view_in_use_serves_and_follows_until_the_switch_and_after_it(world: Following) -> None:
    writer = world.writer()
    replay = Replay(world.log, writer, world.steps["claims"], batch=7)
    replay.begin()
    replay.advance()
    grown = a_ledger()
    grown.apply(says("army", "none", claim="late"), says("ally", "none", claim="later"))
    world.log.extend(grown.history[world.log.head() :])
    world.catch_up()
    assert world.rows("claims") == refolded("claims", world.log.history)
    replay.run()
    writer.close()
    grown.apply(says("brigade", "none", claim="latest"))
    world.log.extend(grown.history[world.log.head() :])
    world.catch_up()
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_switch_never_takes_a_reader_back_in_time(world: Following) -> None:
    writer, step = world.writer(), world.steps["claims"]
    writer.set_up()
    writer.enter(step, "replay_claims")
    writer.advance(step, "replay_claims", 0, world.log.history[:20])
    place = writer.switch(step, lambda after: world.log.read(after, 7))
    writer.close()
    assert place is not None
    assert place.checkpoint == world.log.head()
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_the_second_replay_of_a_view_is_refused(world: Following) -> None:
    first, second = world.writer(), world.writer()
    Replay(world.log, first, world.steps["claims"]).begin()
    with pytest.raises(ReplayBusy, match="a replay of claims is under way"):
        Replay(world.log, second, world.steps["claims"]).run()
    Replay(world.log, second, world.steps["stances"]).run()
    first.close()
    second.close()


def test_a_replay_goes_on_where_an_earlier_one_was_cut_off(world: Following) -> None:
    cut_off = world.writer()
    replay = Replay(world.log, cut_off, world.steps["claims"], batch=7)
    replay.begin()
    replay.advance()
    replay.advance()
    cut_off.close()
    writer, seen = world.writer(), []
    Replay(world.log, writer, world.steps["claims"], batch=7).run(seen.append)
    writer.close()
    assert seen[0].checkpoint == 21
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_what_another_version_left_is_not_gone_on_with(world: Following) -> None:
    writer, step = world.writer(), world.steps["claims"]
    Replay(world.log, writer, step, batch=7).begin()
    writer.advance(step, "replay_claims", 0, world.log.history[:7])
    writer.close()
    writer, seen = world.writer(), []
    newer = replace(step, projection=replace(step.projection, version=2))
    Replay(world.log, writer, newer, batch=7).run(seen.append)
    writer.close()
    assert seen[0].checkpoint == 7
    assert seen[0].events == 7


def test_a_replay_tells_how_far_it_is(world: Following) -> None:
    writer, seen = world.writer(), []
    Replay(world.log, writer, world.steps["claims"], batch=20).run(seen.append)
    writer.close()
    assert [progress.events for progress in seen] == [20, 40, world.log.head(), world.log.head()]
    assert {progress.head for progress in seen} == {world.log.head()}


def test_progress_is_told_as_rate_and_time_left() -> None:
    progress = Progress("claims", checkpoint=200, head=300, events=100, seconds=2.0)
    assert (progress.rate, progress.seconds_left) == (50.0, 2.0)
    assert Progress("claims", 0, 300, 0, 0.0).seconds_left is None


def test_a_replay_that_is_stopped_leaves_nothing(world: Following) -> None:
    stop, writer = threading.Event(), world.writer()
    replay = Replay(world.log, writer, world.steps["claims"], batch=7)
    with pytest.raises(ReplayCancelled):
        replay.run(lambda progress: stop.set(), stop)
    writer.close()
    assert schemas(world) == []
    assert {place.place for place in world.views.places()} == {LIVE}
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_replay_can_be_cancelled_from_elsewhere(world: Following) -> None:
    running, elsewhere = world.writer(), world.writer()
    replay = Replay(world.log, running, world.steps["claims"], batch=7)
    replay.begin()
    replay.advance()
    assert cancel_replay(elsewhere, "claims")
    with pytest.raises(ReplayCancelled):
        replay.run()
    assert schemas(world) == []
    assert not cancel_replay(elsewhere, "claims")
    running.close()
    elsewhere.close()


def test_what_a_killed_replay_left_can_be_dropped(world: Following) -> None:
    killed, writer = world.writer(), world.writer()
    Replay(world.log, killed, world.steps["claims"], batch=7).begin()
    killed.close()
    assert schemas(world) == ["replay_claims"]
    assert cancel_replay(writer, "claims")
    assert schemas(world) == []
    writer.close()


def test_a_replay_waits_for_a_reader_of_the_old_table(world: Following) -> None:
    writer, reading = world.writer(), threading.Event()

    def read_for_a_while() -> None:
        with world.connections.connect() as connection, connection.transaction():
            connection.execute("SELECT count(*) FROM views.claims")
            reading.set()
            connection.execute("SELECT pg_sleep(1)")

    reader = threading.Thread(target=read_for_a_while)
    reader.start()
    reading.wait()
    place = Replay(world.log, writer, world.steps["claims"]).run()
    reader.join()
    writer.close()
    assert place.generation == 2
