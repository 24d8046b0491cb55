"""The parts are put together so that an operator hears of what could cost the newsroom its ledger."""

from __future__ import annotations

import pytest

from services.bootstrap import open_database
from services.settings import read_settings
from services.store.embedded import Addresses


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
