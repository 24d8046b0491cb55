"""A key is made once, kept from others, and named where it is missing or wrong; what is due is signed unasked."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.proof.tree import WIDTH
from domain.proof.verifier import read_key
from services.checkpoints import Checkpoints, Sealing
from services.errors import NoSigningKey
from services.settings import BadSetting, Settings, environment_for, read_settings
from services.signing import Signer, new_signer, signer_of
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.tree import TreeStore
from services.tree import LogTree
from support.recording import said

SIGNER = Signer("example.org/ledger", bytes(range(32)))


def test_the_first_start_makes_a_key_that_only_its_user_can_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = signer_of(Settings(home))
    assert signer_of(Settings(home)).verifier_key == made.verifier_key
    assert [file.name for file in home.iterdir()] == ["signing.key"]
    assert stat.S_IMODE((home / "signing.key").stat().st_mode) == 0o600
    assert read_key(made.verifier_key).name == made.name


def test_a_key_is_taken_from_a_file_or_from_the_setting_itself(tmp_path: Path) -> None:
    own = Settings(tmp_path, database_url="dbname=news")
    file = tmp_path / "a key"
    file.write_text(f"{SIGNER.secret_text}\n")
    assert signer_of(replace(own, signing_key=f"{file}")).verifier_key == SIGNER.verifier_key
    assert signer_of(replace(own, signing_key=SIGNER.secret_text)).verifier_key == SIGNER.verifier_key


def test_on_a_database_of_ones_own_the_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSigningKey, match="ONRECORD_SIGNING_KEY"):
        signer_of(Settings(tmp_path, database_url="dbname=news"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["nowhere", "PRIVATE+KEY+a+b+c", SIGNER.secret_text.replace("ledger", "other"), ""])
def test_a_key_that_is_none_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(BadSetting, match="ONRECORD_SIGNING_KEY") as refused:
        signer_of(Settings(tmp_path, signing_key=key or f"{tmp_path}/empty"))
    assert SIGNER.secret_text.rpartition("+")[2] not in f"{refused.value}"


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "x" * 201])
def test_a_name_that_no_note_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a key"):
        Signer(name, bytes(32))
    assert new_signer().name != new_signer().name


def test_settings_of_checkpoints_are_read_and_passed_on() -> None:
    given = {"ONRECORD_HOME": "/tmp", "ONRECORD_SIGNING_KEY": "a file", "ONRECORD_CHECKPOINT_EVERY": "30"}
    settings = read_settings(given)
    assert (settings.signing_key, settings.checkpoint_every) == ("a file", 30)
    assert read_settings(environment_for(settings, {})) == settings
    assert read_settings({}).checkpoint_every == 600
    with pytest.raises(BadSetting, match="ONRECORD_CHECKPOINT_EVERY"):
        read_settings({"ONRECORD_CHECKPOINT_EVERY": "soon"})


def test_what_is_due_is_signed_and_what_is_full_is_kept(addresses: Addresses) -> None:
    with EventLog(addresses.service) as log, Connections(addresses.service) as connections:
        store = TreeStore(connections)
        tree = LogTree(log, store)
        checkpoints = Checkpoints(log, store, tree, lambda: SIGNER)
        now = [datetime.now(UTC)]
        sealing = Sealing(log, tree, checkpoints, 600, lambda: now[0])

        def looked() -> tuple[int, list[int]]:
            sealing.look()
            return store.full_tiles(0), [one.size for one in store.all_signed(-1, 10)]

        assert looked() == (0, [])
        log.append([said(number, None) for number in range(1, WIDTH + 5)])
        assert looked() == (1, [WIDTH + 4])
        log.append([said(number, None) for number in range(WIDTH + 5, 2 * WIDTH + 1)])
        assert looked() == (2, [WIDTH + 4])
        now[0] += timedelta(seconds=700)
        assert looked() == (2, [WIDTH + 4, 2 * WIDTH])
        now[0] += timedelta(seconds=700)
        assert looked() == (2, [WIDTH + 4, 2 * WIDTH])
        assert len(tree.at(2 * WIDTH).inclusion(0)) == 9


def test_without_a_key_tiles_are_kept_all_the_same(addresses: Addresses) -> None:
    with EventLog(addresses.service) as log, Connections(addresses.service) as connections:
        store = TreeStore(connections)
        tree = LogTree(log, store)
        sealing = Sealing(log, tree, Checkpoints(log, store, tree), 600, lambda: datetime.now(UTC))
        log.append([said(number, None) for number in range(1, WIDTH + 1)])
        sealing.look()
        sealing.look()
        assert (store.full_tiles(0), store.newest()) == (1, None)
