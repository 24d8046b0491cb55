"""The drill: what was backed up comes back after everything is gone, as it was at any moment, or is refused."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.alerts import AlertRule
from domain.commands import EraseText, RegisterSource
from domain.times import show
from domain.values import sha256_of
from services.access.keys import NewKey
from services.backups import back_up
from services.bootstrap import Newsroom, open_newsroom
from services.cuts import Query
from services.imports import import_lines
from services.pieces import BadBackup, kept_alone
from services.restoring import Restored, reached, read, restore
from services.store.backup import TABLES, Snapshot
from services.store.connections import service_conninfo
from services.store.embedded import Addresses
from services.story import lines
from services.webhooks import Webhook
from support.database import Cluster, fresh_database
from support.service import OUTWARD, SIGNER


def opened(addresses: Addresses) -> AbstractContextManager[Newsroom]:
    return open_newsroom(addresses, outward=OUTWARD, signer=lambda: SIGNER)


def believed(room: Newsroom, as_of: int | None = None) -> dict[str, list[object]]:
    """What is believed everywhere, by its digests, once the views have all that is recorded."""
    query = Query(as_of=None if as_of is None else str(as_of), at_least=room.feed.head())
    places = [str(row["slug"]) for row in room.places.locations("", 1_000, query).body.rows]
    return {place: [one["digest"] for one in room.beliefs.picture(place, query).body] for place in places}


def rows(addresses: Addresses, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(addresses.owner) as connection:
        return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]


@dataclass
class Drill:
    """A ledger that was backed up as it grew, and is gone."""

    folder: Path
    erased: str
    moment: str
    middle: int
    head: int
    then: dict[str, list[object]]
    now: dict[str, list[object]]
    ledger: dict[str, list[tuple[Any, ...]]]


KEPT = {
    "events": "SELECT * FROM ledger.ledger_events ORDER BY notification_id",
    "keys": "SELECT * FROM ledger.ledger_keys ORDER BY number",
    "texts": "SELECT * FROM ledger.texts ORDER BY sha256",
    "checkpoints": "SELECT * FROM ledger.checkpoints ORDER BY size",
    "alerts": "SELECT * FROM ledger.alerts ORDER BY number",
    "alerting": "SELECT * FROM ledger.alerting",
    "keys of callers": "SELECT name, role, digest, made, expires, revoked, revoked_by FROM ledger.access_keys",
    "due": "SELECT * FROM ledger.alerts_due ORDER BY instant, subject",
}


@pytest.fixture(scope="module")
def drill(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("backup") / "of the desk"
    with fresh_database(cluster) as addresses:
        with opened(addresses) as room, room.watch.kept():
            list(import_lines(room.ledger, [*lines("registry"), *lines("claims")[:30]]))
            room.checkpoints.make()
            room.watch.rules.keep(AlertRule(name="held"))
            room.keys.make(NewKey(name="anna", role="reporter"), "local:tests")
            room.keys.make(NewKey(name="berta", role="reader"), "local:tests")
            back_up(addresses.service, folder, most=40)
            list(import_lines(room.ledger, lines("claims")[30:]))
            middle = room.feed.head()
            moment = show(room.feed.recorded(middle)) or ""
            list(import_lines(room.ledger, lines("later")))
            room.keys.revoke("anna", "local:tests")
            again = json.loads(lines("registry")[0])
            room.ledger.record(RegisterSource.model_validate(again), key="http:said again")
            erased = sha256_of(str(json.loads(lines("claims")[3])["statement"]))
            room.ledger.record(EraseText(sha256=erased, reason="A court has ordered it."))
            room.watch.webhooks.make(Webhook(name="desk", url="http://127.0.0.1:9/"))
            head = room.feed.head()
            now, then = believed(room), believed(room, middle)
            while room.watch.numbers().position != head:
                pass
            back_up(addresses.service, folder, most=20)
        ledger = {name: rows(addresses, query) for name, query in KEPT.items()}
    yield Drill(folder, erased, moment, middle, head, then, now, ledger)


def put_back(drill: Drill, addresses: Addresses, to: str | None = None) -> Restored:
    known = read(drill.folder)
    return restore(addresses.owner, known, reached(known, to))


def test_all_of_it_comes_back_to_the_last_byte(drill: Drill, addresses: Addresses) -> None:
    assert put_back(drill, addresses).position == drill.head
    assert {name: rows(addresses, query) for name, query in KEPT.items()} == drill.ledger
    assert rows(addresses, "SELECT name, enabled FROM ledger.webhooks") == [("desk", False)]
    with opened(addresses) as room:
        assert believed(room) == drill.now
        assert room.projections.verify().sound


def test_a_ledger_that_was_restored_goes_on(drill: Drill, addresses: Addresses) -> None:
    put_back(drill, addresses)
    with opened(addresses) as room:
        said = RegisterSource.model_validate({"type": "source", "slug": "radio", "name": "Radio", "kind": "outlet"})
        assert room.ledger.record(said, key="http:new").position == drill.head + 1
        assert back_up(addresses.service, drill.folder.with_name("another"), most=1_000).upto == drill.head + 1
    assert [number for (number,) in rows(addresses, "SELECT number FROM ledger.ledger_keys ORDER BY number")][-1] > len(
        drill.ledger["keys"]
    )


@pytest.mark.parametrize("by", ["position", "moment"])
def test_the_ledger_comes_back_as_it_was_at_a_moment(drill: Drill, addresses: Addresses, by: str) -> None:
    restored = put_back(drill, addresses, str(drill.middle) if by == "position" else drill.moment)
    assert (restored.position, restored.recorded, restored.left_erased) == (drill.middle, drill.moment, 1)
    # Keys are as the last run knew them, so who was shut out stays out, whatever the moment.
    known = "SELECT name, revoked_by FROM ledger.access_keys ORDER BY name"
    assert rows(addresses, known) == [("anna", "local:tests"), ("berta", None)]
    assert (restored.keys, restored.keys_known > drill.moment) == (["berta"], True)
    with opened(addresses) as room, room.watch.kept():
        assert [key["name"] for key in room.keys.revoke_all("local:operator")] == ["berta"]
        assert (room.keys.standing(), room.keys.revoke_all("local:operator")) == (set(), [])
        assert rows(addresses, known) == [("anna", "local:tests"), ("berta", "local:operator")]
        assert believed(room) == drill.then
        assert room.projections.verify().sound
        while room.watch.numbers().position != drill.middle:
            pass
        assert room.checkpoints.make()[0].size == drill.middle


def test_a_text_that_was_erased_later_does_not_come_back(drill: Drill, addresses: Addresses) -> None:
    put_back(drill, addresses, str(drill.middle))
    kept = dict(rows(addresses, "SELECT sha256, body FROM ledger.texts"))
    assert [sha256 for sha256, body in kept.items() if body is None] == [drill.erased]


def test_a_backup_without_news_writes_nothing_and_one_of_another_ledger_is_not_gone_on_with(
    drill: Drill, addresses: Addresses, cluster: Cluster, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(drill.folder, tmp_path / "copy"))
    put_back(drill, addresses)
    assert back_up(addresses.service, folder).events == 0
    with fresh_database(cluster) as other, pytest.raises(BadBackup, match="this ledger only to 0"):
        back_up(other.service, folder)


def test_nothing_is_restored_over_a_ledger_or_by_anybody_but_its_owner(drill: Drill, addresses: Addresses) -> None:
    with pytest.raises(BadBackup, match="only the owner of the ledger"):
        restore(service_conninfo(addresses.service), read(drill.folder), 3)
    put_back(drill, addresses, "3")
    with pytest.raises(BadBackup, match="something was recorded in this ledger already"):
        put_back(drill, addresses)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("9999", "goes to position"),
        ("9" * 5_000, "goes to position"),
        ("2999-01-01T00:00:00Z", "does not know what was recorded from"),
        ("yesterday", "neither a position nor an instant"),
        ("2026-11-23T12:00:00", "lacks its offset"),
    ],
)
def test_what_a_backup_does_not_reach_is_refused(drill: Drill, addresses: Addresses, to: str, said: str) -> None:
    with pytest.raises(BadBackup, match=said):
        put_back(drill, addresses, to)


def test_a_backup_sees_one_moment_whatever_is_recorded_meanwhile(addresses: Addresses, tmp_path: Path) -> None:
    with opened(addresses) as room:
        list(import_lines(room.ledger, lines("registry")[:5]))
        with Snapshot(addresses.service) as snapshot:
            list(import_lines(room.ledger, lines("registry")[5:8]))
            recorded = [room.feed.recorded(position) for position in (5, 6)]
            assert sorted([*recorded, snapshot.moment.taken], key=str)[1] == snapshot.moment.taken
            assert [one.position for one in snapshot.events(0, 99)] == [1, 2, 3, 4, 5]
            assert [row.number for row in snapshot.keys(0, 99)] == [1, 2, 3, 4, 5]


def test_while_a_writer_holds_the_order_only_what_is_recorded_is_vouched_for(
    addresses: Addresses, tmp_path: Path
) -> None:
    with opened(addresses) as room:
        list(import_lines(room.ledger, lines("registry")[:5]))
        with psycopg.connect(addresses.owner) as writer:
            writer.execute("SELECT pg_advisory_xact_lock(7305804402018643521)")
            assert back_up(addresses.service, tmp_path).taken == show(room.feed.recorded(5))


def test_what_a_run_that_broke_off_left_is_restored_with_the_rules_of_the_run_before(
    drill: Drill, addresses: Addresses, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(drill.folder, tmp_path / "copy"))
    known = read(folder)
    whole = [end.upto for end in known.ends if end.state]
    known.pieces[-1].path.unlink()
    left = read(folder)
    assert (len(whole), whole[0] < left.ends[-1].upto < whole[1]) == (2, True)
    assert restore(addresses.owner, left, reached(left)).position == left.ends[-1].upto
    assert rows(addresses, "SELECT name FROM ledger.alert_rules") == [("held",)]


def test_two_do_not_write_one_backup_and_a_folder_that_cannot_be_one_is_told(
    addresses: Addresses, tmp_path: Path
) -> None:
    with kept_alone(tmp_path), pytest.raises(BadBackup, match="another backup into .* is under way"):
        back_up(addresses.service, tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BadBackup, match="cannot be written into .*: Not a directory"):
        back_up(addresses.service, tmp_path / "file" / "folder")


def test_every_table_of_the_ledger_is_in_a_backup_or_follows_from_one(addresses: Addresses) -> None:
    """Whoever adds a table says in services/store/sql/backup.sql how it is taken along, or here why it need not be."""
    found = rows(addresses, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'ledger' ORDER BY 1")
    follow = {"migrations", "tiles"}
    assert {name for (name,) in found} == {"ledger_events", *TABLES, *follow}


def cut_off(piece: Path) -> None:
    piece.write_bytes(piece.read_bytes()[:-40])


def without_its_end(piece: Path) -> None:
    piece.write_bytes(gzip.compress(b"".join(gzip.decompress(piece.read_bytes()).splitlines(keepends=True)[:-1])))


def with_another_word(piece: Path) -> None:
    piece.write_bytes(gzip.compress(gzip.decompress(piece.read_bytes()).replace(b"Reuters", b"Reuterz", 1)))


def emptied(piece: Path) -> None:
    piece.write_bytes(b"")


def with_a_flipped_bit(piece: Path) -> None:
    content = bytearray(piece.read_bytes())
    content[len(content) // 2] ^= 1
    piece.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut_off, "is truncated"),
        (without_its_end, "is truncated: it has no end"),
        (with_another_word, "is damaged: its content is not what was written"),
        (with_a_flipped_bit, "is damaged"),
        (Path.unlink, "lacks piece 1 of the backup"),
        (emptied, "is damaged: it does not begin as a piece"),
    ],
)
def test_a_broken_backup_is_refused_and_nothing_is_put_back(
    drill: Drill, addresses: Addresses, tmp_path: Path, harm: Callable[[Path], object], said: str
) -> None:
    folder = Path(shutil.copytree(drill.folder, tmp_path / "copy"))
    harm(min(folder.glob("onrecord-*")))
    with pytest.raises(BadBackup, match=said):
        restore(addresses.owner, read(folder), drill.head)
    assert rows(addresses, "SELECT count(*) FROM ledger.ledger_events") == [(0,)]


def test_a_backup_of_a_newer_version_is_refused_and_one_of_an_older_version_is_not(
    drill: Drill, addresses: Addresses
) -> None:
    known = read(drill.folder)
    known.migrations.append("9999_of_another_day 0123456789abcdef")
    with pytest.raises(BadBackup, match="made by a newer version"):
        restore(addresses.owner, known, drill.head)
    del known.migrations[-2:]
    assert restore(addresses.owner, known, drill.head).position == drill.head
