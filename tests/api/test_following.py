"""Whoever runs a desk that follows another is told how far it is, and before what it stopped."""

from __future__ import annotations

from services.bootstrap import open_newsroom
from services.store.embedded import Addresses
from services.store.following import begin_as_copy
from support.database import Cluster, fresh_database
from support.recording import numbered, registers, registry, says
from support.rooms import opened
from support.service import Desk


def test_a_desk_that_follows_another_tells_how_far_and_goes_on_while_it_is_open(
    addresses: Addresses, cluster: Cluster
) -> None:
    with fresh_database(cluster) as room_at, opened(addresses) as desk:
        desk.record(*registry(), says(id=numbered(1)))
        begin_as_copy(addresses.service, room_at.owner, "main")
        with open_newsroom(room_at, followed=lambda _: addresses) as room:
            desk.record(registers("afp"))
            assert room.feed.wait(5, 30.0)
            client = Desk(room).client

            told = {"desk": "main", "position": 6, "refused": None}
            assert any(client.get("/readyz").json()["followed"] == told for _ in range(500))
            assert "onrecord_followed_position 6.0" in client.get("/metrics").text
            assert "onrecord_following_stopped 0.0" in client.get("/metrics").text
