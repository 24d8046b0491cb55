"""Views follow the ledger: in batches, once, side by side, and one that stops says so and holds up no other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from domain.events import ClaimRecorded, Recorded
from domain.projections import found
from domain.values import Fact
from services.catalogue import found_projections
from services.folding import WHOLE, Changes, FoldStep, Reading, Share
from services.projector import in_order
from services.replay import Replay
from services.store.embedded import Addresses
from services.store.places import LIVE
from support.builders import corrects, relates, says, small_world, story, withdraws
from support.following import Following, PaperLog, following, refolded
from support.ledger import PaperLedger

NAMES = sorted(found())


def busy_ledger() -> PaperLedger:
    """A ledger in which claims of every fate lie across the edges of small batches."""
    ledger = small_world()
    ledger.apply(story("siege", "minian/control"))
    for number in range(8):
        ledger.apply(
            says("sohr", "ongoing", claim=f"a{number}", story=["siege"], statement="fighting goes on"),
            says("rebels", "none", claim=f"b{number}"),
            relates(f"b{number}", "denies", f"a{number}"),
            withdraws(f"b{number}"),
            corrects(f"a{number}", says("sohr", "rebels", at="minian/control", claim=f"c{number}")),
        )
    return ledger


@pytest.fixture
def world(addresses: Addresses) -> Iterator[Following]:
    with following(addresses, busy_ledger().history) as ready:
        yield ready


@pytest.mark.parametrize("name", NAMES)
def test_a_view_holds_every_state_that_every_key_ever_had(world: Following, name: str) -> None:
    world.catch_up()
    assert world.rows(name) == refolded(name, world.log.history)


def test_rows_do_not_depend_on_the_size_of_batches(world: Following) -> None:
    world.catch_up(batch=1)
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_a_batch_delivered_again_changes_nothing(world: Following) -> None:
    world.catch_up()
    before = world.rows("stances")
    step, writer = world.steps["stances"], world.writer()
    place = writer.advance(step, LIVE, 0, world.log.history)
    writer.close()
    assert (world.rows("stances"), place and place.checkpoint) == (before, world.log.head())


def test_a_batch_that_would_leave_a_gap_is_not_taken(world: Following) -> None:
    step, writer = world.steps["stances"], world.writer()
    writer.set_up()
    writer.enter(step)
    place = writer.advance(step, LIVE, 5, world.log.history[5:])
    writer.close()
    assert place is not None
    assert place.checkpoint == 0


def test_who_has_written_waits_until_the_views_include_it(world: Following) -> None:
    projector = world.projector()
    projector.start()
    assert projector.caught_up_to(world.log.head(), 300) == world.log.head()
    ledger = busy_ledger()
    position = ledger.apply(says("army", "ongoing", claim="late"))[-1].position
    world.log.extend(ledger.history[position - 1 :])
    assert projector.caught_up_to(position, 300) == position
    projector.stop()
    assert [one.claim.source for one in world.views.claims_of_source("army", position)] == ["army"]


def test_a_wait_for_what_is_not_recorded_ends_with_what_there_is(world: Following) -> None:
    world.catch_up()
    projector = world.projector()
    projector.start()
    reached = projector.caught_up_to(10_000, 0.5, ["claims"])
    projector.stop()
    assert reached == world.log.head()


def test_a_process_that_carries_nothing_waits_for_the_one_that_does(world: Following) -> None:
    carrier, waiter = world.projector(), world.projector()
    carrier.start()
    assert waiter.caught_up_to(world.log.head(), 300) == world.log.head()
    carrier.stop()


def test_one_process_carries_a_view_and_another_takes_over_when_it_is_gone(world: Following) -> None:
    first, second = world.projector(batch=3), world.projector(batch=3)
    first.step()
    assert not second.step()
    first.stop()
    assert second.step()
    second.stop()


def poisoned_by(name: str, claim_at: int) -> FoldStep:
    """The step of a projection that cannot take in the event at a position."""
    step = found_projections()[name]

    def evolve(state: Fact | None, key: str, recorded: Recorded) -> Fact | None:
        if recorded.position == claim_at:
            raise KeyError("what is this?")
        return step.projection.evolve(state, key, recorded)

    return replace(step, projection=replace(step.projection, evolve=evolve))


def first_claim(world: Following) -> int:
    return next(one.position for one in world.log.history if isinstance(one.event, ClaimRecorded))


def test_a_poisoned_event_stops_its_view_alone_and_is_named(world: Following) -> None:
    at = first_claim(world) + 5
    world.catch_up(poisoned_by("claims", at), world.steps["stances"])
    places = {place.name: place for place in world.views.places()}
    assert (places["claims"].state, places["claims"].checkpoint, places["claims"].error_position) == (
        "stopped",
        at - 1,
        at,
    )
    assert "KeyError: 'what is this?'" in str(places["claims"].error)
    assert (places["stances"].state, places["stances"].checkpoint) == ("running", world.log.head())


def test_a_stopped_view_keeps_nobody_waiting(world: Following) -> None:
    projector = world.projector(poisoned_by("claims", first_claim(world)))
    projector.start()
    began = time.monotonic()
    assert projector.caught_up_to(world.log.head(), 600) == first_claim(world) - 1
    projector.stop()
    assert time.monotonic() - began < 300


def test_a_mended_view_goes_on_when_it_is_told_to(world: Following) -> None:
    world.catch_up(poisoned_by("claims", first_claim(world)))
    world.catch_up()
    assert world.rows("claims") == []
    assert world.views.retry("claims")
    assert not world.views.retry("claims")
    world.catch_up()
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_rows_that_do_not_fit_their_table_stop_the_view_at_the_event_that_made_them(world: Following) -> None:
    step = world.steps["claims"]
    unfit = replace(step, projection=replace(step.projection, columns=lambda state: {"colour": "red"}))
    world.catch_up(unfit)
    place = next(place for place in world.views.places() if place.name == "claims")
    assert (place.state, place.error_position) == ("stopped", first_claim(world))


class Stumbling:
    """A step that fails over the event at a position, and does not say which it was."""

    name, version, after, table = "stumbling", 1, (), None

    def __init__(self, at: int) -> None:
        self._at = at

    def work(self, batch: Sequence[Recorded], reading: Reading, share: Share = WHOLE) -> Changes:
        if any(one.position == self._at for one in batch):
            raise ZeroDivisionError("by nothing")
        return Changes({})


def test_a_step_that_fails_without_a_word_is_stopped_at_the_very_event(world: Following) -> None:
    world.catch_up(Stumbling(12), world.steps["editions"])
    places = {place.name: place for place in world.views.places()}
    assert (places["stumbling"].state, places["stumbling"].checkpoint) == ("stopped", 11)
    assert (places["stumbling"].error_position, places["stumbling"].error) == (12, "ZeroDivisionError: by nothing")
    assert places["editions"].checkpoint == world.log.head()


def test_before_any_view_was_begun_none_stands_anywhere(world: Following) -> None:
    assert world.views.places() == []
    assert world.projector().caught_up_to(1, 0.1) == 0


def test_a_new_version_is_built_beside_the_old_one_and_takes_its_place(world: Following) -> None:
    world.catch_up()
    step = world.steps["stances"]
    world.catch_up(replace(step, projection=replace(step.projection, version=2)))
    place = next(place for place in world.views.places() if (place.name, place.place) == ("stances", LIVE))
    assert (place.version, place.generation, place.checkpoint) == (2, 2, world.log.head())
    assert world.rows("stances") == refolded("stances", world.log.history)


def test_a_new_version_that_cannot_take_in_an_event_leaves_the_old_rows_in_use(world: Following) -> None:
    world.catch_up()
    before = world.rows("claims")
    broken = poisoned_by("claims", first_claim(world))
    world.catch_up(replace(broken, projection=replace(broken.projection, version=broken.version + 1)))
    place = next(place for place in world.views.places() if (place.name, place.place) == ("claims", LIVE))
    assert (place.version, place.state, place.error_position) == (broken.version, "stopped", first_claim(world))
    assert world.rows("claims") == before


class StumblingLog(PaperLog):
    """A log that fails once for no reason that anybody foresaw."""

    failures = 1

    def read(self, after: int, limit: int) -> list[Recorded]:
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError("by nothing")
        return super().read(after, limit)


def test_an_error_that_nobody_foresaw_does_not_end_the_following(world: Following) -> None:
    world.log = StumblingLog(world.log.history)
    projector = world.projector()
    projector.start()
    assert projector.caught_up_to(world.log.head(), 300) == world.log.head()
    projector.stop()


def test_a_program_lets_go_of_a_view_that_a_newer_one_has_switched(world: Following) -> None:
    step = world.steps["stances"]
    newer = replace(step, projection=replace(step.projection, version=2))
    old, new = world.projector(step, batch=1_000), world.projector(newer, batch=10)
    old.step()
    writer = world.writer()
    Replay(world.log, writer, newer).run()
    writer.close()
    world.log.extend([replace(world.log.history[-1], position=world.log.head() + 1)])
    assert not new.step()
    old.step()
    assert new.step()
    old.stop()
    new.stop()


def test_the_tables_are_there_once_a_projector_has_started(world: Following) -> None:
    projector = world.projector()
    projector.start()
    assert world.views.claims_of_source("nobody", 10_000) == []
    projector.stop()


def test_a_lost_connection_is_made_anew(world: Following) -> None:
    projector = world.projector()
    projector.start()
    projector.caught_up_to(world.log.head(), 300)
    world.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    ledger = busy_ledger()
    ledger.apply(says("army", "ongoing", claim="late"))
    world.log.extend(ledger.history[world.log.head() :])
    assert projector.caught_up_to(world.log.head(), 300) == world.log.head()
    projector.stop()
    assert world.rows("claims") == refolded("claims", world.log.history)


def test_an_old_program_leaves_a_newer_view_alone(world: Following) -> None:
    step = world.steps["stances"]
    world.catch_up(replace(step, projection=replace(step.projection, version=2)))
    before = world.views.places()
    world.catch_up(step)
    assert world.views.places() == before


def test_where_each_view_stands_is_told_with_its_lag(world: Following) -> None:
    projector = world.projector(world.steps["claims"], batch=10)
    projector.step()
    (standing,) = projector.positions()
    projector.stop()
    assert (standing.place.name, standing.place.checkpoint, standing.lag) == ("claims", 10, world.log.head() - 10)


def test_a_view_that_follows_another_never_overtakes_it(world: Following) -> None:
    follower = replace(world.steps["stances"], after=("claims",))
    world.catch_up(poisoned_by("claims", first_claim(world)), follower)
    places = {place.name: place.checkpoint for place in world.views.places()}
    assert places == {"claims": first_claim(world) - 1, "stances": first_claim(world) - 1}


def test_views_that_follow_each_other_in_a_circle_are_refused() -> None:
    steps = found_projections()
    with pytest.raises(ValueError, match="circle"):
        in_order([replace(steps["claims"], after=("stances",)), replace(steps["stances"], after=("claims",))])
