"""Whoever goes back to an older version is told of views that it cannot carry, and can build them as it does."""

import psycopg
import pytest

from services.bootstrap import open_newsroom
from services.cli.rooms import caught_up
from services.imports import import_lines
from services.store.embedded import Addresses
from services.story import lines


def test_a_view_of_a_newer_version_is_told_and_not_waited_for(
    addresses: Addresses, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_newsroom(addresses) as room:
        list(import_lines(room.ledger, lines("registry")))
        room.projector.caught_up_to(room.feed.head(), 60.0)
    with psycopg.connect(addresses.owner) as upgraded:
        upgraded.execute(
            "UPDATE views.projections SET version = version + 1 WHERE (name, place) = ('stories', 'views')"
        )
    with open_newsroom(addresses, following=False) as room:
        list(import_lines(room.ledger, lines("claims")[:3]))
        head = caught_up(room)
        assert "stories: built by a newer version of OnRecord" in " ".join(capsys.readouterr().err.split())
        assert [room.projections.lags()[name][0] for name in ("stories", "claims")] == [3, 0]
        room.projections.replay("stories")
        assert caught_up(room) == head
        assert (room.projections.newer(), room.projections.lags()["stories"][0]) == ([], 0)
