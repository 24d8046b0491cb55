"""Whoever kept one old checkpoint catches every attack on the stored log, with one file and nothing of ours."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from base64 import b64decode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bench.ledgers import ledger
from bench.loading import load, ready_made
from domain.claims import Question
from domain.commands import EraseText
from domain.events import ClaimRecorded
from domain.proof import verifier
from domain.proof.believed import BeliefProof, digest_of, events_in
from domain.proof.tree import WIDTH
from domain.proof.verifier import (
    Checkpoint,
    Wrong,
    check_consistency,
    check_inclusion,
    entry_of,
    leaf_hash,
    read_checkpoint,
    read_key,
)
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.errors import NoSigningKey, NotAsSigned, NotSignedYet, UnknownThing
from services.exported import stored_line
from services.sealed import held_against_its_tree
from services.signing import Signer
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.tree import TreeStore
from services.verify import Fault
from support.database import Cluster, fresh_database
from support.recording import said

SIGNER = Signer("example.org/ledger", bytes(range(32)))
KEY = read_key(SIGNER.verifier_key)
CLAIMS = int(os.environ.get("ONRECORD_TEST_PROOFS") or 600)
"""Claims of the ledger that proofs are tried on; 1,000,000 takes some minutes."""
A_CLAIM = 300
"""The position of a claim behind the first full tile, and before the second."""
UNGUARD = (
    "ALTER TABLE ledger.ledger_events DISABLE TRIGGER ALL; ALTER TABLE ledger.tiles DISABLE TRIGGER ALL;"
    "ALTER TABLE ledger.checkpoints DISABLE TRIGGER ALL;"
)
FORGET = "DELETE FROM ledger.tiles; DELETE FROM ledger.checkpoints"
CHANGE = (
    "UPDATE ledger.ledger_events"
    " SET state = convert_to(replace(convert_from(state, 'UTF8'), '\"n000', '\"m000'), 'UTF8')"
    " WHERE notification_id = 300;"
)
MOVE_UP = (
    "UPDATE ledger.ledger_events SET notification_id = -notification_id WHERE notification_id > 300;"
    "UPDATE ledger.ledger_events SET notification_id = -notification_id - 1 WHERE notification_id < 0;"
)
ATTACKS = {
    "a changed event": (CHANGE, "an event from position"),
    "a removed event": ("DELETE FROM ledger.ledger_events WHERE notification_id = 300;", "position 301 stands where"),
    "a removed event, and the others moved up": (
        f"DELETE FROM ledger.ledger_events WHERE notification_id = 300;{MOVE_UP}",  # noqa: S608
        "events are missing",
    ),
    "the last events removed": ("DELETE FROM ledger.ledger_events WHERE notification_id > 500;", "events are missing"),
    "two events swapped": (
        "UPDATE ledger.ledger_events SET notification_id = -notification_id WHERE notification_id IN (300, 301);"
        "UPDATE ledger.ledger_events SET notification_id = 601 + notification_id WHERE notification_id < 0;",
        "an event from position",
    ),
    "an event put in between": (
        "UPDATE ledger.ledger_events SET notification_id = -notification_id WHERE notification_id > 300;"
        "UPDATE ledger.ledger_events SET notification_id = 1 - notification_id WHERE notification_id < 0;"
        "INSERT INTO ledger.ledger_events SELECT 'source/nobody', 1, topic, state, 301 FROM ledger.ledger_events"
        " WHERE notification_id = 1;",
        "an event from position",
    ),
}


@pytest.fixture(scope="module")
def recorded(cluster: Cluster) -> Iterator[Addresses]:
    """A ledger of some hundred events, signed half-way and at its end, from which each test gets a copy."""
    with fresh_database(cluster) as addresses:
        with EventLog(addresses.service) as log, opened(addresses) as room:
            events = list(ready_made(ledger(450)))
            load(log, events[:400])
            room.checkpoints.make()
            load(log, events)
            room.checkpoints.make()
            room.projector.start()
            room.projector.caught_up_to(log.head(), 120)
            room.projector.stop()
        yield addresses


@pytest.fixture
def attacked(recorded: Addresses, cluster: Cluster) -> Iterator[Addresses]:
    with fresh_database(cluster, like=recorded) as addresses:
        yield addresses


@contextmanager
def opened(addresses: Addresses) -> Generator[Newsroom, None, None]:
    with open_newsroom(addresses, following=False, signer=lambda: SIGNER) as room:
        yield room


def owner(addresses: Addresses, *statements: str) -> None:
    """Do what only somebody can do who owns the tables: the role of the service cannot."""
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        for statement in (UNGUARD, *statements):
            connection.execute(statement.encode())


def kept(addresses: Addresses, folder: Path, size: int | None = None) -> str:
    """What an auditor took away: a checkpoint."""
    with opened(addresses) as room:
        (folder / f"kept-{size}.txt").write_text(room.checkpoints.named(size).note)
    return f"{folder}/kept-{size}.txt"


def exported(addresses: Addresses, folder: Path) -> str:
    with opened(addresses) as room:
        (folder / "all.ndjson").write_text("".join(f"{line}\n" for line in room.feed.export_events()))
    return f"{folder}/all.ndjson"


def checked(*files: str) -> int:
    return verifier.main(["--key", SIGNER.verifier_key, *files])


def faults_of(addresses: Addresses) -> list[Fault]:
    """What `onrecord verify` finds."""
    with opened(addresses) as room:
        return room.projections.verify().faults


def unsealed(addresses: Addresses) -> list[tuple[str, int]]:
    """What the log held against its tree shows: where, and at which position."""
    with EventLog(addresses.service) as log, Connections(addresses.service) as connections:
        return [fault[:2] for fault in held_against_its_tree(log, TreeStore(connections), 100).faults]


def test_a_ledger_that_nobody_touched_is_what_was_signed(attacked: Addresses, tmp_path: Path) -> None:
    assert checked(kept(attacked, tmp_path, 400), kept(attacked, tmp_path), exported(attacked, tmp_path)) == 0


@pytest.mark.parametrize(("attack", "told"), ATTACKS.values(), ids=ATTACKS.keys())
def test_with_an_old_checkpoint_alone_the_offline_verifier_catches(
    attacked: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str], attack: str, told: str
) -> None:
    old = kept(attacked, tmp_path)
    owner(attacked, attack)
    assert checked(old, exported(attacked, tmp_path)) == 1
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("attack", [CHANGE, *(ATTACKS[name][0] for name in list(ATTACKS)[2:])])
def test_a_history_that_was_forked_and_signed_anew_with_the_true_key_is_caught(
    attacked: Addresses, tmp_path: Path, attack: str
) -> None:
    old = kept(attacked, tmp_path, 400)
    owner(attacked, attack, "DELETE FROM ledger.ledger_events WHERE notification_id > 350", FORGET)
    with EventLog(attacked.service) as log, opened(attacked) as room:
        log.append([said(number, "words") for number in range(1, 300)])
        signed, _ = room.checkpoints.make()
        with pytest.raises(UnknownThing):
            room.proofs.consistency(400)
        path = room.checkpoints.tree.at(signed.size).consistency(400)
    with pytest.raises(Wrong):
        check_consistency(read_checkpoint(Path(old).read_text(), KEY), read_checkpoint(signed.note, KEY), path)
    assert checked(old, kept(attacked, tmp_path)) == 1
    assert checked(old, kept(attacked, tmp_path), exported(attacked, tmp_path)) == 1


def test_a_fork_of_the_same_size_is_proved_by_its_two_signatures(
    attacked: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = kept(attacked, tmp_path, 400)
    Path(old).rename(tmp_path / "old.txt")
    owner(attacked, FORGET, CHANGE)
    owner(attacked, "DELETE FROM ledger.ledger_events WHERE notification_id > 400")
    with opened(attacked) as room:
        room.checkpoints.make()
    assert checked(f"{tmp_path}/old.txt", kept(attacked, tmp_path, 400)) == 1
    assert "this proves a fork" in capsys.readouterr().out


def test_the_signature_of_another_checkpoint_does_not_pass(attacked: Addresses, tmp_path: Path) -> None:
    old, new = Path(kept(attacked, tmp_path, 400)), Path(kept(attacked, tmp_path))
    text, signature = new.read_text().rpartition("\n\n")[0], old.read_text().rpartition("\n\n")[2]
    new.write_text(f"{text}\n\n{signature}")
    assert checked(f"{new}") == 1


def test_a_consistency_proof_ties_a_new_checkpoint_to_an_old_one(attacked: Addresses, tmp_path: Path) -> None:
    files = kept(attacked, tmp_path, 400), kept(attacked, tmp_path)
    assert checked(*files) == 1
    with opened(attacked) as room:
        (tmp_path / "consistency.json").write_text(json.dumps(room.proofs.consistency(400)))
    assert checked(*files, f"{tmp_path}/consistency.json") == 0


def test_what_does_not_continue_what_was_signed_is_neither_proved_nor_signed(attacked: Addresses) -> None:
    with psycopg.connect(attacked.owner) as connection, connection.cursor() as cursor:
        position = cursor.execute("SELECT max(notification_id) FROM ledger.ledger_events").fetchone()
    assert position is not None
    owner(attacked, CHANGE.replace("= 300", f"= {position[0]}"))
    with opened(attacked) as room, EventLog(attacked.service) as log:
        with pytest.raises(NotAsSigned):
            room.proofs.event(position[0])
        log.append([said(1, "words")])
        with pytest.raises(NotAsSigned):
            room.checkpoints.make()


def test_what_is_as_it_was_has_no_faults(attacked: Addresses) -> None:
    assert (faults_of(attacked), unsealed(attacked)) == ([], [])


def test_a_changed_event_is_named_and_a_changed_row_is_told_from_it(attacked: Addresses) -> None:
    owner(attacked, "UPDATE views.claims SET state = replace(state, 'n000', 'm000') WHERE since = 290")
    last = CHANGE.replace("= 300", "= 540")
    owner(attacked, CHANGE, last)
    faults = {(one.where, one.position): one.said for one in faults_of(attacked)}
    sealed = "the event was changed, or taken away, after it was sealed into the tree"
    assert (faults["ledger", A_CLAIM], faults["ledger", 540]) == (sealed, sealed)
    assert faults["claims", 290].endswith("it was changed, since the events up to 290 are as they were sealed")
    assert faults["claims", A_CLAIM].endswith("the event at 300 was changed")
    assert {where for where, position in faults if position < A_CLAIM} == {"claims"}


def test_a_removed_event_is_named(attacked: Addresses) -> None:
    owner(attacked, ATTACKS["a removed event"][0])
    assert unsealed(attacked) == [("ledger", A_CLAIM)]


def test_a_changed_tile_is_told_from_a_changed_event(attacked: Addresses) -> None:
    place = 32 * (A_CLAIM - WIDTH - 1)
    owner(attacked, f"UPDATE ledger.tiles SET hashes = set_byte(hashes, {place}, 0) WHERE number = 1")  # noqa: S608
    assert unsealed(attacked) == [("tree", WIDTH + 1), ("tree", A_CLAIM)]


def test_a_missing_tile_and_a_changed_checkpoint_are_named(attacked: Addresses) -> None:
    owner(attacked, "DELETE FROM ledger.tiles WHERE number = 0")
    owner(attacked, "UPDATE ledger.checkpoints SET root = sha256('') WHERE size = 400")
    assert unsealed(attacked) == [("tree", 1), ("tree", 400)]


def test_the_tree_comes_out_the_same_however_it_was_grown(attacked: Addresses) -> None:
    with opened(attacked) as room:
        before = room.checkpoints.named(None)
        owner(attacked, FORGET)
        again, is_new = room.checkpoints.make()
        assert (again.root, again.note, again.edge, is_new) == (before.root, before.note, before.edge, True)
        assert room.checkpoints.make() == (again, False)


def test_erasing_a_text_keeps_every_proof(addresses: Addresses, tmp_path: Path) -> None:
    with opened(addresses) as room, EventLog(addresses.service) as log:
        (one,) = log.append([said(1, "words that have to go")])
        signed, _ = room.checkpoints.make()
        assert isinstance(one.event, ClaimRecorded)
        assert one.event.claim.statement is not None
        claim, text = one.event.claim.id, one.event.claim.statement.sha256
        before = room.proofs.claim(claim)
        (tmp_path / "kept.txt").write_text(signed.note)
        room.ledger.record(EraseText(sha256=text, reason="A court says so."))
        room.checkpoints.make()
        assert log.texts([text]) == {text: None}
        assert room.proofs.claim(claim, 1) == before
        (tmp_path / "claim.json").write_text(json.dumps(room.proofs.claim(claim)))
        export = exported(addresses, tmp_path)
    assert checked(f"{tmp_path}/kept.txt", f"{tmp_path}/claim.json", export) == 0
    assert "words that have to go" not in Path(export).read_text()


def test_the_digest_of_a_belief_follows_from_an_export(attacked: Addresses, tmp_path: Path) -> None:
    with opened(attacked) as room:
        claim = json.loads(stored_line(*log_row(attacked, A_CLAIM)))["event"]["claim"]
        question = Question(location=claim["question"]["location"], aspect="control")
        proofs = [
            room.proofs.belief(question, Query(valid_at="2016-06")),
            room.proofs.belief(question, Query(as_of="399", policy="majority/1"), 400),
        ]
        with pytest.raises(NotSignedYet):
            room.proofs.belief(question, Query(as_of="401"), 400)
    with Path(exported(attacked, tmp_path)).open("rb") as lines:
        read = [line.rstrip() for line in lines]
    for proof in proofs:
        told = BeliefProof.model_validate_json(json.dumps(proof))
        assert digest_of(events_in(read, told.as_of), told) == told.digest == proof["digest"]
        sooner = told.model_copy(update={"as_of": told.as_of - 300})
        assert digest_of(events_in(read, sooner.as_of), sooner) != told.digest


def log_row(addresses: Addresses, position: int) -> tuple[int, str, bytes]:
    with EventLog(addresses.service) as log:
        return log.stored_at([position])[0]


def test_without_a_key_it_is_said_what_is_missing(addresses: Addresses) -> None:
    with open_newsroom(addresses, following=False) as room, pytest.raises(NoSigningKey, match="ONRECORD_SIGNING_KEY"):
        room.checkpoints.make()


def test_proofs_of_random_claims_are_short_and_quick(cluster: Cluster) -> None:
    with fresh_database(cluster) as addresses, EventLog(addresses.service) as log, opened(addresses) as room:
        load(log, ready_made(ledger(CLAIMS)))
        began = time.perf_counter()
        signed, _ = room.checkpoints.make()
        made = time.perf_counter() - began
        key = read_checkpoint(signed.note, KEY)
        rows = log.stored_at(random.Random(1).sample(range(1, signed.size + 1), min(1_100, signed.size // 4)))
        claims = [json.loads(state)["event"]["claim"]["id"] for _, name, state in rows if name == "claim-recorded.v1"]
        seconds = {"made": 0.0, "checked": 0.0}
        longest = 0
        for claim in claims[:1_000]:
            began = time.perf_counter()
            proof = room.proofs.claim(claim)
            seconds["made"] += time.perf_counter() - began
            entries = proof["entries"]
            began = time.perf_counter()
            for entry in entries:  # pyright: ignore[reportGeneralTypeIssues]
                longest = max(longest, len(entry["path"]))
                check_one(key, entry["event"], [b64decode(one) for one in entry["path"]])
            seconds["checked"] += time.perf_counter() - began
        count = len(claims[:1_000])
        told = {name: f"{1_000 * spent / count:.2f} ms" for name, spent in seconds.items()}
        said_of = f"{signed.size} events sealed and signed in {made:.1f} s; {count} proofs, longest path {longest}"
        sys.stdout.write(f"{said_of}: {told}\n")
        assert longest <= signed.size.bit_length()
        assert seconds["made"] / count < 0.25


def check_one(signed: Checkpoint, event: str, path: list[bytes]) -> None:
    position, entry = entry_of(event.encode())
    check_inclusion(signed, position - 1, leaf_hash(entry), path)
