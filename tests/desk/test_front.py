"""The front page tells what changed while somebody watched, as far as the past that it is asked of had come."""

from __future__ import annotations

import json
import time

from playwright.sync_api import expect

from services.imports import import_lines
from support.browser import Visit, arrive
from support.serving import Served

CLAIM = {
    "value": "rebels",
    "valid": {"edtf": "2016-11-09"},
    "chain": [{"source": "sohr", "role": "speaker", "mode": "quote", "naming": "named"}],
    "published": {"edtf": "2016-11-10"},
}


def recorded(desk: Served, place: str) -> int:
    """Record a first claim of a new place, and wait until the change is told; return the position."""
    watch = desk.newsroom.watch
    before, end = watch.numbers().alerts, time.monotonic() + 60
    entry = {"type": "location", "slug": place, "names": [place], "precision": "locality"}
    claim = {**CLAIM, "question": {"location": place, "aspect": "control"}}
    list(import_lines(desk.newsroom.ledger, [json.dumps(line).encode() for line in (entry, claim)]))
    while watch.numbers().alerts == before or watch.numbers().position != desk.head:
        assert time.monotonic() < end, "no change was told"
        time.sleep(0.02)
    return desk.head


def test_what_changed_last_is_told_from_when_somebody_watches_and_as_of_any_past(
    own_desk: Served, visit: Visit
) -> None:
    page, watch = visit(own_desk), own_desk.newsroom.watch
    latest = page.get_by_role("region", name="Stories")
    arrive(page, "/")
    expect(latest).to_contain_text("No change was told yet. Changes are told from when the service first kept watch")
    with watch.kept():
        while watch.numbers().position is None:
            time.sleep(0.02)
        first = recorded(own_desk, "one-bridge")
        recorded(own_desk, "another-bridge")
    told = own_desk.ask("/v1/alerts")["alerts"]
    arrive(page, "/")
    expect(latest.get_by_role("list").last.get_by_role("listitem")).to_have_count(len(told))
    arrive(page, f"/?as_of={first}")
    then = [one for one in told if one["position"] <= first]
    assert 0 < len(then) < len(told)
    expect(latest.get_by_role("list").last.get_by_role("listitem")).to_have_count(len(then))
    arrive(page, f"/?as_of={first - 1}")
    expect(latest).to_contain_text("No change was told by then.")
