"""Each caller has so many calls a minute, is told how many are left, and takes none from anybody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app, describe
from services.access.allowances import Allowance
from services.access.gate import Everybody, Gate
from services.access.keys import NewKey
from services.settings import BadSetting, read_settings
from support.database import Cluster, fresh_database
from support.service import HERE, Desk, open_desk

MOST = 3
OPERATIONS = {told["operationId"]: told for methods in describe()["paths"].values() for told in methods.values()}


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Desk]:
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        yield opened


@pytest.fixture
def client(room: Desk) -> TestClient:
    """A service that gives each caller `MOST` calls, all of them unused."""
    return TestClient(create_app(room.newsroom, Gate(room.newsroom.keys), calls_a_minute=MOST), HERE)


@pytest.fixture(scope="module")
def keys(room: Desk) -> list[dict[str, str]]:
    names = ("anna", "bela")
    made = [room.newsroom.keys.make(NewKey(name=name, role="reader"), "a test")["key"] for name in names]
    return [{"Authorization": f"Bearer {key}"} for key in made]


def test_who_has_used_up_their_calls_is_told_when_there_is_one_again(
    client: TestClient, keys: list[dict[str, str]]
) -> None:
    answers = [client.get("/v1/policies", headers=keys[0]) for _ in range(MOST + 1)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"calls";q=3;w=60'}
    assert [one.headers["RateLimit"].split(";")[1] for one in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0].headers["RateLimit"] == '"calls";r=2;t=20'
    assert answers[-1].json()["type"] == "/problems/too-many-calls"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 20


def test_what_one_uses_up_another_still_has(client: TestClient, keys: list[dict[str, str]]) -> None:
    for _ in range(MOST + 1):
        client.get("/v1/policies", headers=keys[0])
    assert client.get("/v1/policies", headers=keys[0]).status_code == 429
    assert client.get("/v1/policies", headers=keys[1]).status_code == 200
    assert client.head("/v1/policies", headers=keys[1]).headers["RateLimit"].startswith('"calls";r=1;')


def test_what_is_open_is_not_counted(client: TestClient) -> None:
    answers = [client.get(path) for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/") * 3]
    assert 429 not in {one.status_code for one in answers}
    assert not any("RateLimit" in one.headers for one in answers)


def test_an_address_has_so_many_guesses_and_whoever_has_a_key_is_let_in(
    room: Desk, keys: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few that none comes back while we ask.
    monkeypatch.setattr("api.limits.GUESSES", 3)
    client = TestClient(create_app(room.newsroom, Gate(room.newsroom.keys), calls_a_minute=MOST), HERE)
    assert client.get("/v1/policies", headers=keys[0]).status_code == 200
    guesses = [client.get("/v1/policies", headers={"Authorization": f"Bearer onr_{number}"}) for number in range(4)]
    assert {one.status_code for one in guesses[:-1]} == {401}
    assert (guesses[-1].status_code, guesses[-1].json()["type"]) == (429, "/problems/too-many-calls")
    assert client.post("/v1/session", json={"key": "onr_guess"}).status_code == 429
    # Also who was never in before: behind a proxy somebody else's guesses come from the same address.
    assert [client.get("/v1/policies", headers=key).status_code for key in keys] == [200, 200]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_contract_says_so_of(name: str) -> None:
    told = OPERATIONS[name]
    assert bool(told["security"]) <= ("429" in told["responses"])
    assert "RateLimit" in told["responses"].get("429", {"headers": {"RateLimit": ""}})["headers"]


def test_who_is_alone_here_may_ask_as_often_as_they_like(room: Desk) -> None:
    alone = TestClient(create_app(room.newsroom, Everybody()), HERE)
    assert "RateLimit" not in alone.get("/v1/policies").headers


def test_the_setting_counts_and_suits_the_way_people_are_let_in() -> None:
    def a_minute(**given: str) -> int:
        return read_settings({"ONRECORD_HOME": "/tmp/none", **given}).calls_a_minute  # noqa: S108 (nothing is there)

    assert a_minute() == 6_000
    assert a_minute(ONRECORD_ACCESS="open") == 0
    assert a_minute(ONRECORD_ACCESS="open", ONRECORD_RATE="100") == 100
    assert a_minute(ONRECORD_RATE="0") == 0
    with pytest.raises(BadSetting, match="ONRECORD_RATE"):
        a_minute(ONRECORD_RATE="-1")


def test_calls_come_back_evenly() -> None:
    clock = Clock()
    calls = Allowance(60, clock)
    assert [calls.take("anna").wait for _ in range(60)] == [0.0] * 60
    assert calls.take("anna").wait == pytest.approx(1)
    clock.now += 1.5
    assert (calls.take("anna").wait, calls.take("anna").wait) == (0.0, pytest.approx(0.5))
    clock.now += 3_600
    assert (calls.take("anna").left, calls.is_used_up("anna")) == (59, None)


def test_who_has_all_of_theirs_is_forgotten() -> None:
    clock = Clock()
    calls = Allowance(1, clock)
    for number in range(20_000):
        calls.take(str(number))
        clock.now += 1
    assert len(calls._full_at) <= 10_000  # noqa: SLF001 (how much is kept shows nowhere else)
    assert calls.take("19999").wait > 0
