"""Who a protected source is is told by one call and two roles, and lies in one table; nowhere else is a word."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import anyio
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.access import RIGHT_OF
from api.app import describe
from api.examples import EXAMPLES, WORLD, _claim, _id
from api.logs import JsonFormatter, WordlessFormatter, logging_of
from services.access.gate import Gate
from services.access.keys import NewKey
from services.access.roles import RIGHTS_OF, Role
from services.backups import back_up
from services.bootstrap import open_newsroom
from services.cuts import Query
from services.restoring import reached, read, restore
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database, open_folder
from support.operations import CALLS, Call, path_of
from support.service import Desk, open_desk

NAME, NOTE = "Quillfeather Zabriskie", "keeps a xylograph by the weir"
WORDS = ("quillfeather", "zabriskie", "xylograph")
TRACES = (*WORDS, *(word.encode().hex() for word in ("uillfeather", "abriskie", "ylograph")))
"""What gives it away, also where bytes are shown as digits."""
WHO = {"kind": "witness", "name": "a deckhand", "confidential": True, "identity": {"name": NAME, "note": NOTE}}
DECKHAND = "deckhand"
SAID = _id(60)
WHOLE = sql.SQL("SELECT t::text FROM {} AS t")
DOCUMENT = describe()
ASKING: list[tuple[str, str, dict[str, Any]]] = [
    (told["operationId"], path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
    if method == "get"
]
MINE = {
    "key": "reader",
    "source": DECKHAND,
    "claim": SAID,
    "name": "weary",
    "rule": "deck",
    "webhook": "deck-hook",
    "q": "quill",
}
"""What is asked for in the place of the examples' things."""
OTHERWISE: dict[str, dict[str, str]] = {
    "get_difference_of_source": {"from": str(len(WORLD) + 1)},
    "get_projection": {"name": "registry"},
    "list_projection_rows": {"name": "registry"},
}
LATER = ("as_of", "valid_at", "after", "types", "limit", "agreement", "strength", "affected", "bbox")
"""What would keep the newest out of an answer."""


@dataclass
class Ship:
    """A desk with a protected source that was used for all that a source is for, and everything that it let out."""

    desk: Desk
    addresses: Addresses
    keys: dict[Role, dict[str, str]] = field(default_factory=dict)
    log: StringIO = field(default_factory=StringIO)
    answers: list[str] = field(default_factory=list)
    """What was answered to whoever recorded, refusals included."""

    def sends(self, role: Role, method: str, path: str, status: int, body: object = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"Content-Type": "application/json", **self.keys[role], **headers}
        answer = self.desk.client.request(method, path, content=content, headers=told)
        assert answer.status_code == status, answer.text
        self.answers.append(f"{answer.text} {answer.headers}")

    def asks(self, role: Role, path: str, form: str = "*/*", **given: Any) -> Any:  # noqa: ANN401 (an answer)
        seen = {"Ledger-Position": str(self.desk.head), "Accept": form, **self.keys[role]}
        return self.desk.client.get(path, params=given, headers=seen)


def tells(text: str) -> list[str]:
    """What of the identity a text holds."""
    return [trace for trace in TRACES if trace in text.lower()]


@contextmanager
def logged(into: StringIO) -> Iterator[None]:
    """Write down all that any part of the service, or a library, logs at any level."""
    handlers = [logging.StreamHandler(into), logging.StreamHandler(into)]
    handlers[0].setFormatter(JsonFormatter())
    handlers[1].setFormatter(WordlessFormatter(logging_of("text")["formatters"]["text"]["format"]))
    ours = [logging.getLogger(name) for name in ("", "onrecord", "onrecord.access", "services", "api", "psycopg")]
    levels = [one.level for one in ours]
    for handler in handlers:
        # The client of the test runs in the same process, and tells what it asks.
        handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    for one in ours:
        one.handlers += handlers
        one.setLevel(1)
    yield
    for one, level in zip(ours, levels, strict=True):
        one.handlers = [handler for handler in one.handlers if handler not in handlers]
        one.setLevel(level)


@pytest.fixture(scope="module")
def ship(cluster: Cluster) -> Iterator[Ship]:
    with launched(cluster) as made:
        yield made


@contextmanager
def launched(cluster: Cluster) -> Iterator[Ship]:
    with ExitStack() as stack:
        fresh = stack.enter_context(fresh_database(cluster))
        desk = stack.enter_context(open_desk(fresh))
        made = Ship(Desk(desk.newsroom, Gate(desk.newsroom.keys)), fresh)
        stack.enter_context(logged(made.log))
        stack.enter_context(desk.newsroom.watch.kept())
        assert desk.load()[-1]["refused"] == 0
        for role in RIGHTS_OF:
            key = desk.newsroom.keys.make(NewKey(name=role, role=role), "a test")["key"]
            made.keys[role] = {"Authorization": f"Bearer {key}"}
        made.sends("engineer", "POST", "/v1/checkpoints", 200)
        everything(made)
        yield made


def everything(ship: Ship) -> None:
    """Record a protected source, go wrong with it in every way, and use it for all that a source is for."""
    at = f"/v1/sources/{DECKHAND}"
    ship.sends("reporter", "PUT", at, 201, WHO, **{"Idempotency-Key": "deckhand/1"})
    ship.sends("reporter", "PUT", at, 200, WHO, **{"Idempotency-Key": "deckhand/1"})
    ship.sends("reporter", "PUT", at, 200, WHO)
    ship.sends("reporter", "PUT", at, 409, {**WHO, "identity": {"name": NAME}}, **{"Idempotency-Key": "deckhand/1"})
    ship.sends("reporter", "PUT", at, 412, WHO, **{"If-None-Match": "*"})
    ship.sends("editor", "PUT", at, 409, {"kind": "witness", "name": "Anybody"})
    wrong = [
        *({one: "cousin of zabriskie"} for one in ("name", "note", "key")),
        {"kind": "rumour"},
        {"identity": NAME},
        {"identity": {"name": [NAME]}},
        {"identity": {"name": NAME, "note": {NOTE: NOTE}}},
        {"identity": {NAME: NOTE}},
        {"confidential": None},
    ]
    for one in wrong:
        ship.sends("editor", "PUT", "/v1/sources/mate", 422, {**WHO, **one})
    ship.sends("editor", "PUT", "/v1/sources/mate-zabriskie", 422, WHO)
    ship.sends("editor", "PUT", "/v1/sources/mate", 422, json.dumps(WHO).encode()[:-2])
    ship.sends("reader", "PUT", at, 403, WHO)
    ship.sends("editor", "PUT", "/v1/sources/mate", 415, WHO, **{"Content-Type": "text/plain"})
    lines = [{"type": "source", "slug": "cook", **WHO}, {"type": "source", "slug": "cook", **WHO}]
    lines += [{"type": "source", "slug": "mate", **WHO, "name": NAME}, {"type": "location", "slug": "x", **WHO}]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    for atomic in ("true", "false"):
        told = {"Content-Type": "application/x-ndjson"}
        ship.sends("editor", "POST", f"/v1/imports?atomic={atomic}", 200, body, **told)
    ship.sends("editor", "PUT", at, 201, {**WHO, "name": "somebody on deck", "identity": None})
    more = {"statement": "Somebody on deck says that no ship came in."}
    ship.sends("reporter", "POST", "/v1/claims", 201, _claim(60, DECKHAND, "off", "2024-11-07", **more))
    ship.sends("reporter", "POST", "/v1/claims/preview", 200, _claim(61, DECKHAND, "on", "2024-11-08", **more))
    tie = {"id": "deckhand/member", "relation": "member_of", "to": "dockers-union"}
    ship.sends("editor", "POST", f"{at}/affiliations", 201, tie)
    ship.sends("editor", "POST", f"{at}/leans", 201, {"towards": "port-company"})
    ship.sends("editor", "POST", f"{at}/ratings", 201, {"scale": "desk", "grade": "A", "rationale": "Was there."})
    ship.sends("editor", "PUT", "/v1/alert-rules/deck", 201, {"location": "harbour"})
    ship.sends("admin", "PUT", "/v1/webhooks/deck-hook", 201, {"url": "https://desk.example/deck", "rules": ["deck"]})
    edition = {"title": "No ship came in", "valid_at": "2024-11-07", "tz": "+01:00"}
    ship.sends("editor", "POST", "/v1/stories/harbour-strike/editions", 201, edition)
    ship.sends("editor", "POST", f"/v1/claims/{SAID}/withdrawal", 201, {"reason": "They took it back."})
    what_if = {"as": "weary", "policy": "strict/1", "without": ["port-company"]}
    ship.sends("engineer", "POST", "/v1/projections/picture/replays", 202, what_if)
    ship.sends("engineer", "POST", "/v1/checkpoints", 200)


def forms_of(told: dict[str, Any]) -> list[str]:
    """Every form in which an operation answers, but for the first and those that never end."""
    content = told["responses"]["200"].get("content", {})
    return [form for form in list(content)[1:] if form != "text/event-stream"]


def given_to(name: str, path: str, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the query of an operation, about what was recorded here."""
    example = {**EXAMPLES[name].given}
    mine = {one: MINE.get(one, value) for one, value in example.items() if one not in LATER}
    mine |= OTHERWISE.get(name, {})
    asked = {one["name"] for one in told.get("parameters", []) if one["in"] == "query"}
    parts = {one: value for one, value in mine.items() if f"{{{one}}}" in path}
    return path.format(**mine), {one: value for one, value in mine.items() if one in asked - parts.keys()}


@pytest.mark.parametrize(("name", "path", "told"), ASKING, ids=[one[0] for one in ASKING])
def test_nobody_is_told_who_it_is_but_by_the_one_call(ship: Ship, name: str, path: str, told: dict[str, Any]) -> None:
    address, query = given_to(name, path, told)
    answers = {role: ship.asks(role, address, **query) for role in RIGHTS_OF}
    texts = {role: f"{answer.text} {answer.headers}" for role, answer in answers.items()}
    forms = [ship.asks("admin", address, form, **query) for form in forms_of(told)]
    assert {role for role in RIGHTS_OF if tells(texts[role])} == (
        {role for role, rights in RIGHTS_OF.items() if "identify" in rights} if name == "get_identity" else set()
    )
    assert not any(tells(f"{answer.text} {answer.headers}") for answer in forms)
    may = {role for role, rights in RIGHTS_OF.items() if RIGHT_OF[name] is None or RIGHT_OF[name] in rights}
    assert {role for role, answer in answers.items() if answer.status_code < 400} == may


OTHERS = [call for call in CALLS if call[1] == "GET" and call[0] not in {one[0] for one in ASKING}]
LIVE = [(name, path) for name, path, told in ASKING if "text/event-stream" in told["responses"]["200"]["content"]]


@pytest.mark.parametrize("call", OTHERS, ids=[one[0] for one in OTHERS])
def test_what_describes_and_is_in_no_contract_does_not_tell_either(ship: Ship, call: Call) -> None:
    assert RIGHT_OF[call[0]] is None
    answer = ship.asks("admin", path_of(call))
    assert not tells(f"{answer.text} {answer.headers}")


@pytest.mark.parametrize("role", RIGHTS_OF)
@pytest.mark.parametrize(("name", "path"), LIVE, ids=[one[0] for one in LIVE])
def test_no_live_stream_tells_anybody(ship: Ship, name: str, path: str, role: Role) -> None:
    heard = anyio.run(listen, ship, path.format(name="picture"), ship.keys[role])
    assert DECKHAND in heard or name != "list_events"
    assert heard
    assert not tells(heard)


async def listen(ship: Ship, path: str, key: dict[str, str]) -> str:
    """Listen to a live stream from its beginning until it has nothing new, or ends."""
    heard: list[str] = []
    headers = [(b"accept", b"text/event-stream"), (b"authorization", key["Authorization"].encode())]
    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"", "headers": headers,
    }  # fmt: skip
    with anyio.fail_after(30), anyio.CancelScope() as enough:

        async def receive() -> Any:  # noqa: ANN401 (nothing comes)
            await anyio.sleep_forever()

        async def send(message: Any) -> None:  # noqa: ANN401 (as ASGI has it)
            heard.append(f"{message.get('headers', '')}{message.get('body', b'').decode()}")
            if "nothing new" in heard[-1]:
                enough.cancel()

        await ship.desk.app(scope, receive, send)
    return "".join(heard)


@pytest.mark.parametrize("address", [f"/v1/sources/{DECKHAND}", f"/v1/claims/{SAID}", "/v1/locations/north-quay"])
def test_no_past_answer_tells(ship: Ship, address: str) -> None:
    past = {"Accept-Datetime": "Mon, 23 Nov 2037 12:00:00 GMT"}
    answer = ship.desk.client.get(address, headers={**ship.keys["admin"], **past})
    assert not tells(f"{answer.text} {answer.headers}")
    assert ship.desk.client.get(address, headers=past).status_code == 401


def test_the_call_tells_who_it_is(ship: Ship) -> None:
    answer = ship.asks("editor", f"/v1/sources/{DECKHAND}/identity")
    shown = answer.json()
    assert (shown["name"], shown["note"], shown["erased"]) == (NAME, NOTE, None)
    assert answer.headers["Cache-Control"] == "no-store"
    source = ship.asks("reader", f"/v1/sources/{DECKHAND}").json()
    assert (source["confidential"], source["commitment"]) == (True, shown["commitment"])
    assert ship.asks("editor", "/v1/sources/coast-wire/identity").status_code == 404
    assert "confidential" not in ship.asks("reader", "/v1/sources/coast-wire").json()


def test_nobody_who_recorded_was_told_it_back(ship: Ship) -> None:
    assert [answer for answer in ship.answers if tells(answer)] == []


@pytest.mark.parametrize("things", ["sources", "claims", "locations"])
def test_it_is_found_by_no_search(ship: Ship, things: str) -> None:
    assert ship.asks("admin", f"/v1/{things}", q="zabriskie").json()[things] == []


def test_the_log_says_who_was_told_and_never_what(ship: Ship) -> None:
    ship.asks("admin", f"/v1/sources/{DECKHAND}/identity")
    written = ship.log.getvalue()
    assert not tells(written)
    assert "who the protected source deckhand is was told to key:admin" in written
    assert '"source": "deckhand", "by": "key:admin"' in written


def test_it_lies_in_one_table_of_the_database(ship: Ship) -> None:
    with psycopg.connect(ship.addresses.owner) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = [
            ".".join(table)
            for table in tables
            for (row,) in connection.execute(WHOLE.format(sql.Identifier(*table)))
            if tells(str(row))
        ]
        statistics = connection.execute("SELECT t::text FROM pg_stats AS t WHERE tablename <> 'identities'").fetchall()
    assert set(found) == {"ledger.identities"}
    assert not tells(str(statistics))


def test_the_log_of_the_database_does_not_have_it(ship: Ship) -> None:
    log = Path(str(conninfo_to_dict(ship.addresses.owner)["host"])).parent / "postgres.log"
    if not log.exists():
        pytest.skip("the server is not ours, and neither is its log")
    assert not tells(log.read_text(encoding="utf-8", errors="replace"))


def test_what_is_taken_elsewhere_has_the_commitment_and_not_the_name(ship: Ship, cluster: Cluster) -> None:
    feed = ship.desk.newsroom.feed
    lines = list(feed.export())
    assert not tells("".join(lines))
    assert not tells("".join(feed.export_events()))
    with fresh_database(cluster) as fresh, open_desk(fresh) as copy:
        report = copy.load_bytes("\n".join(lines).encode())
        assert report[-1]["refused"] == 0
        assert copy.load_bytes("\n".join(lines).encode())[-1]["accepted"] == 0
        shown = copy.ask(f"/v1/sources/{DECKHAND}/identity").json()
        assert (shown["name"], shown["note"], shown["erased"]) == (None, None, None)
        place = "/v1/locations/north-quay/beliefs"
        ours, theirs = ship.asks("reader", place).json(), copy.ask(place).json()
        assert [one["digest"] for one in theirs["beliefs"]] == [one["digest"] for one in ours["beliefs"]]
        assert not tells("".join(copy.newsroom.feed.export()))


def test_a_backup_brings_it_back_until_it_is_erased(cluster: Cluster) -> None:
    at = f"/v1/sources/{DECKHAND}/identity"
    with open_folder() as folder, launched(cluster) as ship:
        back_up(ship.addresses.service, folder / "backup")
        assert who(cluster, folder / "backup", ship.desk.head) == NAME
        before, shown = ship.desk.head, ship.asks("admin", at).json()
        ship.sends("editor", "POST", f"/v1/texts/{shown['commitment']}/erasure", 403, {"reason": "They asked for it."})
        ship.sends("admin", "POST", f"/v1/texts/{shown['commitment']}/erasure", 201, {"reason": "They asked for it."})
        gone = ship.asks("admin", at).json()
        assert (gone["name"], gone["note"], gone["erased"]["reason"]) == (None, None, "They asked for it.")
        back_up(ship.addresses.service, folder / "backup")
        assert who(cluster, folder / "backup", ship.desk.head) is None
        assert who(cluster, folder / "backup", before) is None


def who(cluster: Cluster, backup: Path, upto: int) -> object:
    """Who the deckhand is in a ledger that was put back, up to a position."""
    with fresh_database(cluster) as fresh:
        known = read(backup)
        restore(fresh.owner, known, reached(known, str(upto)))
        with open_newsroom(fresh) as room:
            return room.identities.identity(DECKHAND, Query(at_least=upto), "a test").body["name"]
