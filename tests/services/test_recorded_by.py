"""Every event says who recorded it: where it is shown, sent twice, exported, signed and proved."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from domain.claims import Question
from domain.commands import Command, parse_command
from domain.proof import verifier
from domain.proof.believed import BeliefProof, digest_of, events_in
from domain.standing import claims_of
from services.access.callers import at_the_terminal
from services.bootstrap import Newsroom, open_newsroom
from services.claims import Search
from services.cuts import Query
from services.imports import import_all_or_nothing, import_lines
from services.ledger import Submission
from services.parquet import SCHEMA
from services.signing import Signer
from services.store.embedded import Addresses
from support.recording import CLAIM, command, numbered, registers, registry, says

SIGNER = Signer("example.org/ledger", bytes(range(32)))
ANNA, BERT, ODD = "key:anna", "oidc:id.example.org:bert", 'key:","event":{"type":"x"}}\\é'
PLAIN = json.dumps({"type": "claim", **CLAIM}).encode()
QUOTING = json.dumps({"type": "claim", **CLAIM, "statement": 'He said \\ "ours".'}).encode()


@pytest.fixture
def room(addresses: Addresses) -> Iterator[Newsroom]:
    """A newsroom whose registry Anna entered: its head is 4."""
    with open_newsroom(addresses, signer=lambda: SIGNER) as opened:
        list(opened.ledger.record_many(Submission(one, by=ANNA) for one in registry()))
        yield opened


def recorders(room: Newsroom) -> list[object]:
    return [row["recorded_by"] for row in room.feed.page(0, room.feed.head(), 100).rows]


def test_all_that_one_call_or_file_records_is_recorded_by_whoever_sent_it(room: Newsroom) -> None:
    room.ledger.record(says(), by=BERT)
    list(import_lines(room.ledger, [PLAIN, QUOTING], BERT))
    list(import_all_or_nothing(room.ledger, lambda: [PLAIN.replace(b"rebels", b"army")], ODD))
    room.ledger.record(registers("paper"))
    assert recorders(room) == [ANNA] * 4 + [BERT] * 3 + [ODD, None]


def test_what_is_sent_again_by_somebody_else_is_told_as_it_was_recorded_first(room: Newsroom) -> None:
    said: Command = says(key="k1")
    first = room.ledger.record(said, by=ANNA)
    assert (first.by, first.replayed) == (ANNA, False)
    again = room.ledger.record(said, by=BERT)
    assert (again.by, again.replayed, again.position) == (ANNA, True, first.position)
    assert room.ledger.record(registers("agency"), by=BERT).by == ANNA
    assert room.feed.head() == first.position


def test_a_name_that_no_ledger_can_keep_records_nothing(room: Newsroom) -> None:
    with pytest.raises(ValueError, match="NUL"):
        room.ledger.record(says(), by="a\x00b")
    assert room.ledger.record(says(), by=ANNA).position == 5


def test_a_claim_and_what_moved_a_belief_name_who_recorded_them(room: Newsroom) -> None:
    room.ledger.record(says(id=numbered(1)), by=BERT)
    room.ledger.record(command(type="withdraw", claim=numbered(1), reason="they said so"), by=ODD)
    seen = Query(at_least=6)
    shown = room.claims.claim(numbered(1), seen).body
    assert (shown["recorded_by"], shown["ending"]["recorded_by"]) == (BERT, ODD)  # type: ignore[index]
    provenance = room.linked.claim(room.claims.claim(numbered(1), seen), "prov", "https://desk.example")
    assert f'"label": "{BERT}"' in json.dumps(provenance["graph"])
    history = room.beliefs.history(Question(location="east-bridge", aspect="control"), seen).body
    assert [one["cause"]["recorded_by"] for one in history] == [BERT, ODD]  # type: ignore[index]
    assert [one["id"] for one in room.claims.search(Search(), 0, 9, seen).body.rows] == [numbered(1)]


def test_an_export_names_who_recorded_what_and_proves_as_ever(room: Newsroom, tmp_path: Path) -> None:
    list(import_lines(room.ledger, [PLAIN, QUOTING], ODD))
    room.checkpoints.make()
    lines = [line.encode() + b"\n" for line in room.feed.export_events()]
    (tmp_path / "all.ndjson").write_bytes(b"".join(lines))
    (tmp_path / "kept.txt").write_text(room.checkpoints.named(None).note)
    claim = next(name for one in events_in(lines, 5) for name in claims_of(one.event))
    (tmp_path / "claim.json").write_text(json.dumps(room.proofs.claim(claim)))
    assert [one.by for one in events_in(lines, 6)] == [ANNA] * 4 + [ODD] * 2
    assert checked(tmp_path) == 0
    assert room.feed.position_at(datetime.now(UTC)) == 6

    told = BeliefProof.model_validate_json(
        json.dumps(room.proofs.belief(Question(location="east-bridge", aspect="control"), Query()))
    )
    assert digest_of(events_in(lines, told.as_of), told) == told.digest
    room.projector.caught_up_to(6, 60)
    assert room.projections.verify().faults == []


def test_whoever_puts_another_name_on_an_event_is_caught(
    room: Newsroom, addresses: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room.checkpoints.make()
    (tmp_path / "kept.txt").write_text(room.checkpoints.named(None).note)
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute("ALTER TABLE ledger.ledger_events DISABLE TRIGGER ALL")
        owner.execute(
            "UPDATE ledger.ledger_events SET notification_id = notification_id,"
            " state = convert_to(replace(convert_from(state, 'UTF8'), 'key:anna', 'key:bert'), 'UTF8')"
            " WHERE notification_id = 2"
        )
    (tmp_path / "all.ndjson").write_text("".join(f"{line}\n" for line in room.feed.export_events()))
    assert checked(tmp_path) == 1
    assert "is not what was signed" in capsys.readouterr().out


def test_an_import_of_an_export_is_recorded_by_whoever_imports(room: Newsroom) -> None:
    line = next(iter(room.feed.export(3)))
    assert "key:anna" not in line
    assert parse_command(line.encode()).type == "location"
    assert "recorded_by" in {name for name, _, _ in SCHEMA}


def test_whoever_types_is_called_as_on_the_machine_or_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert at_the_terminal().by == f"local:{pwd.getpwuid(os.geteuid()).pw_name}"
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    assert at_the_terminal().by == f"local:{2**31 - 7}"


def checked(folder: Path) -> int:
    return verifier.main(["--key", SIGNER.verifier_key, *sorted(map(str, folder.iterdir()))])
