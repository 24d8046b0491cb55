"""Who a protected source is gets kept once, beside the ledger, and nobody can find it out by trying."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import psycopg
import pytest

from domain.commands import Command, EraseText
from domain.events import SourceRegistered
from domain.refusals import KeyReused, NameGivenAway, TextNotHeld
from services.imports import import_lines
from services.ledger import Ledger, Receipt, Submission
from services.protecting import NotYoursToRevise
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.following import begin_as_copy
from services.submissions import fingerprint_of
from support.database import Cluster, fresh_database
from support.recording import command
from support.rooms import caught_up, found_in, opened

AMAL = {"name": "Amal Khoury", "note": "by telephone"}
GUARD = {"type": "source", "slug": "bridge-guard", "kind": "witness", "name": "a guard", "confidential": True}


@pytest.fixture(scope="module")
def there(cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def log(there: Addresses) -> Iterator[EventLog]:
    with EventLog(there.service) as opened:
        yield opened


@pytest.fixture(scope="module")
def ledger(log: EventLog) -> Iterator[Ledger]:
    with Ledger(log) as opened:
        yield opened


def guard(slug: str, **more: object) -> Command:
    return command(**{**GUARD, "slug": slug, "identity": AMAL, **more})


def commitment_in(receipt: Receipt) -> str:
    event = receipt.events[-1].event
    assert isinstance(event, SourceRegistered)
    return str(event.source.commitment)


def rows(there: Addresses, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(there.owner) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_an_identity_is_kept_with_the_event_that_commits_to_it(ledger: Ledger, log: EventLog) -> None:
    kept = log.identity(commitment_in(ledger.record(guard("kept"))))
    assert kept is not None
    assert (kept.source, kept.identity.model_dump()) == ("kept", AMAL)


def test_sent_twice_it_is_recorded_once_with_a_key_and_without(ledger: Ledger, log: EventLog) -> None:
    first = ledger.record(guard("twice"), key="http:twice")
    again = [
        ledger.record(guard("twice"), key="http:twice"),
        ledger.record(guard("twice")),
        ledger.record(guard("twice"), key="http:twice again"),
        ledger.record(guard("twice"), key="http:twice again"),
    ]
    assert {(one.position, one.replayed) for one in again} == {(first.position, True)}
    assert log.head() == first.position


def test_a_key_that_was_used_for_another_identity_is_refused(ledger: Ledger) -> None:
    ledger.record(guard("reused"), key="http:reused")
    with pytest.raises(KeyReused) as caught:
        ledger.record(guard("reused", identity={"name": "Samir Haddad"}), key="http:reused")
    assert "addad" not in str(caught.value)


def test_the_call_sent_again_after_a_revision_is_still_the_first(ledger: Ledger) -> None:
    first = ledger.record(guard("revised"), key="http:revised")
    second = ledger.record(guard("revised", identity={"name": "Samir Haddad"}))
    assert commitment_in(second) != commitment_in(first)
    assert ledger.record(guard("revised"), key="http:revised").position == first.position


def test_the_keys_tell_nothing_to_whoever_has_a_name_in_mind(ledger: Ledger, there: Addresses) -> None:
    line = json.dumps({**GUARD, "slug": "guessed", "identity": AMAL}).encode()
    before = set(rows(there, "SELECT key FROM ledger.ledger_keys"))
    assert [row["accepted"] for row in import_lines(ledger, [line])] == [1]
    assert [row["duplicates"] for row in import_lines(ledger, [line])] == [1]
    assert set(rows(there, "SELECT key FROM ledger.ledger_keys")) == before
    ledger.record(guard("guessed", kind="other"), key="http:guessed")
    (found,) = rows(there, "SELECT fingerprint FROM ledger.ledger_keys WHERE key = 'http:guessed'")
    guesses = [guard("guessed", kind="other"), guard("guessed", kind="other", identity=None)]
    told = json.dumps(
        {**json.loads(guesses[1].model_dump_json(exclude_defaults=True)), "identity": AMAL}, sort_keys=True
    )
    plain = hashlib.sha256(f"source {told}".encode()).digest()
    assert bytes(found[0]) not in {*map(fingerprint_of, guesses), plain}  # type: ignore[arg-type] (a bytea)


def test_whoever_may_not_know_revises_what_they_registered_and_learns_nothing_of_others(ledger: Ledger) -> None:
    def sent(by: str, *, identifies: bool, **more: object) -> Receipt:
        return ledger.submit(Submission(guard("theirs", **more), by=by, identifies=identifies)).result()

    first = sent("key:anna", identifies=False)
    assert sent("key:anna", identifies=False).position == first.position
    right, wrong = [{"identity": AMAL}, {"identity": {"name": "Nobody"}}]
    for guess in (right, wrong, {"identity": None, "name": "amal"}, {"identity": None, "name": "somebody"}):
        with pytest.raises(NotYoursToRevise) as caught:
            sent("key:bert", identifies=False, **guess)
        assert [problem.pointer for problem in caught.value.problems] == ["/slug"]
    assert sent("key:editor", identifies=True, name="somebody").position > first.position
    with pytest.raises(NotYoursToRevise):
        sent("key:anna", identifies=False)


def test_the_name_of_a_call_must_not_give_away_who_it_is(ledger: Ledger) -> None:
    with pytest.raises(NameGivenAway) as caught:
        ledger.record(guard("named"), key="http:the khoury file")
    assert "houry" not in str(caught.value)


def test_a_refused_one_leaves_nothing_behind(ledger: Ledger, there: Addresses) -> None:
    before = rows(there, "SELECT count(*) FROM ledger.identities")
    with pytest.raises(NameGivenAway):
        ledger.record(guard("khoury"))
    assert rows(there, "SELECT count(*) FROM ledger.identities") == before


def test_an_erased_identity_is_gone_and_does_not_come_back(ledger: Ledger, log: EventLog, there: Addresses) -> None:
    commitment = commitment_in(ledger.record(guard("erased")))
    with psycopg.connect(there.owner) as connection:
        copied = connection.execute(
            "SELECT commitment, salt, body FROM ledger.identities WHERE commitment = %s", [commitment]
        ).fetchone()
        ledger.record(EraseText(sha256=commitment, reason="the source asked for it"))
        assert log.identity(commitment) is None
        connection.execute("INSERT INTO ledger.identities VALUES (%s, %s, %s)", copied)
    assert log.identity(commitment) is None
    assert ledger.record(EraseText(sha256=commitment, reason="again")).replayed
    with pytest.raises(TextNotHeld):
        ledger.record(EraseText(sha256="0" * 64, reason="a slip of the pen"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.identities SET body = 'x'",
        "DELETE FROM ledger.identities",
        "TRUNCATE ledger.identities",
        "INSERT INTO ledger.identities VALUES (repeat('0', 64), decode(repeat('00', 32), 'hex'), 'Zoltan')",
        "INSERT INTO ledger.identities VALUES (repeat('0', 64), NULL, 'Zoltan')",
        "INSERT INTO ledger.identities VALUES (NULL, NULL, 'Zoltan')",
    ],
)
def test_the_database_refuses_whatever_is_no_identity_or_changes_one_and_shows_none(
    ledger: Ledger, there: Addresses, statement: str
) -> None:
    ledger.record(guard("guarded"))
    with psycopg.connect(there.owner) as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement.encode())
    assert "Zoltan" not in f"{caught.value.diag.message_primary} {caught.value.diag.message_detail}"


def test_a_desk_that_follows_knows_the_commitment_and_never_the_name(cluster: Cluster) -> None:
    with fresh_database(cluster) as desk_at, fresh_database(cluster) as room_at, opened(desk_at) as desk:
        desk.record(guard("before"))
        begin_as_copy(desk_at.service, room_at.owner, "main")
        with opened(room_at, desk_at) as room:
            desk.record(guard("after"), guard("after", identity={"name": "Amal Haddad"}), guard("before", name="a man"))
            caught_up(room)
            assert [one.event for one in room.events()] == [one.event for one in desk.events()]
            assert found_in(desk, "Amal") == ["ledger.identities"] * 3
            assert found_in(room, "Amal") == []
            theirs = [one.event for one in room.events() if isinstance(one.event, SourceRegistered)]
            assert [room.log.identity(str(event.source.commitment)) for event in theirs] == [None] * 4
