"""A key lets in whoever has it, as long as it stands, and nothing else of it can be changed or learned."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from services.access import gate
from services.access.callers import RIGHTS
from services.access.gate import Everybody, Gate
from services.access.keys import AccessKeys, AlreadyExpired, NewKey
from services.access.opening import access_of, refuse_carelessness, who_may_come_in
from services.access.refused import NotAdmitted
from services.errors import UnknownThing
from services.settings import BadSetting, Settings, read_settings
from services.side_by_side import NameTaken
from services.store.access import KeyStore
from services.store.connections import Connections
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.terminal import Terminal

NOW = datetime(2030, 5, 1, tzinfo=UTC)
SOON = NOW + timedelta(days=7)


@pytest.fixture(scope="module")
def there(cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def store(there: Addresses) -> Iterator[KeyStore]:
    with Connections(there.service) as connections:
        yield KeyStore(connections)


@pytest.fixture(scope="module")
def keys(store: KeyStore) -> AccessKeys:
    return AccessKeys(store, lambda: NOW)


def made(keys: AccessKeys, name: str, expires: datetime | None = None) -> str:
    return str(keys.make(NewKey(name=name, role="editor", expires=expires), "local:boss")["key"])


def test_a_key_lets_in_under_its_name_with_the_rights_of_its_role(keys: AccessKeys) -> None:
    caller = keys.caller(made(keys, "anna"))
    assert (caller.by, caller.role, caller.rights) == ("key:anna", "editor", {"read", "record", "edit", "identify"})


def test_a_key_is_shown_once(keys: AccessKeys) -> None:
    secret = made(keys, "berta")
    assert len(secret) == len("onr_") + 43
    assert "key" not in keys.one("berta")
    assert secret not in str(keys.all())


def test_the_database_has_only_the_hash_of_a_key(keys: AccessKeys, there: Addresses) -> None:
    secret = made(keys, "carla")
    with psycopg.connect(there.owner) as connection:
        row = connection.execute("SELECT * FROM ledger.access_keys WHERE name = 'carla'").fetchone()
    assert row is not None
    assert hashlib.sha256(secret.encode()).digest() in row
    assert secret not in str(row)


def test_an_unknown_key_lets_nobody_in(keys: AccessKeys) -> None:
    with pytest.raises(NotAdmitted, match="not known"):
        keys.caller(f"onr_{'A' * 43}")


def test_a_key_ends_when_it_was_said_to(keys: AccessKeys, store: KeyStore) -> None:
    secret = made(keys, "dora", SOON)
    assert keys.caller(secret).by == "key:dora"
    later = AccessKeys(store, lambda: SOON)
    assert later.one("dora")["stands"] is False
    with pytest.raises(NotAdmitted, match="'dora' expired at 2030-05-08T00:00:00Z"):
        later.caller(secret)


def test_a_key_that_would_have_ended_already_is_not_made(keys: AccessKeys) -> None:
    with pytest.raises(AlreadyExpired):
        made(keys, "late", NOW)
    with pytest.raises(UnknownThing):
        keys.one("late")


def test_a_revoked_key_lets_nobody_in_and_says_who_revoked_it_first(keys: AccessKeys) -> None:
    secret = made(keys, "emma")
    first = keys.revoke("emma", "key:anna")
    assert keys.revoke("emma", "key:berta") == first
    assert (first["revoked_by"], first["stands"]) == ("key:anna", False)
    with pytest.raises(NotAdmitted, match="'emma' was revoked"):
        keys.caller(secret)


def test_a_name_stands_for_one_key_for_ever(keys: AccessKeys) -> None:
    made(keys, "frida")
    keys.revoke("frida", "key:anna")
    with pytest.raises(NameTaken):
        made(keys, "frida")


def test_a_key_that_never_was_cannot_be_revoked(keys: AccessKeys) -> None:
    with pytest.raises(UnknownThing):
        keys.revoke("nobody", "key:anna")


def test_it_is_kept_when_a_key_was_last_used(keys: AccessKeys) -> None:
    secret = made(keys, "gerda")
    assert keys.one("gerda")["last_used"] is None
    keys.caller(secret)
    first = keys.one("gerda")["last_used"]
    assert first is not None
    keys.caller(secret)
    assert keys.one("gerda")["last_used"] == first


def test_where_nothing_can_be_written_keys_let_in_all_the_same(keys: AccessKeys, there: Addresses) -> None:
    secret = made(keys, "hanna")
    with Connections(there.service, session={"default_transaction_read_only": "on"}) as standby:
        assert AccessKeys(KeyStore(standby), lambda: NOW).caller(secret).by == "key:hanna"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger.access_keys SET role = 'admin'",
        "UPDATE ledger.access_keys SET name = 'other' WHERE name = 'ida'",
        "UPDATE ledger.access_keys SET digest = sha256('x') WHERE name = 'ida'",
        "UPDATE ledger.access_keys SET expires = '2099-01-01'",
        "UPDATE ledger.access_keys SET revoked = NULL, revoked_by = NULL",
        "DELETE FROM ledger.access_keys",
        "TRUNCATE ledger.access_keys",
    ],
)
def test_the_database_itself_refuses_to_change_a_key(keys: AccessKeys, there: Addresses, change: str) -> None:
    if not any(key["name"] == "ida" for key in keys.all()):
        made(keys, "ida", SOON)
        keys.revoke("ida", "key:anna")
    with psycopg.connect(there.owner, autocommit=True) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(change.encode())
    with Connections(there.service) as service, service.connect() as connection, pytest.raises(psycopg.Error):
        connection.execute(change.encode())


def test_who_somebody_is_is_remembered_for_two_seconds(keys: AccessKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(gate.time, "monotonic", lambda: clock[0])
    door = Gate(keys)
    secret = made(keys, "jana")
    assert door.remembered(secret) is None
    caller = door.caller(secret)
    keys.revoke("jana", "key:anna")
    clock[0] += 1.9
    assert door.remembered(secret) == caller
    clock[0] += 0.2
    assert door.remembered(secret) is None
    with pytest.raises(NotAdmitted):
        door.caller(secret)


# --- how a service starts


def test_the_first_start_in_a_home_makes_one_key_for_an_admin(addresses: Addresses, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with Connections(addresses.service) as connections:
        keys = AccessKeys(KeyStore(connections), lambda: NOW)
        door = access_of(settings, keys)
        assert isinstance(door, Gate)
        file = settings.home / "access.key"
        secret = file.read_text(encoding="utf-8").strip()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        caller = door.caller(secret)
        assert (caller.by, caller.rights) == ("key:first", RIGHTS)
        said = who_may_come_in(settings, keys)
        assert (str(file) in said, secret in said) == (True, False)
        access_of(settings, keys)
        assert [key["name"] for key in keys.all()] == ["first"]
        assert file.read_text(encoding="utf-8").strip() == secret
        keys.revoke("first", "local:boss")
        access_of(settings, keys)
        assert "No key stands" in who_may_come_in(settings, keys)
        made(keys, "berta")
        assert str(file) not in who_may_come_in(settings, keys)


def test_on_a_server_of_ones_own_no_key_is_made_unasked(addresses: Addresses, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=addresses.service)
    with Connections(addresses.service) as connections:
        keys = AccessKeys(KeyStore(connections), lambda: NOW)
        access_of(settings, keys)
        assert keys.all() == []
        assert "onrecord keys make NAME --role admin" in who_may_come_in(settings, keys)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example.org"])  # noqa: S104 (they are refused)
def test_open_is_refused_wherever_others_could_come_in(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadSetting, match="ONRECORD_HOST"):
        refuse_carelessness(Settings(home=tmp_path, host=host, access="open"))
    refuse_carelessness(Settings(home=tmp_path, host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_on_this_machine_alone_a_service_may_be_open(tmp_path: Path, host: str) -> None:
    settings = Settings(home=tmp_path, host=host, access="open")
    refuse_carelessness(settings)
    with pytest.raises(BadSetting, match="keys or open"):
        read_settings({"ONRECORD_ACCESS": "closed"})


def test_keys_are_made_listed_and_revoked_at_the_command_line(addresses: Addresses, tmp_path: Path) -> None:
    desk = Terminal(tmp_path)
    url = ("--url", addresses.service)
    assert "There is no key" in desk.here(*url, "keys", "list").out
    made = desk.here(*url, "keys", "make", "anna", "--role", "reporter", "--days", "30")
    assert (made.status, made.out.startswith("onr_"), made.out.count("\n")) == (0, True, 1)
    assert desk.here(*url, "keys", "make", "anna", "--role", "reader").status == 1
    assert desk.here(*url, "keys", "make", "bert", "--role", "boss").status == 2
    soon = desk.here(*url, "keys", "make", "bert", "--role", "reader", "--expires", "tomorrow")
    assert (soon.status, "Traceback" in soon.error) == (2, False)
    dated = desk.here(*url, "keys", "make", "bert", "--role", "reader", "--expires", "2099-01-01", "--json").json
    assert (dated["expires"], dated["made_by"][:6]) == ("2099-01-01T00:00:00Z", "local:")
    assert "revoked" in desk.here(*url, "keys", "revoke", "anna").out
    listed = desk.here(*url, "keys", "list", "--json").json["keys"]
    assert [(key["name"], key["role"], key["stands"]) for key in listed] == [
        ("anna", "reporter", False),
        ("bert", "reader", True),
    ]
    assert "anna" in desk.here(*url, "keys", "list").out
    assert made.out.strip() not in desk.here(*url, "keys", "list").out
    assert "Did you mean anna" in desk.here(*url, "keys", "revoke", "ana").error


def test_everybody_is_let_in_only_where_that_was_asked_for(tmp_path: Path, keys: AccessKeys) -> None:
    assert isinstance(access_of(Settings(home=tmp_path, access="open"), keys), Everybody)
    assert read_settings({}, root=False).access == "keys"
