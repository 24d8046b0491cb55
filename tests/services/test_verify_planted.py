"""What somebody with the rights of the owner changes behind the ledger's back, `onrecord verify` finds and names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from services import story
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database, open_folder
from support.terminal import Ended, Terminal

pytestmark = pytest.mark.slow
STORY = [
    f"{path}" for path in (f"{story.__path__[0]}/aleppo/registry.ndjson", f"{story.__path__[0]}/aleppo/claims.ndjson")
]
UNGUARD = "ALTER TABLE ledger.ledger_events DISABLE TRIGGER ALL; ALTER TABLE ledger.texts DISABLE TRIGGER ALL"
"""Who owns the tables can do away with what keeps them as they are."""
A_CLAIM = 60
"""The position of the claim that the faults are planted at."""


class Desk:
    """A ledger with the story in it, an owner who can do anything, and a terminal."""

    def __init__(self, addresses: Addresses, terminal: Terminal) -> None:
        self.addresses = addresses
        self._terminal = terminal

    def types(self, *arguments: str) -> Ended:
        return self._terminal.here(*arguments, ONRECORD_DATABASE_URL=self.addresses.service)

    def owner(self, statement: str) -> None:
        with psycopg.connect(self.addresses.owner, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Addresses]:
    """A database with the story recorded and followed, from which each test gets a copy."""
    with fresh_database(cluster) as addresses, open_folder() as folder:
        desk = Desk(addresses, Terminal(folder))
        assert desk.types("import", *STORY).status == 0
        assert desk.types("verify").status == 0
        yield addresses


@pytest.fixture
def desk(told: Addresses, cluster: Cluster) -> Iterator[Desk]:
    with fresh_database(cluster, like=told) as addresses, open_folder() as folder:
        yield Desk(addresses, Terminal(folder))


PLANTED = {
    "a changed event": (
        "UPDATE ledger.ledger_events SET state = convert_to("
        "replace(convert_from(state, 'UTF8'), '\"polarity\":\"asserts\"', '\"polarity\":\"denies\"'), 'UTF8')"
        " WHERE notification_id = 60",
        ["claims", A_CLAIM, "different from what the ledger gives"],
    ),
    "an event that is no event any more": (
        "UPDATE ledger.ledger_events SET state = 'gone' WHERE notification_id = 60",
        ["ledger", A_CLAIM, "cannot be read"],
    ),
    "a missing event": (
        "DELETE FROM ledger.ledger_events WHERE notification_id = 60",
        ["ledger", A_CLAIM, "the event is missing"],
    ),
    "the last event missing": (
        "DELETE FROM ledger.ledger_events WHERE notification_id = 108",
        ["ledger", 108, "the event is missing that was recorded as"],
    ),
    "a missing row": ("DELETE FROM views.claims WHERE since = 60", ["claims", A_CLAIM, "is missing"]),
    "a changed row": (
        "UPDATE views.claims SET state = replace(state, 'asserts', 'denies') WHERE since = 60",
        ["claims", A_CLAIM, "different from what the ledger gives"],
    ),
    "a doubled row": (
        "ALTER TABLE views.stories DROP CONSTRAINT stories_pkey; DROP INDEX views.stories_now;"
        " INSERT INTO views.stories SELECT * FROM views.stories WHERE since = (SELECT max(since) FROM views.stories)",
        ["stories", r"\d+", "is there 2 times"],
    ),
    "a row under a new key": (
        "INSERT INTO views.registry SELECT 'source/nobody', 3, 4, state FROM views.registry WHERE since = 3",
        ["registry", 3, "is too many"],
    ),
    "a checkpoint that is ahead": (
        "UPDATE views.projections SET checkpoint = 900 WHERE name = 'claims'",
        ["claims", 900, "its checkpoint is 900, and the ledger ends at 108"],
    ),
    "a checkpoint that is behind": (
        "UPDATE views.projections SET checkpoint = 60 WHERE name = 'claims'",
        ["claims", A_CLAIM, "of its rows know more than its checkpoint says was taken in"],
    ),
    "a stale view": (
        "DELETE FROM views.claims WHERE since > 60; UPDATE views.claims SET until = NULL WHERE until > 60",
        ["claims", A_CLAIM + 1, "is missing"],
    ),
    "a view that was stopped": (
        "DELETE FROM views.claims WHERE since > 60;"
        " UPDATE views.claims SET until = NULL WHERE until > 60;"
        " UPDATE views.projections SET checkpoint = 60, state = 'stopped', error = 'why?',"
        " error_position = 61 WHERE name = 'claims'",
        ["claims", A_CLAIM + 1, "it has stopped here: why?"],
    ),
    "a table that is gone": ("DROP TABLE views.editions", ["editions", 108, "its table is missing"]),
    "a changed text": (
        "ALTER TABLE ledger.texts DROP CONSTRAINT named_by_its_hash;"
        " UPDATE ledger.texts SET body = body || '.' WHERE sha256 = (SELECT min(sha256) FROM ledger.texts)",
        ["texts", 0, "has other words than those it is kept for"],
    ),
    "another identity": (
        "ALTER TABLE ledger.identities DISABLE TRIGGER USER;"
        " INSERT INTO ledger.identities VALUES (repeat('0', 64), decode(repeat('00', 32), 'hex'), 'Zoltan')",
        ["identities", 0, "is not who was committed to"],
    ),
}


@pytest.mark.parametrize(("statement", "named"), PLANTED.values(), ids=PLANTED.keys())
def test_what_was_planted_is_found_and_named(desk: Desk, statement: str, named: list[object]) -> None:
    desk.owner(UNGUARD)
    desk.owner(statement)
    ended = desk.types("verify")
    where, position, said = named
    assert ended.status == 1, ended.error
    assert re.search(rf"{where}, position {position}: [^:]*{said}", ended.flowing), ended.flowing


def test_nothing_planted_is_nothing_found(desk: Desk) -> None:
    ended = desk.types("verify")
    assert (ended.status, ended.flowing) == (0, "108 events read, 7 views compared: nothing differs.")
