"""Every call asks for the right that one table gives it, of everybody, and whoever lacks it gets nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.concurrency import run_in_threadpool

from api.access import RIGHT_OF, operation_of
from api.app import ROUTES, describe
from api.routed import AdmittedRoute, NoRow, refuse_unlisted
from api.waiting import until_the_end
from services.access.gate import Gate
from services.access.keys import AccessKeys, NewKey
from services.access.roles import RIGHTS_OF, Role
from support.database import Cluster, fresh_database
from support.service import HERE, Desk, open_desk

ROLES = tuple(RIGHTS_OF)
STRANGERS = ("nobody", "unknown", "expired", "revoked")
CALLS = [
    (operation_of(route), method, route.path)
    for routes in ROUTES
    for route in routes.router.routes
    for method in route.methods
]
OPERATIONS = {told["operationId"]: told for methods in describe()["paths"].values() for told in methods.values()}
Keys = dict[str, str]
"""What somebody sends as `Authorization`, by what they are called here."""


@pytest.fixture(scope="module")
def room(cluster: Cluster) -> Iterator[Desk]:
    """A ledger whose service asks for keys."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        yield Desk(opened.newsroom, Gate(opened.newsroom.keys))


@pytest.fixture(scope="module")
def keys(room: Desk) -> Keys:
    made = {role: str(room.newsroom.keys.make(NewKey(name=role, role=role), "a test")["key"]) for role in ROLES}
    gone = room.newsroom.keys.make(NewKey(name="gone", role="admin"), "a test")["key"]
    room.newsroom.keys.revoke("gone", "a test")
    return {
        **{role: f"Bearer {key}" for role, key in made.items()},
        "unknown": f"Bearer onr_{'x' * 43}",
        "expired": f"Bearer {expired(room)}",
        "revoked": f"Bearer {gone}",
        "basic": "Basic YWRtaW46YWRtaW4=",
        "long": f"Bearer onr_{'x' * 20_000}",
        "empty": "Bearer ",
    }


def expired(room: Desk) -> str:
    """Return a key that was made a while ago, for an hour."""
    before = datetime.now(UTC) - timedelta(days=1)
    store = room.newsroom.keys._store  # noqa: SLF001 (no part of it can be made in the past otherwise)
    made = AccessKeys(store, lambda: before).make(
        NewKey(name="late", role="admin", expires=before + timedelta(hours=1)), "a test"
    )
    return str(made["key"])


def asked(room: Desk, call: tuple[str, str, str], key: str | None) -> int:
    """Call an operation on things that are not there, without a body, and return the status."""
    _, method, path = call
    for name in ("position", "number", "level", "claim", "sha256"):
        path = path.replace(f"{{{name}}}", "7")
    path = path.replace("{", "no-").replace("}", "").replace(":path", "")
    headers = {"Authorization": key} if key is not None else {}
    return room.client.request(method, path, headers=headers).status_code


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_whoever_is_not_known_gets_only_what_is_open(room: Desk, keys: Keys, call: tuple[str, str, str]) -> None:
    answers = {who: asked(room, call, keys.get(who)) for who in STRANGERS}
    if RIGHT_OF[call[0]] is None:
        # A key that is shown to `get_session` is held against those that are known.
        assert answers["nobody"] not in (401, 403)
    else:
        assert set(answers.values()) == {401}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_a_role_may_what_the_table_says_and_nothing_else(room: Desk, keys: Keys, call: tuple[str, str, str]) -> None:
    right = RIGHT_OF[call[0]]
    allowed = {role for role in ROLES if asked(room, call, keys[role]) not in (401, 403)}
    assert allowed == {role for role in ROLES if right is None or right in RIGHTS_OF[role]}


def test_no_app_is_made_with_a_call_that_lets_everybody_in() -> None:
    routes = [route for one in ROUTES for route in one.router.routes]
    unguarded = APIRoute("/v1/export", lambda: None, operation_id="export_ledger")
    with pytest.raises(NoRow, match="export_ledger"):
        refuse_unlisted([*routes, unguarded])


def test_no_app_is_made_with_a_call_that_the_table_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = [route for one in ROUTES for route in one.router.routes]
    refuse_unlisted(routes)
    forgotten = APIRouter(route_class=AdmittedRoute)
    forgotten.add_api_route("/v1/secrets", lambda: None, operation_id="list_secrets")
    with pytest.raises(NoRow, match="list_secrets"):
        refuse_unlisted([*routes, *(one for one in forgotten.routes if isinstance(one, APIRoute))])
    monkeypatch.setitem(RIGHT_OF, "burn_everything", "read")
    with pytest.raises(NoRow, match="burn_everything"):
        refuse_unlisted(routes)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_contract_names_the_right_of(name: str) -> None:
    right, told = RIGHT_OF[name], OPERATIONS[name]
    assert told["security"] == ([{"key": [right]}, {"session": [right]}] if right else [])
    assert {"401", "403"} <= set(told["responses"]) or right is None


@pytest.mark.parametrize("who", ["basic", "long", "empty"])
def test_what_is_no_key_is_none(room: Desk, keys: Keys, who: str) -> None:
    assert room.client.get("/v1/sources", headers={"Authorization": keys[who]}).status_code == 401


def test_an_answer_is_for_whoever_asked_alone(room: Desk, keys: Keys) -> None:
    answer = room.client.get("/v1/sources", headers={"Authorization": keys["reader"]})
    assert "Authorization, Cookie" in answer.headers["Vary"]
    assert "Cookie" not in room.client.get("/docs").headers.get("Vary", "")


def test_whoever_is_not_known_is_told_how_to_ask(room: Desk) -> None:
    answer = room.client.get("/v1/sources")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/not-admitted")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="onrecord"'


def test_of_a_key_only_whoever_has_it_learns_more(room: Desk, keys: Keys) -> None:
    told = {
        who: room.client.get("/v1/sources", headers={"Authorization": keys[who]}).json()["detail"]
        for who in ("unknown", "expired", "revoked")
    }
    assert told["unknown"] == "this key is not known here"
    assert "'late' expired" in told["expired"]
    assert "'gone' was revoked" in told["revoked"]


def test_whoever_lacks_a_right_is_told_which_and_who_has_it(room: Desk, keys: Keys) -> None:
    answer = room.client.post("/v1/checkpoints", headers={"Authorization": keys["reporter"]})
    told = answer.json()
    assert (answer.status_code, told["right"], told["roles"]) == (403, "run", ["engineer", "admin"])
    assert "key:reporter" in told["detail"]


def test_whoever_may_not_ask_does_not_learn_what_is_there(room: Desk) -> None:
    assert room.client.get("/v1/sources/nobody?colour=red").status_code == 401


def test_keys_are_made_and_revoked_over_http(room: Desk, keys: Keys) -> None:
    headers = {"Authorization": keys["admin"]}
    made = room.client.post("/v1/keys", json={"name": "anna", "role": "reader"}, headers=headers)
    assert (made.status_code, made.headers["Location"], made.json()["made_by"]) == (201, "/v1/keys/anna", "key:admin")
    own = {"Authorization": f"Bearer {made.json()['key']}"}
    assert room.client.get("/v1/sources", headers=own).status_code == 200
    assert room.client.delete("/v1/keys/anna", headers=headers).json()["revoked_by"] == "key:admin"
    assert room.client.get("/v1/keys/anna", headers=headers).json()["stands"] is False
    again = room.client.post("/v1/keys", json={"name": "anna", "role": "admin"}, headers=headers)
    assert again.status_code == 409
    past = {"name": "bert", "role": "reader", "expires": "2001-01-01T00:00:00Z"}
    assert room.client.post("/v1/keys", json=past, headers=headers).json()["type"] == "/problems/already-expired"


def test_an_erasure_does_not_come_in_with_a_file_of_somebody_who_may_not_erase(room: Desk, keys: Keys) -> None:
    line = json.dumps({"type": "text_erased", "sha256": "0" * 64, "reason": "A court.", "also_absent": True})
    # The name is the same however it is written.
    line = line.replace("text_erased", "text\\u005ferased")
    assert "line-not-allowed" in sent(room, keys["editor"], line, "false")
    assert "line-not-allowed" in sent(room, keys["editor"], line, "true")
    assert room.head == 0
    assert '"accepted":1' in sent(room, keys["admin"], line, "false")


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_a_file_comes_in_no_longer_than_the_key_of_its_sender_stands(
    room: Desk, monkeypatch: pytest.MonkeyPatch, atomic: str
) -> None:
    monkeypatch.setattr("services.access.gate.HOLDS", 0.0)
    name = f"sender-{atomic}"
    key = f"Bearer {room.newsroom.keys.make(NewKey(name=name, role='editor'), 'a test')['key']}"
    lines = [
        json.dumps({"type": "source", "slug": f"{name}-{number}", "kind": "monitor", "name": "M"}) for number in (1, 2)
    ]

    def slowly() -> Iterator[bytes]:
        yield lines[0].encode() + b"\n"
        room.newsroom.keys.revoke(name, "a test")
        yield lines[1].encode() + b"\n"

    headers = {"Authorization": key, "Content-Type": "application/x-ndjson"}
    answer = room.client.post(f"/v1/imports?atomic={atomic}", content=slowly(), headers=headers)
    assert (answer.status_code, json.loads(answer.text.splitlines()[-1])["type"]) == (200, "/problems/not-admitted")
    assert not any(f"{name}-2" in str(event) for event in room.newsroom.feed.page(0, room.head, 100).rows)


def sent(room: Desk, key: str, line: str, atomic: str) -> str:
    """Import a line and return the report."""
    headers = {"Authorization": key, "Content-Type": "application/x-ndjson"}
    return room.client.post(f"/v1/imports?atomic={atomic}", content=line, headers=headers).text


@pytest.fixture
def listener(room: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Somebody whose key is about to be revoked, and for whom the clocks of this go fast."""
    monkeypatch.setattr("services.access.gate.HOLDS", 0.0)
    monkeypatch.setattr("api.admitted.LOOK", 0.02)
    name = f"listener-{room.newsroom.feed.head()}-{len(room.newsroom.keys.all())}"
    yield Listener(room, name, str(room.newsroom.keys.make(NewKey(name=name, role="reader"), "a test")["key"]))


@dataclass
class Listener:
    """Somebody who takes an answer that takes long."""

    room: Desk
    name: str
    key: str

    def scope(self, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
        told = [(b"authorization", f"Bearer {self.key}".encode()), *headers]
        return {
            "type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"", "headers": told,
            "app": self.room.app,
        }  # fmt: skip

    async def leaves(self) -> None:
        await run_in_threadpool(self.room.newsroom.keys.revoke, self.name, "a test")

    async def heard(self, stream: AsyncIterator[bytes]) -> list[bytes]:
        return [part async for part in until_the_end(Request(self.scope("/v1/events")), stream)]

    async def told(self, path: str) -> list[Any]:
        """Return all that the app sends."""
        sent: list[Any] = []

        async def receive() -> Any:  # noqa: ANN401 (nothing comes)
            await anyio.sleep_forever()

        async def send(message: Any) -> None:  # noqa: ANN401 (as ASGI has it)
            sent.append(message)

        await self.room.app(self.scope(path, (b"accept-encoding", b"gzip")), receive, send)
        return sent


def test_a_stream_ends_with_the_key_of_whoever_listens(listener: Listener) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await listener.leaves()
        yield b"second"
        raise AssertionError("nobody listens any more")

    assert anyio.run(listener.heard, parts()) == [b"first"]


def test_a_stream_that_is_silent_ends_with_the_key_as_well(listener: Listener) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await listener.leaves()
        await anyio.sleep(30)
        raise AssertionError("nobody listens any more")

    assert anyio.run(listener.heard, parts()) == [b"first"]


def test_an_export_that_loses_its_key_is_cut_off_and_never_looks_complete(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = listener.room

    def lines(*_: object) -> Iterator[str]:
        yield "x" * 70_000
        room.newsroom.keys.revoke(listener.name, "a test")
        yield "y" * 70_000

    monkeypatch.setattr(room.newsroom.feed, "export", lines)
    sent = anyio.run(listener.told, "/v1/exports")
    assert sent[0]["status"] == 200
    assert len(sent) > 1
    assert all(message["more_body"] for message in sent[1:])


def test_an_export_that_is_written_first_is_refused_when_its_key_has_ended(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = listener.room

    def lines(*_: object) -> Iterator[str]:
        room.newsroom.keys.revoke(listener.name, "a test")
        yield "y"

    monkeypatch.setattr(room.newsroom.feed, "export", lines)
    headers = {"Authorization": f"Bearer {listener.key}", "Want-Repr-Digest": "sha-256=1"}
    answer = room.client.get("/v1/exports", headers=headers)
    assert (answer.status_code, "Repr-Digest" in answer.headers) == (401, False)


# --- browsers


@dataclass
class Browser:
    """Somebody with a browser, on our page or on one elsewhere."""

    client: TestClient

    def come_in(self, key: str, **headers: str) -> Any:  # noqa: ANN401 (a response of the test client)
        return self.client.post("/v1/session", json={"key": key}, headers={"Sec-Fetch-Site": "same-origin", **headers})


@pytest.fixture
def browser(room: Desk) -> Browser:
    return Browser(TestClient(room.app, HERE))


def key_of(keys: Keys, role: Role) -> str:
    return keys[role].removeprefix("Bearer ")


def test_a_browser_comes_in_once_and_asks_from_then_on(browser: Browser, keys: Keys) -> None:
    client = browser.client
    assert client.get("/v1/session").json() == {"access": "keys", "by": None, "role": None, "rights": []}
    answer = browser.come_in(key_of(keys, "reporter"))
    assert answer.json() == {
        "access": "keys",
        "by": "key:reporter",
        "role": "reporter",
        "rights": ["read", "record"],
    }
    cookie = answer.headers["Set-Cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/", "max-age=604800"))
    assert "secure" not in cookie
    assert client.get("/v1/sources").status_code == 200
    assert client.get("/v1/session").json()["by"] == "key:reporter"
    left = client.delete("/v1/session", headers={"Sec-Fetch-Site": "same-origin"})
    assert (left.json()["by"], left.headers["Clear-Site-Data"]) == (None, '"cache"')
    assert client.get("/v1/sources").status_code == 401


@pytest.mark.parametrize("proto", ["https", "https, http"])
def test_a_cookie_that_came_by_https_stays_with_it(browser: Browser, keys: Keys, proto: str) -> None:
    answer = browser.come_in(key_of(keys, "reader"), **{"X-Forwarded-Proto": proto})
    assert "secure" in answer.headers["Set-Cookie"].lower()


def test_a_key_that_is_not_known_sets_no_cookie(browser: Browser) -> None:
    answer = browser.come_in("onr_wrong")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_a_cookie_that_stands_no_more_is_passed_over_where_one_comes_in(browser: Browser, keys: Keys) -> None:
    browser.client.cookies.set("onrecord", key_of(keys, "revoked"))  # pyright: ignore[reportArgumentType] (a stranger's)
    assert browser.client.get("/v1/session").json()["by"] is None
    assert browser.client.get("/v1/sources").status_code == 401
    assert browser.client.get("/v1/session", headers={"Authorization": keys["revoked"]}).status_code == 401


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 415),
        ({"Origin": HERE}, 415),
        ({"Origin": HERE.replace("http:", "https:")}, 415),
        ({"Sec-Fetch-Site": "same-site", "Origin": HERE}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
        ({}, 403),
    ],
)
def test_with_a_cookie_only_our_own_page_changes_anything(
    browser: Browser, keys: Keys, said: dict[str, str], status: int
) -> None:
    browser.come_in(key_of(keys, "admin"))
    assert browser.client.post("/v1/claims", headers=said).status_code == status
    assert browser.client.get("/v1/sources", headers=said).status_code == 200


def test_of_two_cookies_none_is_believed(room: Desk, keys: Keys) -> None:
    own, other = (f"onrecord={key_of(keys, role)}" for role in ("admin", "reader"))
    assert room.client.get("/v1/sources", headers={"Cookie": f"a=onrecord={1}; {own}"}).status_code == 200
    assert room.client.get("/v1/sources", headers={"Cookie": f"{other}; {own}"}).status_code == 401
    assert room.client.get("/v1/sources", headers=[("Cookie", own), ("Cookie", other)]).status_code == 401


def test_of_two_keys_none_is_believed(room: Desk, keys: Keys) -> None:
    both = [("Authorization", keys["admin"]), ("Authorization", keys["reader"])]
    assert room.client.get("/v1/sources", headers=both).status_code == 401


def test_a_page_elsewhere_lets_nobody_in_under_another_name(browser: Browser, keys: Keys) -> None:
    answer = browser.come_in(key_of(keys, "reader"), **{"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_a_program_with_a_key_says_nothing_of_pages(room: Desk, keys: Keys) -> None:
    assert room.client.post("/v1/claims", headers={"Authorization": keys["admin"]}).status_code == 415


# --- without keys


@pytest.mark.parametrize("host", ["localhost", "localhost:8321", "127.0.0.1", "127.1.2.3:1", "[::1]", "[::1]:8321"])
def test_an_open_service_answers_to_the_names_of_this_machine(harbour: Desk, host: str) -> None:
    assert harbour.client.get("/v1/sources", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "10.0.0.1", "[::2]", "127.0.0.1.nip.io", "["]
)
def test_an_open_service_answers_to_no_name_that_leads_here_from_elsewhere(harbour: Desk, host: str) -> None:
    answer = harbour.client.get("/v1/sources", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/from-elsewhere")
    assert harbour.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_an_open_service_takes_nothing_from_a_page_elsewhere(harbour: Desk) -> None:
    assert harbour.client.post("/v1/claims", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert harbour.client.post("/v1/claims", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 415
    assert harbour.client.post("/v1/claims").status_code == 415


def test_in_an_open_service_nobody_need_come_in(harbour: Desk) -> None:
    told = harbour.client.get("/v1/session").json()
    assert (told["access"], told["by"], told["role"]) == ("open", "open", "admin")
    assert harbour.client.post("/v1/session", json={"key": "whatever"}).json() == told
