"""A question that takes too long is broken off and told so; recording, folding and what streams never are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import copy_context

import psycopg
import pytest

from api.access import RIGHT_OF, is_answered_soon
from services.errors import TookTooLong
from services.patience import answer_soon
from services.store.connections import Connections
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

STREAMED = ("/v1/events", "/v1/exports", "/v1/alerts", "/metrics")


@pytest.fixture(scope="module")
def fresh(cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def room(fresh: Addresses) -> Iterator[Desk]:
    with open_desk(fresh) as opened:
        opened.load()
        assert opened.ask("/v1/sources").status_code == 200
        yield opened


@pytest.fixture
def hurried(room: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A service that keeps nobody waiting for more than a third of a second."""
    monkeypatch.setattr("services.patience.ANSWERED_WITHIN", 0.3)
    return room


def test_a_question_that_the_database_is_long_about_is_told_with_503(hurried: Desk, fresh: Addresses) -> None:
    with psycopg.connect(fresh.owner) as holding:
        holding.execute("LOCK TABLE views.claims IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = hurried.client.get("/v1/projections/claims/rows")
        took = time.monotonic() - began
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/took-too-long")
    assert (answer.headers["Retry-After"], took < 10) == ("30", True)
    assert hurried.client.get("/v1/projections/claims/rows").status_code == 200


def test_no_statement_begins_when_the_time_is_over(room: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.patience.ANSWERED_WITHIN", -1.0)
    assert room.client.get("/v1/contradictions").json()["type"] == "/problems/took-too-long"
    assert {path: room.client.get(path).status_code for path in STREAMED} == dict.fromkeys(STREAMED, 200)
    assert room.send("/v1/claims", {}).status_code == 422


def test_a_connection_that_was_hurried_is_patient_with_the_next_one(
    fresh: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.patience.ANSWERED_WITHIN", 0.3)

    def in_a_hurry() -> None:
        answer_soon()
        with pytest.raises(TookTooLong):
            connections.fetch("SELECT pg_sleep(5)")
        time.sleep(0.3)
        with pytest.raises(TookTooLong):
            connections.fetch("SELECT 1")

    with Connections(fresh.service, most=1) as connections:
        copy_context().run(in_a_hurry)
        assert connections.fetch("SELECT pg_sleep(0.6), 1")[0][1] == 1
        with connections.connection() as lent:
            lent.execute("SELECT pg_sleep(0.6)")


def test_what_records_is_never_bounded() -> None:
    bounded = {name for name in RIGHT_OF if is_answered_soon(name, "GET")}
    assert {RIGHT_OF[name] for name in bounded} == {"read"}
    assert {"get_belief", "list_map_layers", "search_claims"} <= bounded
    assert not any(is_answered_soon(name, "POST") for name in RIGHT_OF)
