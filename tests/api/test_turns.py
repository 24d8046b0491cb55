"""What judges hundreds of questions goes two at a time; whatever else is asked meanwhile does not wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import anyio
import psycopg
import pytest

from services.store.embedded import Addresses
from support.asgi import Answered, answered
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

MANY = "/v1/locations/north-quay/timeline"


@pytest.fixture(scope="module")
def fresh(cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def room(fresh: Addresses) -> Iterator[Desk]:
    with open_desk(fresh) as opened:
        opened.load()
        opened.newsroom.projector.caught_up_to(opened.head, 300)
        assert opened.client.get(MANY).status_code == 200
        yield opened


@contextmanager
def held(addresses: Addresses) -> Iterator[None]:
    """Let nobody read claims or the picture meanwhile."""
    with psycopg.connect(addresses.owner) as holding:
        holding.execute("LOCK TABLE views.claims, views.picture IN ACCESS EXCLUSIVE MODE")
        yield


async def asked(room: Desk, fresh: Addresses) -> tuple[list[Answered], Answered]:
    """Four calls on many questions while none can go on, and one on something else, which has its answer first."""
    ask = partial(answered, room.client.app, "GET")
    many: list[Answered] = []

    async def ask_of_many() -> None:
        many.append(await ask(MANY, {}))

    async with anyio.create_task_group() as asking:
        with held(fresh):
            for _ in range(4):
                asking.start_soon(ask_of_many)
            with anyio.fail_after(60):
                while len(many) < 2:
                    await anyio.sleep(0.02)
            other = await ask("/v1/sources", {})
            assert len(many) == 2
    return many, other


def test_two_go_at_a_time_and_those_whose_turn_does_not_come_are_told(
    room: Desk, fresh: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.lanes.TURN_WITHIN", 0.3)
    many, other = anyio.run(asked, room, fresh)
    assert other.status_code == 200
    assert [one.status_code for one in many] == [503, 503, 200, 200], [one.text[:200] for one in many]
    assert all("/problems/took-too-long" in one.text and one.headers["retry-after"] == "30" for one in many[:2])


def test_whoever_leaves_while_they_wait_takes_nobodys_turn(room: Desk, fresh: Addresses) -> None:
    async def ask() -> None:
        assert (await answered(room.client.app, "GET", MANY, {})).status_code == 200

    async def ask_and_leave() -> None:
        async with anyio.create_task_group() as asking:
            with held(fresh):
                for _ in range(2):
                    asking.start_soon(ask)
                await anyio.sleep(0.1)
                for _ in range(3):
                    with anyio.move_on_after(0.1) as left:
                        await ask()
                    assert left.cancelled_caught
        async with anyio.create_task_group() as asking:
            for _ in range(5):
                asking.start_soon(ask)

    anyio.run(ask_and_leave)
