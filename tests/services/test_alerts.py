"""Alerts are exactly the changes of what is believed now: those of the pure domain, each once, none from a replay."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from services.store.embedded import Addresses
from support.builders import small_world
from support.watching import Reckoned, Watching, chapters, told_by, watching


@pytest.fixture
def desk(addresses: Addresses) -> Iterator[Watching]:
    with watching(addresses) as ready:
        ready.paper = small_world()
        ready.log.append([one.event for one in ready.paper.history])
        yield ready


def test_alerts_are_the_changes_of_the_present(desk: Watching) -> None:
    desk.tell(*chapters(count(), 9))
    desk.catch_up()
    reckoned = Reckoned(desk.log.read(0, 100_000)).by_events()
    assert len(reckoned) > 20
    assert told_by(desk.alerts()) == reckoned
    assert [one.number for one in desk.alerts()] == list(range(1, len(desk.alerts()) + 1))
