"""A migrated database has the tables of this program, and keeps by itself what the ledger promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.errors import MigrationRefused, NotMigrated
from services.store.codec import encode
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog, KeyRow
from services.store.migrate import migrate, migrations, refuse_server
from services.store.recorder import LedgerRecorder, datastore_on
from services.store.tree import Tile, TreeStore
from support.database import Cluster, fresh_database
from support.recording import registered, said

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull
  FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum
"""
INDEXES = "SELECT replace(indexdef, %s, '') FROM pg_indexes WHERE schemaname = %s AND tablename = 'ledger_events'"
CHANGES = [
    "UPDATE ledger.ledger_events SET state = ''",
    "DELETE FROM ledger.ledger_events",
    "TRUNCATE ledger.ledger_events",
    "UPDATE ledger.ledger_keys SET position = 9",
    "DELETE FROM ledger.ledger_keys",
    "TRUNCATE ledger.ledger_keys",
    "UPDATE ledger.texts SET body = 'something else'",
    "DELETE FROM ledger.texts",
    "TRUNCATE ledger.texts",
    "UPDATE ledger.tiles SET number = 9",
    "DELETE FROM ledger.tiles",
    "TRUNCATE ledger.tiles",
    "UPDATE ledger.checkpoints SET note = 'something else'",
    "DELETE FROM ledger.checkpoints",
    "TRUNCATE ledger.checkpoints",
]


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster, migrated=False) as addresses:
        yield addresses


@pytest.fixture
def filled(addresses: Addresses) -> Addresses:
    """A ledger with a row in each table."""
    with EventLog(addresses.service) as log, log.writing() as writing:
        recorded = writing.append([said(1, "words")])
        writing.name([KeyRow("claim:k", b"", "claim/x", recorded[0].position, recorded[0].position)])
    with Connections(addresses.service) as connections:
        kept = TreeStore(connections)
        kept.add([Tile(0, 0, bytes(8192), bytes(32))])
        kept.sign(1, "a key", bytes(32), bytes(32), "a note")
    return addresses


def test_from_zero_every_step_is_applied_and_twice_none(empty: Addresses) -> None:
    names = [f"{step.version:04}_{step.name}" for step in migrations()]
    assert migrate(empty.owner) == names
    assert migrate(empty.owner) == []


def test_steps_are_numbered_without_a_gap() -> None:
    assert [step.version for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_two_that_migrate_at_once_apply_each_step_once(empty: Addresses) -> None:
    with ThreadPoolExecutor() as pool:
        applied = sum(pool.map(migrate, [empty.owner] * 4), [])
    assert len(applied) == len(migrations())


def test_a_database_of_a_newer_version_is_refused(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as owner:
        owner.execute("INSERT INTO ledger.migrations (version, name, checksum) VALUES (9999, 'later', '')")
    with pytest.raises(MigrationRefused, match="9999_later"):
        migrate(addresses.owner)
    with pytest.raises(MigrationRefused, match="newer version of OnRecord"):
        EventLog(addresses.service)


def test_a_step_that_has_another_text_today_is_refused(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as owner:
        owner.execute("UPDATE ledger.migrations SET checksum = 'other' WHERE version = 1")
    with pytest.raises(MigrationRefused, match="0001_roles is not the one"):
        migrate(addresses.owner)


def test_a_database_that_lacks_a_step_is_not_worked_with(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as owner:
        owner.execute("DELETE FROM ledger.migrations WHERE version = 5")
    with pytest.raises(NotMigrated, match="lacks 0005"):
        EventLog(addresses.service)


def test_a_failing_step_leaves_nothing_of_itself(empty: Addresses) -> None:
    with psycopg.connect(empty.owner) as owner:
        owner.execute("CREATE SCHEMA views")
    with pytest.raises(psycopg.errors.DuplicateSchema):
        migrate(empty.owner)
    with psycopg.connect(empty.owner) as owner:
        owner.execute("DROP SCHEMA views")
    assert migrate(empty.owner)[0] == "0005_views_and_grants"


def test_an_old_server_is_refused() -> None:
    with pytest.raises(MigrationRefused, match="PostgreSQL 14 is too old: 15 or newer"):
        refuse_server(140_012)
    refuse_server(150_000)


def test_a_database_whose_making_was_not_finished_is_told_as_that(empty: Addresses) -> None:
    with psycopg.connect(empty.owner, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA ledger")
        connection.execute("CREATE TABLE ledger.migrations (version integer, name text, checksum text)")
    with pytest.raises(NotMigrated, match="was not finished; run `onrecord migrate`"):
        EventLog(empty.service)


def test_the_service_role_cannot_migrate(empty: Addresses) -> None:
    with pytest.raises(MigrationRefused):
        migrate(empty.service)


def test_the_tables_are_those_the_library_would_make(addresses: Addresses) -> None:
    with Connections(addresses.service) as connections:
        recorder = LedgerRecorder(datastore_on(connections))
        statements = [one.as_string().replace('"ledger"', '"theirs"') for one in recorder.sql_create_statements]
    with psycopg.connect(addresses.owner) as owner:
        owner.execute("CREATE SCHEMA theirs")
        for statement in statements:
            owner.execute(statement.encode())
        for thing in ("ledger_events", "stored_event_text"):
            ours = owner.execute(COLUMNS, [f"ledger.{thing}"]).fetchall()
            assert owner.execute(COLUMNS, [f"theirs.{thing}"]).fetchall() == ours
        theirs = owner.execute(INDEXES, ["theirs.", "theirs"]).fetchall()
        assert set(theirs) <= set(owner.execute(INDEXES, ["ledger.", "ledger"]).fetchall())


@pytest.mark.parametrize("change", CHANGES)
def test_the_service_may_only_add(filled: Addresses, change: str) -> None:
    with psycopg.connect(filled.service) as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute(change.encode())


@pytest.mark.parametrize("change", CHANGES)
def test_even_the_owner_is_refused(filled: Addresses, change: str) -> None:
    with psycopg.connect(filled.owner) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(change.encode())


@pytest.mark.parametrize(
    "trick",
    [
        "ALTER TABLE ledger.ledger_events DISABLE TRIGGER ALL",
        "DROP TRIGGER nothing_changes ON ledger.ledger_events",
        "DROP TABLE ledger.ledger_events",
        "DROP SCHEMA ledger CASCADE",
        "SET session_replication_role = replica",
        "ALTER SEQUENCE ledger.ledger_events_notification_id_seq RESTART",
        "CREATE TABLE ledger.mine ()",
        "INSERT INTO ledger.migrations VALUES (1, '', '')",
    ],
)
def test_the_service_finds_no_way_round(filled: Addresses, trick: str) -> None:
    with psycopg.connect(filled.service) as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute(trick.encode())


def test_a_text_is_not_stored_under_another_hash(addresses: Addresses) -> None:
    with psycopg.connect(addresses.service) as service, pytest.raises(psycopg.errors.CheckViolation):
        service.execute("INSERT INTO ledger.texts (sha256, body) VALUES (repeat('0', 64), 'words')")


def test_the_service_owns_the_views_and_may_make_schemas_for_replays(addresses: Addresses) -> None:
    with psycopg.connect(addresses.service) as service:
        service.execute("CREATE TABLE views.picture ()")
        service.execute("CREATE SCHEMA replay_picture")
        service.execute("CREATE TABLE replay_picture.other ()")
        service.execute("ALTER TABLE replay_picture.other SET SCHEMA views")


def test_a_role_that_is_a_member_works_as_the_service(addresses: Addresses) -> None:
    # One address for everything: the owner logs in, and the service sheds its rights.
    with EventLog(addresses.owner) as log, Connections(addresses.owner) as connections:
        log.append([registered("agency")])
        assert connections.fetch("SELECT current_user")[0] == ("onrecord_service",)
        with connections.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM ledger.ledger_events")


def test_who_is_no_member_is_told(addresses: Addresses, cluster: Cluster) -> None:
    cluster.run("CREATE ROLE onrecord_stranger LOGIN PASSWORD 'secret'")
    try:
        stranger = make_conninfo(addresses.service, user="onrecord_stranger", password="secret")
        with pytest.raises(Exception, match="onrecord_service"):
            EventLog(stranger)
    finally:
        cluster.run("DROP ROLE onrecord_stranger")


def test_a_refused_insert_leaves_no_gap_for_the_next(addresses: Addresses) -> None:
    add = "INSERT INTO ledger.ledger_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)"
    stored = encode(registered("agency"), datetime.now(UTC), "source/agency", 1)
    row = [stored.originator_id, stored.topic, stored.state]
    with psycopg.connect(addresses.service, autocommit=True) as service:
        service.execute(add, row)
        with pytest.raises(psycopg.errors.UniqueViolation):
            service.execute(add, row)
        service.execute(add, ["source/other", *row[1:]])
    with EventLog(addresses.service) as log:
        assert log.head() == 2
