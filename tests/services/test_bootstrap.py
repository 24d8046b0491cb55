"""The parts are put together so that an operator hears of what could cost the newsroom its ledger."""

from __future__ import annotations

import os
import signal
import time

import pytest

from services.bootstrap import open_database, open_newsroom
from services.errors import StoreUnavailable
from services.imports import import_lines
from services.settings import read_settings
from services.store.embedded import Addresses
from services.story import lines
from support.database import open_folder


def test_a_database_that_may_lose_what_it_committed_is_warned_about(
    addresses: Addresses, caplog: pytest.LogCaptureFixture
) -> None:
    # The tests' own server is such a one, for speed.
    settings = read_settings({"ONRECORD_DATABASE_URL": addresses.service}, root=False)
    with open_database(settings) as opened:
        assert opened.service == addresses.service
    warned = [record.getMessage() for record in caplog.records]
    assert any("synchronous_commit=off" in message for message in warned)
    assert addresses.service not in " ".join(warned)


def test_a_killed_server_comes_back_even_after_a_start_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    with open_folder() as folder:
        settings = read_settings({"ONRECORD_HOME": str(folder / "home")}, root=False)
        with open_database(settings) as opened, open_newsroom(opened) as newsroom:
            recorded = list(import_lines(newsroom.ledger, lines("registry")))[-1]
            data = folder / "home" / "data"
            # Without its version no server starts on the folder; the watch finds that out while we look on.
            (data / "PG_VERSION").rename(data / "PG_VERSION.away")
            os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            give_up = time.monotonic() + 300
            while not any("does not come back" in one.getMessage() for one in caplog.records):
                assert time.monotonic() < give_up
                time.sleep(0.1)
            (data / "PG_VERSION.away").rename(data / "PG_VERSION")
            while time.monotonic() < give_up:
                try:
                    assert newsroom.feed.head() == recorded["position"]
                    return
                except StoreUnavailable:
                    time.sleep(0.1)
            pytest.fail("the database did not come back")
