"""A process that only asks answers from a standby as another would from the primary, and changes nothing anywhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

import pytest

from api.access import RIGHT_OF, operation_of
from api.app import ROUTES
from services.access.gate import Gate
from services.access.keys import NewKey
from services.bootstrap import open_database, open_newsroom
from services.errors import AnotherServer, ReadingOnly, StoreUnavailable
from services.one_server import begin_an_answer
from services.reading import Reading
from services.settings import BadSetting, read_settings
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.one_server import OneServer, behind
from support.service import Desk, open_desk
from support.standby import Pair, standing_by

RECORDS = "https://onrecord.example.org"
CHANGES = [
    (operation_of(route), method, route.path)
    for routes in ROUTES
    for route in routes.router.routes
    for method in route.methods - {"GET", "HEAD"}
    if RIGHT_OF[operation_of(route)] not in (None, "read")
]
ASKED = (
    "/v1/claims?q=aleppo",
    "/v1/sources",
    "/v1/locations",
    "/v1/stories",
    "/v1/beliefs",
    "/v1/contradictions",
    "/v1/policies",
    "/v1/editions",
    "/v1/events?limit=3",
    "/v1/events?after=3",
    "/v1/alerts",
    "/v1/checkpoints",
)
PATIENCE = 60.0


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with standing_by() as running:
        yield running


@pytest.fixture(scope="module")
def desk(pair: Pair) -> Iterator[Desk]:
    """Where is recorded: at the primary."""
    with open_desk(pair.primary) as opened:
        opened.load()
        opened.newsroom.checkpoints.make()
        yield opened


@pytest.fixture(scope="module")
def reader(pair: Pair, desk: Desk) -> Iterator[Desk]:
    """Who only asks: at the standby."""
    with open_newsroom(Addresses(pair.service, pair.service), reading=Reading(RECORDS)) as newsroom:
        yield Desk(newsroom)


T = TypeVar("T")


def until(true: Callable[[], T]) -> T:
    give_up = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return found


def place(name: str) -> dict[str, object]:
    return {"names": [name], "precision": "unspecified"}


@pytest.mark.parametrize("path", ASKED)
def test_it_answers_as_the_primary_does(desk: Desk, reader: Desk, path: str) -> None:
    seen = {"Ledger-Position": str(desk.head)}
    there, here = (one.client.get(path, headers=seen) for one in (desk, reader))
    assert (here.status_code, here.text) == (200, there.text)
    assert here.headers.get("Ledger-Position") == there.headers.get("Ledger-Position")


def test_what_was_recorded_a_moment_ago_is_waited_for(desk: Desk, reader: Desk) -> None:
    for number in range(5):
        sent = desk.put(f"/v1/locations/later-{number}", place(f"Later {number}"))
        assert sent.status_code == 201, sent.text
        seen = {"Ledger-Position": sent.headers["Ledger-Position"]}
        assert reader.client.get(f"/v1/locations/later-{number}", headers=seen).status_code == 200


def test_a_copy_that_is_held_back_says_so_and_how_far(
    pair: Pair, desk: Desk, reader: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = until(lambda: told(reader)["position"] == desk.head and desk.head)
    assert until(lambda: told(reader)["behind_seconds"] == 0 and told(reader)) == {
        "position": before,
        "standby": True,
        "fed": True,
        "behind_seconds": 0.0,
    }
    monkeypatch.setattr("services.cuts.PATIENCE", 0.2)
    pair.run("SELECT pg_wal_replay_pause()")
    try:
        until(lambda: pair.run("SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'"))
        sent = desk.put("/v1/locations/held-back", place("Held back"))
        assert until(lambda: told(reader)["behind_seconds"] > 0)
        assert told(reader)["position"] < desk.head
        for asked in (
            reader.client.get("/v1/locations/held-back", headers={"Ledger-Position": sent.headers["Ledger-Position"]}),
            reader.client.get(f"/v1/locations?as_of={desk.head}"),
        ):
            assert (asked.status_code, asked.json()["type"]) == (503, "/problems/not-caught-up")
            assert asked.headers["Retry-After"] == "1"
        without = reader.client.get("/v1/locations")
        assert (without.status_code, int(without.headers["Ledger-Position"]) < desk.head) == (200, True)
    finally:
        pair.run("SELECT pg_wal_replay_resume()")
    monkeypatch.setattr("services.cuts.PATIENCE", PATIENCE)
    assert reader.client.get(f"/v1/locations/held-back?as_of={desk.head}").status_code == 200


def told(reader: Desk) -> dict[str, Any]:
    answer = reader.client.get("/readyz")
    assert answer.status_code == 200
    return answer.json()["replica"]


@pytest.mark.parametrize("call", CHANGES, ids=lambda call: call[0])
def test_nothing_is_changed_by_any_call(reader: Desk, call: tuple[str, str, str]) -> None:
    _, method, path = call
    for name in ("position", "number", "level", "claim", "sha256"):
        path = path.replace(f"{{{name}}}", "7")
    answer = reader.client.request(method, path.replace("{", "no-").replace("}", "").replace(":path", ""))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/reading-only")
    assert answer.json()["record_at"] == RECORDS


def test_a_key_opens_it_and_its_use_is_not_written_down(desk: Desk, reader: Desk) -> None:
    key = desk.newsroom.keys.make(NewKey(name="eve", role="editor"), "a test")["key"]
    until(lambda: "eve" in reader.newsroom.keys.standing())
    asking = Desk(reader.newsroom, Gate(reader.newsroom.keys))
    session = asking.client.get("/v1/session", headers={"Authorization": f"Bearer {key}"}).json()
    # The pages show nobody a form that would be refused.
    assert (session["role"], session["rights"]) == ("editor", ["read"])
    assert asking.client.get("/v1/sources", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert desk.newsroom.keys.one("eve")["last_used"] is None


def test_nothing_is_written_to_a_primary_either(pair: Pair, desk: Desk) -> None:
    with open_newsroom(pair.primary, reading=Reading(), sealing=1) as newsroom, newsroom.watch.kept():
        assert Desk(newsroom).ask("/v1/sources").status_code == 200
        assert told(Desk(newsroom)) == {"position": desk.head, "standby": False, "fed": False, "behind_seconds": 0.0}
        with pytest.raises(ReadingOnly, match="by another process"):
            newsroom.ledger.record_many([])
        # Whoever forgets to ask whether it may is refused by the database.
        with pytest.raises(StoreUnavailable) as refused:
            newsroom.keys.make(NewKey(name="nobody", role="reader"), "a test")
        assert refused.value.read_only


def test_a_question_that_recovery_breaks_off_is_asked_again(pair: Pair, desk: Desk) -> None:
    with Connections(pair.service, reading=OneServer()) as connections:
        answers: list[Any] = []
        asking = threading.Thread(
            target=lambda: answers.extend(
                connections.fetch("SELECT count(*), (SELECT pg_sleep(2)) IS NULL FROM ledger.ledger_events")
            )
        )
        asking.start()
        until(lambda: pair.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
        pair.run("BEGIN; LOCK TABLE ledger.ledger_events IN ACCESS EXCLUSIVE MODE; COMMIT", at_primary=True)
        asking.join()
        assert answers == [(desk.head, False)]
    conflicts = "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database()"
    assert until(lambda: pair.run(conflicts)[0][0]) == 1


def test_an_answer_is_of_one_server_and_the_next_may_be_of_another(pair: Pair, desk: Desk) -> None:
    # What is said of an answer holds in this context, and in no other test.
    copy_context().run(leave_a_server, pair)


def leave_a_server(pair: Pair) -> None:
    with Connections(pair.both, reading=OneServer()) as connections:
        begin_an_answer()
        assert behind(connections.fetch).standby
        pair.stop()
        try:
            with pytest.raises(AnotherServer):
                until(lambda: not behind(connections.fetch).standby)
            begin_an_answer()
            assert not behind(connections.fetch).standby
        finally:
            pair.start()


def test_without_a_server_that_somebody_else_runs_there_is_nothing_to_ask(tmp_path: Path) -> None:
    settings = read_settings({"ONRECORD_HOME": str(tmp_path / "home"), "ONRECORD_READING": "on"})
    with pytest.raises(BadSetting, match="ONRECORD_READING"), open_database(settings):
        raise AssertionError
    assert not (tmp_path / "home").exists()
