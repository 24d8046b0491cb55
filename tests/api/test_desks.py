"""What is at one desk nobody finds, or finds out, from another one: by no call, key, token or cookie."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.access import RIGHT_OF
from api.app import create_app
from api.desks import Desks
from domain.refusals import Refusal
from services.access.gate import Everybody
from services.access.roles import RIGHTS_OF, Role
from services.desks import UnknownDesk, addresses_of, desks_of, known_desk, make_desk, states_of
from services.dropping import drop_desk, loss_of
from services.settings import BadSetting, read_settings
from services.signing import new_signer
from services.store.desks import DeskNotMade
from services.store.embedded import Addresses
from support.asgi import Answered, answered
from support.database import Cluster, fresh_database
from support.desks import Roof, open_roof, token
from support.operations import CALLS, Call, path_of
from support.service import HERE

MAIN, SPORTS = "", "/desks/sports"
NOWHERE, BROKEN = "/desks/nowhere", "/desks/broken"
Keys = dict[Role, str]


@pytest.fixture(scope="module")
def roof(cluster: Cluster) -> Iterator[Roof]:
    """The main desk and that of sports, and one whose database has no tables; tests add what only they look for."""
    with fresh_database(cluster) as fresh:
        broken = addresses_of(fresh, "broken")
        cluster.run("CREATE DATABASE {}", database(broken))
        try:
            with open_roof(cluster, fresh, "sports") as opened:
                yield opened
        finally:
            cluster.drop(database(broken))


@pytest.fixture(scope="module")
def keys(roof: Roof) -> dict[str, Keys]:
    return {MAIN: roof.keys("main"), SPORTS: roof.keys("sports")}


def database(addresses: Addresses) -> str:
    return str(conninfo_to_dict(addresses.owner)["dbname"])


def asked(roof: Roof, at: str, call: Call, **headers: str) -> Answered:
    assert roof.client.portal is not None
    return roof.client.portal.call(answered, roof.desks, call[1], f"{at}{path_of(call)}", headers)


def told(roof: Roof, at: str, call: Call, **headers: str) -> tuple[object, ...]:
    """Return all that an answer tells, but its id and where it was asked."""
    answer = asked(roof, at, call, **headers)
    own, name = answer.headers["x-request-id"], at.rpartition("/")[2]
    heads = {
        one: value for one, value in answer.headers.items() if one not in ("x-request-id", "etag", "content-length")
    }
    cookie = re.sub(r"expires=[^;]+", "", heads.pop("set-cookie", "").replace(name, "NAME"))
    return answer.status_code, answer.text.replace(own, "ID").replace(at, "AT"), heads, cookie


KEYED = [call for call in CALLS if RIGHT_OF[call[0]]]
TRIED: tuple[Role, ...] = ("reader", "admin")
READY = next(call for call in CALLS if call[0] == "get_readiness")


@pytest.mark.parametrize("call", [*KEYED, READY], ids=lambda call: call[0])
def test_nothing_of_another_desk_lets_anybody_in(roof: Roof, keys: dict[str, Keys], call: Call) -> None:
    own = token("onrecord-admin", "onrecord-city-admin", "onrecord-sports", "sports-admin", "onrecord-sportsadmin")
    wrong = [(SPORTS, {"Authorization": f"Bearer {key}"}) for key in (*keys[MAIN].values(), own)]
    wrong += [(SPORTS, {"Cookie": f"{name}={keys[MAIN]['admin']}"}) for name in ("onrecord", "onrecord-sports")]
    # With the name of its own cookie, the key of the other desk is none; and the other way round.
    wrong += [(SPORTS, {"Cookie": f"onrecord={keys[SPORTS]['admin']}"})]
    if RIGHT_OF[call[0]]:
        wrong += [(MAIN, {"Authorization": f"Bearer {key}"}) for key in keys[SPORTS].values()]
        wrong += [(MAIN, {"Cookie": f"{name}={keys[SPORTS]['admin']}"}) for name in ("onrecord", "onrecord-sports")]
    same = {"Sec-Fetch-Site": "same-origin"}
    assert {asked(roof, at, call, **shown, **same).status_code for at, shown in wrong} == {401}


@pytest.mark.parametrize("call", KEYED, ids=lambda call: call[0])
def test_a_token_of_another_desk_gives_no_right(roof: Roof, call: Call) -> None:
    shown = f"Bearer {token('onrecord-sports-admin')}"
    assert asked(roof, MAIN, call, Authorization=shown).status_code == 403


@pytest.mark.parametrize("call", KEYED, ids=lambda call: call[0])
def test_at_its_own_desk_a_role_may_what_it_may_at_the_main_one(roof: Roof, keys: dict[str, Keys], call: Call) -> None:
    tries = {role: asked(roof, SPORTS, call, Authorization=f"Bearer {keys[SPORTS][role]}") for role in TRIED}
    allowed = {role for role, answer in tries.items() if answer.status_code not in (401, 403)}
    assert allowed == {role for role in TRIED if RIGHT_OF[call[0]] in RIGHTS_OF[role]}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_without_a_key_a_desk_looks_like_none(roof: Roof, keys: dict[str, Keys], call: Call) -> None:
    assert told(roof, SPORTS, call) == told(roof, NOWHERE, call)
    shown = {"Authorization": f"Bearer {keys[MAIN]['admin']}"}
    assert told(roof, SPORTS, call, **shown) == told(roof, NOWHERE, call, **shown)
    assert told(roof, BROKEN, call) == told(roof, NOWHERE, call)


def test_a_head_asks_for_a_key_where_its_get_does(roof: Roof) -> None:
    heads = [(name, "HEAD", path) for name, method, path in KEYED if method == "GET"]
    assert {asked(roof, at, call).status_code for call in heads for at in (MAIN, SPORTS, NOWHERE)} == {401}


@pytest.mark.parametrize("path", ["/", "", "/v1/nothing", "/v1/keys/", "/readyz/", "/favicon.ico", "/map"])
def test_what_is_at_no_address_looks_alike_too(roof: Roof, path: str) -> None:
    call = ("none", "GET", path)
    assert told(roof, SPORTS, call) == told(roof, NOWHERE, call)


@pytest.mark.parametrize(
    "path", ["/desks", "/desks/", "/desks/UP/v1/claims", "/desks/a_b/readyz", f"/desks/{'a' * 31}/"]
)
def test_what_no_desk_can_be_called_is_no_address(roof: Roof, path: str) -> None:
    assert roof.client.get(path).status_code == 404


def test_what_one_desk_records_is_at_no_other(roof: Roof, keys: dict[str, Keys]) -> None:
    own, main = ({"Authorization": f"Bearer {keys[at]['admin']}"} for at in (SPORTS, MAIN))
    canary = {"kind": "monitor", "name": "Zanzibar Observatory"}
    made = roof.client.put(f"{SPORTS}/v1/sources/zanzibar", json=canary, headers=own)
    assert (made.status_code, made.headers["location"]) == (201, f"{SPORTS}/v1/sources/zanzibar")
    seen = {**own, "Ledger-Position": made.headers["ledger-position"]}
    assert roof.client.get(made.headers["location"], headers=seen).json()["name"] == "Zanzibar Observatory"
    gets = [path_of(call) for call in KEYED if call[1] == "GET" and call[0] not in ("list_alerts",)]
    found = [roof.client.get(path, headers=main).text.lower() for path in (*gets, "/v1/sources/zanzibar", "/v1/export")]
    assert not any("observatory" in text for text in found)
    with psycopg.connect(roof.addresses.owner) as connection:
        rows = connection.execute("SELECT state FROM ledger.ledger_events").fetchall()
    assert not any(b"Zanzibar" in row[0] for row in rows)


@pytest.mark.parametrize("desk", ["main", "sports"])
def test_the_connections_of_a_desk_lead_to_its_database_alone(roof: Roof, desk: str) -> None:
    expected = database(addresses_of(roof.addresses, None if desk == "main" else desk))
    room = roof.rooms[desk]
    pools = [room.keys._store._connections, room.feed._log._connections]  # noqa: SLF001 (what no call shows)
    with pools[0].connection() as asking, pools[1].connection() as recording:
        assert {asking.info.dbname, recording.info.dbname} == {expected}
        other = database(roof.addresses) if desk == "sports" else f"{expected}_desk_sports"
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="cross-database"):
            asking.execute(sql.SQL("SELECT 1 FROM {}.ledger.events").format(sql.Identifier(other)))


def test_a_browser_is_in_at_one_desk_alone(roof: Roof, keys: dict[str, Keys]) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    roof.client.cookies.clear()
    came = roof.client.post(f"{SPORTS}/v1/session", json={"key": keys[SPORTS]["editor"]}, headers=same)
    assert "onrecord-sports=" in came.headers["set-cookie"]
    assert "Path=/desks/sports;" in came.headers["set-cookie"]
    assert roof.client.get(f"{SPORTS}/v1/session").json()["by"] == "key:editor"
    assert [roof.client.get(f"{at}/v1/session").json()["by"] for at in (MAIN, NOWHERE)] == [None, None]
    went = roof.client.delete(f"{SPORTS}/v1/session", headers=same)
    assert "Path=/desks/sports;" in went.headers["set-cookie"]
    assert roof.client.get(f"{SPORTS}/v1/session").json()["by"] is None


@pytest.mark.parametrize("call", [call for call in CALLS if call[1] == "GET"], ids=lambda call: call[0])
def test_no_address_that_is_answered_leads_to_the_main_desk(roof: Roof, keys: dict[str, Keys], call: Call) -> None:
    answer = asked(roof, SPORTS, call, Authorization=f"Bearer {keys[SPORTS]['admin']}", Accept="*/*")
    links = [part.split(">")[0] for part in answer.headers.get("link", "").split("<")[1:]]
    links += [answer.headers[name] for name in ("location", "content-location") if name in answer.headers]
    assert all(link.startswith(f"{SPORTS}/") for link in links)
    body = answer.text.replace("http://localhost", "")
    assert '"/v1/' not in body or call[0] == "show_schema"
    assert 'href="/' not in body.replace(f'href="{SPORTS}/', "")


def test_the_contract_says_where_its_paths_begin(roof: Roof) -> None:
    assert roof.client.get(f"{SPORTS}/openapi.json").json()["servers"] == [{"url": SPORTS}]
    assert "servers" not in roof.client.get("/openapi.json").json()


def test_pages_of_a_list_and_past_answers_are_found_below_the_desk(roof: Roof, keys: dict[str, Keys]) -> None:
    own = {"Authorization": f"Bearer {keys[SPORTS]['admin']}"}
    lines = "".join(
        json.dumps({"type": "source", "slug": f"s-{n}", "kind": "monitor", "name": "S"}) + "\n" for n in "ab"
    )
    headers = {**own, "Content-Type": "application/x-ndjson"}
    assert roof.client.post(f"{SPORTS}/v1/imports", content=lines, headers=headers).status_code == 200
    own["Ledger-Position"] = str(roof.rooms["sports"].feed.head())
    first = roof.client.get(f"{SPORTS}/v1/sources?limit=1", headers=own)
    following = first.links["next"]["url"]
    assert following.startswith(f"{SPORTS}/v1/sources?")
    assert roof.client.get(following, headers=own).status_code == 200
    past = roof.client.get(first.links["original timegate"]["url"], headers=own)
    assert past.status_code == 200


def test_one_desk_that_cannot_be_opened_keeps_none_of_the_others_shut(roof: Roof, keys: dict[str, Keys]) -> None:
    own = {"Authorization": f"Bearer {keys[SPORTS]['reader']}"}
    assert roof.client.get(f"{SPORTS}/readyz", headers=own).json()["status"] == "ready"
    shut = roof.client.get(f"{BROKEN}/readyz", headers=own)
    assert (shut.status_code, shut.json()["type"], shut.headers["retry-after"]) == (
        503,
        "/problems/desk-not-open",
        "10",
    )
    assert roof.client.get("/readyz").status_code == 200
    assert roof.desks.counted() == (2, 1)
    assert [(name, bool(fault)) for name, fault in states_of(roof.addresses)] == [("broken", True), ("sports", False)]


def test_who_guesses_keys_at_many_desks_is_counted_once(roof: Roof) -> None:
    sports = roof.desks._kept.get("sports")  # noqa: SLF001 (what no answer shows: an allowance of its own for each)
    assert sports is not None
    assert sports.state.limits.guesses is roof.main.state.limits.guesses


def test_where_nobody_needs_a_key_a_desk_that_is_not_there_is_told_as_that(roof: Roof) -> None:
    main = create_app(roof.rooms["main"], Everybody())
    desks = Desks(main, lambda: ["broken", "sports"], roof.opened_to_all, None, 0)
    with desks.kept(), TestClient(desks, HERE, raise_server_exceptions=False) as client:
        found = {name: client.get(f"/desks/{name}/v1/claims").status_code for name in ("sports", "broken", "nowhere")}
    assert found == {"sports": 200, "broken": 503, "nowhere": 404}


def test_each_desk_counts_its_own(roof: Roof, keys: dict[str, Keys]) -> None:
    heads = [
        re.findall("^onrecord_ledger_head .*", roof.client.get(f"{at}/metrics", headers=shown).text, re.MULTILINE)
        for at in (MAIN, SPORTS)
        for shown in [{"Authorization": f"Bearer {keys[at]['reader']}"}]
    ]
    assert heads == [[f"onrecord_ledger_head {float(roof.rooms[desk].feed.head())}"] for desk in ("main", "sports")]
    main = roof.client.get("/metrics", headers={"Authorization": f"Bearer {keys[MAIN]['reader']}"}).text
    assert "onrecord_desks 2.0" in main
    assert "onrecord_desks_not_open 1.0" in main


def test_each_desk_signs_a_log_of_its_own(roof: Roof, keys: dict[str, Keys]) -> None:
    own = {"Authorization": f"Bearer {keys[SPORTS]['engineer']}"}
    note = roof.client.post(f"{SPORTS}/v1/checkpoints", headers=own).json()["note"]
    assert note.startswith("onrecord.test/desk/desks/sports\n")
    signer = new_signer("example.org/log")
    assert signer.of_desk("a").verifier_key != signer.of_desk("b").verifier_key


def test_a_desk_that_is_made_is_served_and_one_that_is_dropped_is_not(
    roof: Roof, keys: dict[str, Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kept_open.LOOK", 0.05)
    assert roof.client.get("/desks/late/v1/keys", headers={"Authorization": "Bearer onr_x"}).status_code == 401
    made = make_desk(roof.addresses, "late")
    assert (made.is_new, make_desk(roof.addresses, "late").is_new) == (True, False)
    until(lambda: "late" in roof.rooms)
    key = roof.keys("late")["admin"]
    until(lambda: roof.client.get("/desks/late/v1/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 200)
    drop_desk(roof.addresses, "late", None)
    until(lambda: roof.client.get("/desks/late/v1/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 401)
    assert desks_of(roof.addresses) == ["broken", "sports"]


def test_a_drop_that_was_broken_off_leaves_a_desk_that_nobody_finds_and_is_ended_later(
    roof: Roof, cluster: Cluster
) -> None:
    make_desk(roof.addresses, "half")
    cluster.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", database(addresses_of(roof.addresses, "half")))
    assert "half" not in desks_of(roof.addresses)
    assert loss_of(roof.addresses, "half").fault == "it was begun to be dropped"
    drop_desk(roof.addresses, "half", None)
    with pytest.raises(UnknownDesk):
        loss_of(roof.addresses, "half")


def until(so: Any) -> None:  # noqa: ANN401 (whatever tells)
    give_up = time.monotonic() + 120
    while not so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["", "Up", "a_b", "-a", "a-", "a--b", "a/b", "a" * 31, "main", "_"])
def test_a_desk_is_called_so_that_it_can_be_an_address_and_a_database(roof: Roof, name: str) -> None:
    with pytest.raises(Refusal):
        make_desk(roof.addresses, name)


def test_whoever_may_not_make_a_database_is_told_who_makes_it_how(roof: Roof, cluster: Cluster) -> None:
    service = Addresses(owner=roof.addresses.service, service=roof.addresses.service)
    with pytest.raises(DeskNotMade, match="ONRECORD_OWNER_URL"):
        make_desk(service, "new")
    cluster.run("CREATE ROLE {} LOGIN PASSWORD 'weak'", "onrecord_weak")
    try:
        owner = make_conninfo(roof.addresses.owner, user="onrecord_weak", password="weak")
        with pytest.raises(DeskNotMade, match=r'CREATE DATABASE "\w+_desk_new" OWNER "onrecord_weak";'):
            make_desk(Addresses(owner=owner, service=roof.addresses.service), "new")
    finally:
        cluster.run("DROP ROLE {}", "onrecord_weak")


def test_a_desk_that_is_not_there_is_told_as_that(roof: Roof) -> None:
    with pytest.raises(UnknownDesk, match="'nowhere'"):
        known_desk(roof.addresses, "nowhere")


def test_the_environment_names_a_desk() -> None:
    assert read_settings({"ONRECORD_DESK": "sports"}).desk == "sports"
    assert read_settings({"ONRECORD_DESK": "main"}).desk is None
    assert read_settings({"ONRECORD_DESK": "sports", "ONRECORD_HOME": "/h"}).folder.as_posix() == "/h/desks/sports"
    with pytest.raises(BadSetting):
        read_settings({"ONRECORD_DESK": "a_b"})
