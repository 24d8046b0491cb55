"""Alerts are exactly the changes of what is believed now: those of the pure domain, each once, none from a replay."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from domain.commands import PublishEdition
from services.orders import Order
from services.picture import PictureStep
from services.replay import Replay
from services.store.embedded import Addresses
from services.store.views import ViewWriter
from services.whatif import Terms
from support.builders import aspect, corrects, question, relates, says, small_world, story, withdraws
from support.ledger import uuid7
from support.watching import Reckoned, Watching, chapters, told_by, watching


@pytest.fixture
def desk(addresses: Addresses) -> Iterator[Watching]:
    with watching(addresses) as ready:
        ready.paper = small_world()
        ready.log.append([one.event for one in ready.paper.history])
        yield ready


def replayed(desk: Watching, order: Order | None = None, step: PictureStep | None = None) -> None:
    """Build a picture anew, and switch if it is the one in use."""
    writer = ViewWriter(desk.connections)
    Replay(desk.log, writer, step or PictureStep(), order or Order(), batch=5).run()
    writer.close()


def soon(seconds: float = 0.0) -> str:
    """An instant so many seconds from now, as it stands in a claim."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_alerts_are_the_changes_of_the_present(desk: Watching) -> None:
    desk.tell(*chapters(count(), 5))
    desk.catch_up(batch=3)
    desk.tell(*chapters(count(5), 4))
    desk.catch_up(batch=100)
    reckoned = Reckoned(desk.log.read(0, 100_000)).by_events()
    assert len(reckoned) > 20
    assert told_by(desk.alerts()) == reckoned
    assert [one.number for one in desk.alerts()] == list(range(1, len(desk.alerts()) + 1))


def test_a_picture_that_is_built_anew_tells_nothing_again_and_loses_nothing(desk: Watching) -> None:
    desk.tell(*chapters(count(), 3))
    desk.catch_up()
    before = desk.alerts()
    replayed(desk)
    desk.catch_up()
    assert desk.alerts() == before
    # What is recorded between the last look and the switch is found in the new picture.
    desk.tell(*chapters(count(3), 3))
    replayed(desk)
    desk.catch_up()
    assert told_by(desk.alerts()) == Reckoned(desk.log.read(0, 100_000)).by_events()
    assert desk.alerts()[: len(before)] == before


def test_a_what_if_tells_nothing(desk: Watching) -> None:
    desk.tell(*chapters(count(), 2))
    desk.catch_up()
    before = desk.alerts()
    terms = Terms("latest/1", ("rebels",), desk.log.head())
    replayed(desk, Order(place="whatif_wary", upto=desk.log.head()), PictureStep(terms))
    desk.catch_up()
    assert desk.alerts() == before


def test_of_what_was_recorded_before_alerting_began_nothing_is_told(desk: Watching) -> None:
    desk.forget()
    desk.tell(*chapters(count(), 2), says("sohr", "besieged", at="minian/siege", valid=soon(8.0)))
    begun = time.monotonic()
    desk.catch_up()
    assert [one for one in desk.alerts() if not one.id.startswith("t-")] == []
    time.sleep(max(8.1 - (time.monotonic() - begun), 0))
    desk.catch_up()
    # But of what lies ahead of that moment everything is.
    assert {one.kind for one in desk.alerts()} == {"belief-changed", "claim-became-valid"}
    head = desk.log.head()
    desk.tell(*chapters(count(2), 1))
    desk.catch_up()
    found = {name: told for name, told in told_by(desk.alerts()).items() if not name.startswith("t-")}
    assert found == Reckoned(desk.log.read(0, 100_000)).by_events(after=head)


def test_what_time_alone_brings_about_is_told_when_it_does_and_once(desk: Watching) -> None:
    desk.tell(
        aspect("ceasefire", "state", values=["on", "off"]),
        says("sohr", "on", at="minian/ceasefire", valid=f"{soon(2.0)}/{soon(2.4)}"),
        says("reuters", "off", at="minian/ceasefire", valid=soon(2.2)),
    )
    desk.catch_up()
    time.sleep(2.5)
    desk.tell(says("reuters", "none", at="aleppo/fighting"))
    desk.catch_up()
    desk.catch_up()
    reckoned = Reckoned(desk.log.read(0, 100_000))
    expected = reckoned.by_time(datetime.now(UTC)) | reckoned.by_events()
    assert len(expected) >= 3
    assert told_by(desk.alerts()) == expected
    assert [one["source"] for one in desk.shown("claim-became-valid")] == ["sohr", "reuters"]
    assert [one.instant for one in desk.alerts()] == sorted(one.instant for one in desk.alerts())


def test_a_claim_that_was_taken_back_does_not_come_to_hold(desk: Watching) -> None:
    desk.tell(says("sohr", "ongoing", valid=soon(0.3), claim="early"), withdraws("early"))
    time.sleep(0.4)
    desk.catch_up()
    assert desk.shown("claim-became-valid") == []


def test_a_plan_lapses_once_unless_it_was_carried_out(desk: Watching) -> None:
    until = soon(2.0)
    desk.tell(
        says("army", "attack", at="minian/intent", valid=f"{soon(-60)}/{until}", stated=soon(-60), modality="planned"),
        says("rebels", "retreat", at="minian/intent", valid=f"{soon(-60)}/{until}", stated=soon(-60), claim="plan"),
        says("sohr", "ongoing", claim="done", valid=soon(-30)),
        relates("done", "confirms", "plan"),
    )
    desk.catch_up()
    time.sleep(2.1)
    desk.catch_up()
    desk.catch_up()
    assert [(one["value"], one["question"]) for one in desk.shown("plan-lapsed")] == [
        ("attack", {"location": "minian", "aspect": "intent"})
    ]


def edition(desk: Watching, *claims: str, policy: str = "desk/1") -> PublishEdition:
    """An edition that relied on who holds Minian."""
    relied = {"question": question("minian/control"), "digest": "0" * 64, "agreement": "contested"}
    return PublishEdition.model_validate(
        {
            "story": "siege",
            "title": "The morning",
            "published": {"edtf": "2016-11-08"},
            "as_of": desk.paper.head,
            "policy": policy,
            "claims": [uuid7(claim) for claim in claims],
            "beliefs": [relied],
        },
        strict=False,
    )


def test_an_edition_is_told_of_each_time_that_what_it_relied_on_changes(desk: Watching) -> None:
    desk.tell(story("siege", "minian/control"), says("sohr", "rebels", at="minian/control", claim="a"))
    desk.tell(edition(desk, "a"))
    desk.tell(says("sohr", "ongoing", at="syria/fighting"))
    desk.catch_up()
    assert desk.shown("edition-affected") == []
    desk.tell(says("army", "government", at="minian/control", claim="b"))
    desk.tell(corrects("a", says("sohr", "government", at="minian/control", claim="c")))
    desk.catch_up()
    first, second = desk.shown("edition-affected")
    assert (first["edition"], first["claims"]) == (1, [])
    assert [one["question"] for one in first["beliefs"]] == [{"location": "minian", "aspect": "control"}]
    assert [(one["claim"], one["status"]) for one in second["claims"]] == [(uuid7("a"), "corrected")]
    assert second["beliefs"][0]["before"]["value"] == "rebels"
    assert str(first["id"]).split("-")[0] == str(desk.log.head() - 1)


def test_an_edition_by_a_policy_that_is_gone_is_told_of_for_its_claims_alone(desk: Watching) -> None:
    desk.tell(story("siege", "minian/control"), says("sohr", "rebels", at="minian/control", claim="a"))
    desk.tell(edition(desk, "a", policy="gone/1"))
    desk.tell(says("army", "government", at="minian/control"), withdraws("a"))
    desk.catch_up()
    assert [(one["beliefs"], len(one["claims"])) for one in desk.shown("edition-affected")] == [([], 1)]


def test_an_edition_by_another_policy_is_judged_by_that(desk: Watching) -> None:
    desk.tell(story("siege", "minian/control"), says("sohr", "rebels", at="minian/control", claim="a"))
    desk.tell(edition(desk, policy="latest/1"))
    desk.tell(says("army", "government", at="minian/control", stated="2016-11-09"))
    desk.catch_up()
    (told,) = desk.shown("edition-affected")
    assert told["beliefs"][0]["after"]["value"] == "government"
