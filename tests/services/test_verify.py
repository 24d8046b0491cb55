"""Whatever somebody changes behind the ledger's back is found and named; what is sound is called sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.events import Recorded
from services.errors import CorruptLedger
from services.store.embedded import Addresses
from services.verify import MOST_FAULTS, Verified, verify
from support.builders import relates, says, small_world, story, withdraws
from support.following import Following, PaperLog, following
from support.ledger import PaperLedger


def a_ledger() -> PaperLedger:
    ledger = small_world()
    ledger.apply(
        story("siege", "minian/control"),
        says("sohr", "ongoing", claim="a", story=["siege"]),
        says("rebels", "none", claim="b"),
        relates("b", "denies", "a"),
        withdraws("b"),
    )
    return ledger


@pytest.fixture
def world(addresses: Addresses) -> Iterator[Following]:
    with following(addresses, a_ledger().history) as ready:
        ready.catch_up()
        yield ready


def verified(world: Following, log: PaperLog | None = None) -> Verified:
    writer = world.writer()
    try:
        return verify(log or world.log, writer, world.steps.values(), batch=7, patience=0.2)
    finally:
        writer.close()


def test_a_sound_ledger_is_called_sound(world: Following) -> None:
    found = verified(world)
    assert (found.sound, found.faults, found.events) == (True, [], world.log.head())
    assert found.views == dict.fromkeys(world.steps, world.log.head())


def test_progress_is_told_after_each_batch(world: Following) -> None:
    writer, told = world.writer(), []
    verify(world.log, writer, world.steps.values(), lambda position, head: told.append((position, head)), batch=20)
    writer.close()
    assert told == [(20, 24), (24, 24)]


def test_views_that_nobody_carries_on_are_compared_as_far_as_they_are_and_called_stale(world: Following) -> None:
    grown = a_ledger()
    grown.apply(says("army", "none", claim="late"), withdraws("a"))
    world.log.extend(grown.history[world.log.head() :])
    told = "it is stale: nobody carries it on from here, and the ledger had come to 26"
    assert {(fault.where, fault.position, fault.said) for fault in verified(world).faults} == {
        (name, 24, told) for name in world.steps
    }


def test_views_that_are_carried_on_are_given_the_time_they_need(world: Following) -> None:
    grown = a_ledger()
    grown.apply(says("army", "none", claim="late"), withdraws("a"))
    world.log.extend(grown.history[world.log.head() :])
    projector, writer = world.projector(), world.writer()
    projector.start()
    found = verify(world.log, writer, world.steps.values(), patience=30)
    projector.stop()
    writer.close()
    assert found.faults == []


def test_a_view_that_has_stopped_is_named_with_its_reason(world: Following) -> None:
    world.run(
        "UPDATE views.projections SET state = 'stopped', error = 'why?', error_position = 25 WHERE name = 'claims'"
    )
    assert [(one.where, one.position, one.said) for one in verified(world).faults] == [
        ("claims", 25, "it has stopped here: why?")
    ]


def test_a_view_of_another_version_is_left_out_and_named(world: Following) -> None:
    world.run("UPDATE views.projections SET version = 7 WHERE name = 'claims'")
    found = verified(world)
    ours = world.steps["claims"].version
    assert (found.left_out, found.faults) == ({"claims": f"its table is of version 7, and this is {ours}"}, [])


PLANTED = {
    "a row is missing": ("DELETE FROM views.claims WHERE since = 22", "is missing"),
    "a row is too many": (
        "INSERT INTO views.registry SELECT 'source/nobody', 3, 4, state FROM views.registry WHERE since = 3",
        "is too many",
    ),
    "a table is missing": ("DROP TABLE views.claims", "its table is missing"),
    "a row is doubled": (
        "ALTER TABLE views.claims DROP CONSTRAINT claims_pkey;"
        " INSERT INTO views.claims SELECT * FROM views.claims WHERE since = 22 AND until IS NOT NULL",
        "is there 2 times",
    ),
    "a state was changed": ("UPDATE views.claims SET state = replace(state, 'none', 'ongoing')", "is different"),
    "a searchable column was changed": ("UPDATE views.claims SET aspect = 'strike'", "is different"),
    "an end was lost": ("UPDATE views.claims SET until = 24 WHERE until = 23", "is different"),
    "a checkpoint is too high": (
        "UPDATE views.projections SET checkpoint = 90 WHERE name = 'claims'",
        "its checkpoint is 90, and the ledger ends at 24",
    ),
    "a checkpoint is too low": (
        "UPDATE views.projections SET checkpoint = 20 WHERE name = 'claims'",
        "of its rows know more than its checkpoint says",
    ),
}


@pytest.mark.parametrize(("statement", "said"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_found(world: Following, statement: str, said: str) -> None:
    world.run(statement)
    found = verified(world)
    assert not found.sound
    assert any(said in fault.said for fault in found.faults)


def test_events_that_are_missing_are_found(world: Following) -> None:
    history = a_ledger().history
    found = verified(world, PaperLog([*history[:4], *history[5:9], *history[11:]]))
    missing = [(fault.position, fault.said) for fault in found.faults if fault.where == "ledger"]
    assert missing == [(5, "the event is missing"), (10, "the event is missing, and all up to 11")]


def test_of_many_faults_only_the_first_are_named(world: Following) -> None:
    events = a_ledger().history
    found = verified(world, PaperLog([replace(events[0], position=number) for number in range(2, 600, 2)]))
    assert len([fault for fault in found.faults if fault.where == "ledger"]) == MOST_FAULTS


def test_events_out_of_order_are_found(world: Following) -> None:
    history = a_ledger().history
    late = replace(history[4], recorded=history[4].recorded - timedelta(days=1))
    found = verified(world, PaperLog([*history[:4], late, *history[5:]]))
    assert ("ledger", 5) in [(fault.where, fault.position) for fault in found.faults]


class TornLog(PaperLog):
    """A log in which one event cannot be read."""

    torn = 15

    def read(self, after: int, limit: int) -> list[Recorded]:
        found = super().read(after, limit)
        if any(one.position == self.torn for one in found):
            raise CorruptLedger(self.torn, "no event at all")
        return found


def test_an_event_that_cannot_be_read_is_named_and_the_rest_before_it_compared(world: Following) -> None:
    found = verified(world, TornLog(world.log.history))
    assert [(fault.where, fault.position) for fault in found.faults] == [("ledger", 15)]
    assert set(found.views.values()) == {14}


def test_views_stop_before_an_event_that_cannot_be_read(addresses: Addresses) -> None:
    with following(addresses) as world:
        world.log = TornLog(a_ledger().history)
        world.catch_up()
        assert {(place.state, place.checkpoint, place.error_position) for place in world.views.places()} == {
            ("stopped", 14, 15)
        }
