"""What is new is told quietly, shown when it is asked for, and resumed when the service was away."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Locator, Page, expect

from domain.commands import parse_command
from domain.kit.saying import uuid7
from support.browser import Log, Visit, arrive, ready
from support.serving import Served


def says(desk: Served, name: str) -> int:
    """The observatory says once more who holds a district; the position of that."""
    claim = {
        "id": uuid7(name),
        "question": {"location": "1070-apartments", "aspect": "control"},
        "value": "rebels",
        "chain": [{"source": "sohr", "role": "speaker", "mode": "quote", "naming": "named"}],
        "valid": {"edtf": "2016-11-09"},
        "published": {"edtf": "2016-11-10"},
    }
    return desk.newsroom.ledger.record(parse_command(json.dumps(claim))).position


def bar(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="new claim")


def listening(page: Page, desk: Served, name: str) -> None:
    """Be sure that the page listens: what was said is counted, and shown."""
    says(desk, name)
    expect(bar(page)).to_contain_text("1 new claim")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(bar(page)).to_have_count(0)
    ready(page)


def test_new_claims_are_counted_and_shown_when_they_are_asked_for(own_desk: Served, visit: Visit) -> None:
    page = visit(own_desk)
    arrive(page, "/claims?order=newest")
    listening(page, own_desk, "first")
    before = page.get_by_role("main").inner_text()
    rows = page.get_by_role("main").get_by_role("listitem").filter(has_text="9 November 2016")
    shown = rows.count()
    says(own_desk, "second")
    last = says(own_desk, "third")
    expect(bar(page)).to_contain_text("2 new claims")
    assert page.get_by_role("main").inner_text() == before
    page.get_by_role("button", name="Show", exact=True).click()
    ready(page)
    assert rows.count() == shown + 2
    expect(page.get_by_role("contentinfo")).to_contain_text(f"position {last}")
    expect(bar(page)).to_have_count(0)

    page.goto(f"/claims?as_of={last}")
    says(own_desk, "fourth")
    page.wait_for_timeout(500)
    expect(bar(page)).to_have_count(0)


def test_a_service_that_was_away_is_heard_again_from_where_it_broke_off(
    own_desk: Served, visit: Visit, log: Log
) -> None:
    page = visit(own_desk)
    page.clock.install()
    arrive(page, "/places")
    listening(page, own_desk, "fifth")
    own_desk.stop()
    says(own_desk, "sixth")
    says(own_desk, "seventh")
    own_desk.start()
    page.clock.fast_forward("01:00")
    expect(bar(page)).to_contain_text(re.compile("2 new claims"))
