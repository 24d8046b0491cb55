"""A desk reads its alerts on the terminal, and an operator sees to where they go."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from domain.alerts import AlertRule
from services.alert_rules import AlertRules
from services.store.embedded import Addresses
from services.store.webhooks import HookStore
from support.builders import small_world
from support.receiving import receiving, says
from support.terminal import Ended, Terminal
from support.watching import Watching, chapters, watching


@pytest.fixture
def desk(addresses: Addresses) -> Iterator[Watching]:
    with watching(addresses) as ready:
        ready.paper = small_world()
        ready.log.append([one.event for one in ready.paper.history])
        ready.tell(*chapters(count(), 1))
        ready.catch_up()
        yield ready


def onrecord(desk: Watching, home: Path, *arguments: str) -> Ended:
    """Run a command on the ledger; the home is only where the key of the webhooks is."""
    networks = {"ONRECORD_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    return Terminal(home).here(*arguments, ONRECORD_DATABASE_URL=desk.addresses.service, **networks)


def test_alerts_are_told_in_words_or_as_lines(desk: Watching, tmp_path: Path) -> None:
    told = onrecord(desk, tmp_path, "alerts")
    assert (told.status, told.flowing.startswith("1. minian control: unreported")) == (0, True), told.out
    AlertRules(HookStore(desk.connections)).keep(AlertRule(name="counted", aspects=("casualties",)))
    lines = onrecord(desk, tmp_path, "alerts", "--json", "--rule", "counted").lines
    assert {one["question"]["aspect"] for one in lines} == {"casualties"}
    last = desk.alerts()[-1].number
    assert onrecord(desk, tmp_path, "alerts", "--json", "--after", str(last)).out == ""
    desk.tell(*chapters(count(1), 1))
    assert "not looked at yet" in onrecord(desk, tmp_path, "alerts").flowing


def test_a_webhook_is_set_tried_out_and_dropped(desk: Watching, tmp_path: Path) -> None:
    with receiving() as receiver:
        made = onrecord(desk, tmp_path, "webhooks", "set", "desk", receiver.url)
        assert "whsec_" in made.flowing
        assert "whsec_" not in onrecord(desk, tmp_path, "webhooks", "set", "desk", receiver.url).flowing
        assert receiver.url in onrecord(desk, tmp_path, "webhooks", "list", "--json").out
        assert "desk" in onrecord(desk, tmp_path, "webhooks", "list").out
        assert onrecord(desk, tmp_path, "webhooks", "test", "desk").flowing == "The test was taken."
        receiver.answer = lambda call: says(call, 500)
        failed = onrecord(desk, tmp_path, "webhooks", "test", "desk")
        assert (failed.status, "it answered 500" in failed.flowing) == (1, True)
    assert onrecord(desk, tmp_path, "webhooks", "secret", "desk", "--json").json["secret"].startswith("whsec_")
    assert onrecord(desk, tmp_path, "webhooks", "dead", "desk", "--json").json["deliveries"] == []
    assert "0 alerts will be sent" in onrecord(desk, tmp_path, "webhooks", "resend", "desk").flowing
    assert onrecord(desk, tmp_path, "webhooks", "drop", "desk").flowing == "desk is dropped."
    assert onrecord(desk, tmp_path, "webhooks", "test", "desk").status == 1
