"""A view is built anew beside the one in use: nobody notices, two cannot do it at once, and a cancelled one is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.cancelling import cancel_replay
from services.orders import Order, ReplayBusy, ReplayCancelled, ReplayRefused
from services.replay import Replay
from services.replays import WORKING, Progress
from services.store.embedded import Addresses
from services.store.places import LIVE
from services.store.switching import drop_retired, switch
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
    place = switch(writer, step, lambda after: world.log.read(after, 7))
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
    newer = replace(step, projection=replace(step.projection, version=step.version + 1))
    Replay(world.log, writer, newer, batch=7).run(seen.append)
    writer.close()
    assert seen[0].checkpoint == 7
    assert seen[0].events == 7


def test_a_replay_tells_how_far_it_is(world: Following) -> None:
    writer, seen = world.writer(), []
    Replay(world.log, writer, world.steps["claims"], batch=20).run(seen.append)
    writer.close()
    assert [progress.events for progress in seen][:4] == [20, 40, world.log.head(), world.log.head()]
    assert list(dict.fromkeys(progress.phase for progress in seen)) == [*WORKING, "switched"]
    assert {progress.head for progress in seen} == {world.log.head()}


def test_progress_is_told_as_rate_and_time_left() -> None:
    progress = Progress("claims", checkpoint=200, head=300, events=100, seconds=2.0)
    assert (progress.rate, progress.seconds_left) == (50.0, 2.0)
    assert Progress("claims", 0, 300, 0, 0.0).seconds_left is None


def test_a_replay_that_is_stopped_leaves_nothing(world: Following) -> None:
    writer = world.writer()
    replay = Replay(world.log, writer, world.steps["claims"], batch=7)
    with pytest.raises(ReplayCancelled):
        replay.run(lambda progress: writer.say("claims", "replay_claims", "cancelled"))
    writer.close()
    assert schemas(world) == []
    assert {place.place for place in world.views.places()} == {LIVE}
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_replay_can_be_cancelled_from_elsewhere(world: Following) -> None:
    running, elsewhere = world.writer(), world.writer()
    replay = Replay(world.log, running, world.steps["claims"], batch=7)
    replay.begin()
    replay.advance()
    assert cancel_replay(elsewhere, world.steps["claims"])
    with pytest.raises(ReplayCancelled):
        replay.run()
    assert schemas(world) == []
    assert not cancel_replay(elsewhere, world.steps["claims"])
    running.close()
    elsewhere.close()


def test_what_a_killed_replay_left_can_be_dropped(world: Following) -> None:
    killed, writer = world.writer(), world.writer()
    Replay(world.log, killed, world.steps["claims"], batch=7).begin()
    killed.close()
    assert schemas(world) == ["replay_claims"]
    assert cancel_replay(writer, world.steps["claims"])
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


def test_what_is_built_elsewhere_stands_still_where_it_was_to_end(world: Following) -> None:
    writer = world.writer()
    place = Replay(world.log, writer, world.steps["claims"], Order(place="whatif_then", upto=30), batch=7).run()
    writer.close()
    assert (place.place, place.state, place.checkpoint) == ("whatif_then", "standing", 30)
    assert world.rows("claims", "whatif_then") == refolded("claims", world.log.history[:30])
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_shares_that_are_built_apart_are_the_whole_when_they_are_put_together(world: Following) -> None:
    cut_off, writer, step = world.writer(), world.writer(), world.steps["claims"]
    replay = Replay(world.log, cut_off, step, Order(workers=3), batch=7)
    for _ in range(6):
        replay.advance()
    cut_off.close()
    seen: list[Progress] = []
    place = Replay(world.log, writer, step, batch=7).run(seen.append)
    writer.close()
    assert [one.position for one in seen[0].workers] == [14, 14, 14]
    assert (place.generation, world.rows("claims")) == (2, refolded("claims", world.log.history))
    assert seen[-1].state == "switched"


def test_what_cannot_be_is_not_switched_to(world: Following) -> None:
    writer, step = world.writer(), world.steps["claims"]
    replay = Replay(world.log, writer, step, batch=40)
    replay.advance()
    replay.advance()
    world.run("UPDATE replay_claims.claims SET until = 1 WHERE since = (SELECT min(since) FROM replay_claims.claims)")
    with pytest.raises(ReplayRefused, match="ended before it began"):
        replay.run()
    told = replay.progress()
    writer.close()
    assert (told.state, told.phase) == ("refused", "refused")
    assert world.rows("claims") == refolded("claims", world.log.history)
    assert {place.generation for place in world.views.places() if place.place == LIVE} == {1}


def test_what_was_built_is_compared_with_what_is_in_use(world: Following) -> None:
    world.run("DELETE FROM views.claims WHERE key = (SELECT min(key) FROM views.claims)")
    writer = world.writer()
    replay = Replay(world.log, writer, world.steps["claims"], Order(compare=True))
    replay.run()
    compared = replay.progress().comparison
    writer.close()
    assert compared is not None
    assert (compared["position"], compared["differing"]) == (world.log.head(), 1)
    assert "only built" in str(compared["first"])


def test_the_version_before_is_kept_until_it_is_dropped(world: Following) -> None:
    world.run("DELETE FROM views.claims WHERE since % 2 = 0")
    faulty, writer = world.rows("claims"), world.writer()
    Replay(world.log, writer, world.steps["claims"]).run()
    assert world.rows("claims", "retired_claims") == faulty
    Replay(world.log, writer, world.steps["claims"]).run()
    assert world.rows("claims", "retired_claims") == refolded("claims", world.log.history)
    assert drop_retired(writer, "claims")
    assert not drop_retired(writer, "claims")
    writer.close()
    assert {place.place for place in world.views.places()} == {LIVE}


def test_indexes_of_readers_are_made_when_the_rows_are_in(world: Following) -> None:
    table = (
        "CREATE TABLE stories (key text, since bigint, until bigint, state text, PRIMARY KEY (key, since));\n"
        "-- Made when the rows are in: what readers ask by.\nCREATE INDEX stories_late ON stories (state);"
    )
    projection = replace(world.steps["stories"].projection, columns=lambda state: {}, version=9)
    step, writer = replace(world.steps["stories"], projection=projection, table=table), world.writer()
    replay = Replay(world.log, writer, step)
    replay.advance()
    assert indexes(world, "stories_late") == []
    replay.run()
    writer.close()
    assert indexes(world, "stories_late") == ["views"]


def test_rows_are_laid_in_the_order_in_which_they_are_asked_for(world: Following) -> None:
    grown = a_ledger()
    grown.apply(says("army", "army", at="minian/control", claim="late"))
    world.log.extend(grown.history[world.log.head() :])
    writer = world.writer()
    Replay(world.log, writer, world.steps["claims"], batch=7).run()
    writer.close()
    laid = world.run("SELECT location, aspect, recorded FROM views.claims ORDER BY ctid")
    assert laid == sorted(laid)
    assert (laid[0][1], laid[0][2]) == ("control", world.log.head())
    assert indexes(world, "claims_order") == []


def indexes(world: Following, name: str) -> list[str]:
    return [str(schema) for (schema,) in world.run("SELECT schemaname FROM pg_indexes WHERE indexname = %s", name)]
