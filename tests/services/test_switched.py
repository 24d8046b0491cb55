"""Who carries a view forward goes on after a switch from where it stood, and from the rows that were switched to."""

from __future__ import annotations

from domain.commands import Command
from services.picture import PictureStep
from services.replay import Replay
from services.store.embedded import Addresses
from services.store.switching import switch
from support.builders import says, small_world, story
from support.following import Following, following, refolded
from support.ledger import PaperLedger


def test_the_picture_in_use_goes_on_from_the_rows_that_were_switched_to(addresses: Addresses) -> None:
    ledger, painting = small_world(), PictureStep()
    ledger.apply(says("sohr", "ongoing", claim="first"))
    with following(addresses, ledger.history) as world:
        world.catch_up()
        world.catch_up(PictureStep())
        world.run("UPDATE views.picture SET since = 1 WHERE until IS NULL")
        carry_on(world, painting, ledger, says("army", "none", claim="late", valid="2016-12-24"))
        mended = painted_anew(world)
        carry_on(world, painting, ledger, says("ally", "none", claim="later"))
        assert len(world.rows("picture")) > len(mended)
        assert world.rows("picture") == painted_anew(world)


def test_nothing_is_remembered_of_claims_that_were_wrong_and_built_anew(addresses: Addresses) -> None:
    ledger, painting = small_world(), PictureStep()
    ledger.apply(says("sohr", "ongoing", claim="first"))
    with following(addresses, ledger.history) as world:
        world.catch_up()
        world.catch_up(PictureStep())
        world.run("UPDATE views.claims SET state = replace(state, '\"ongoing\"', '\"none\"')")
        carry_on(world, painting, ledger, says("army", "none", claim="late"))
        wrong = world.rows("picture")
        writer = world.writer()
        Replay(world.log, writer, world.steps["claims"]).run()
        writer.close()
        assert painted_anew(world) != wrong
        carry_on(world, painting, ledger, says("ally", "none", claim="later"))
        assert world.rows("picture") == painted_anew(world)


def carry_on(world: Following, painting: PictureStep, ledger: PaperLedger, claim: Command) -> None:
    """Record a claim, and let every view take it in."""
    ledger.apply(claim)
    world.log.extend(ledger.history[world.log.head() :])
    world.catch_up()
    world.catch_up(painting)


def painted_anew(world: Following) -> list[tuple[object, ...]]:
    """Replay the picture and switch, and return its rows."""
    writer = world.writer()
    Replay(world.log, writer, PictureStep()).run()
    writer.close()
    return world.rows("picture")


def test_what_the_view_in_use_has_not_taken_in_is_left_to_whoever_carries_it_forward(addresses: Addresses) -> None:
    ledger = a_claim_and_a_half()
    with following(addresses, ledger.history[:-1]) as world:
        world.catch_up()
        writer, step, stood = world.writer(), world.steps["claims"], world.log.head()
        replay = Replay(world.log, writer, step, batch=7)
        replay.begin()
        world.log.extend(ledger.history[-1:])
        assert replay.run().checkpoint == stood
        writer.close()
        world.catch_up()
        assert world.rows("claims") == refolded("claims", ledger.history)


def test_a_switch_passes_over_what_the_view_does_not_look_at_and_goes_no_further(addresses: Addresses) -> None:
    ledger = a_claim_and_a_half()
    with following(addresses, ledger.history[:-1]) as world:
        world.catch_up()
        writer, step, stood = world.writer(), world.steps["claims"], world.log.head()
        writer.enter(step, "replay_claims")
        writer.advance(step, "replay_claims", 0, ledger.history[: stood - 1])
        place = switch(writer, step, lambda after: ledger.history[-1:])
        writer.close()
        assert place is not None
        assert (place.generation, place.checkpoint) == (2, stood)
        assert world.rows("claims") == refolded("claims", ledger.history[:stood])


def a_claim_and_a_half() -> PaperLedger:
    """A claim, something that no view of claims looks at, and another claim."""
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="first"), story("siege", "minian/control"))
    ledger.apply(says("ally", "none", claim="later"))
    return ledger
