"""Whoever opens the pages of a desk that asks for keys comes in once, and goes out without leaving anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from playwright.sync_api import Page, expect

from api.app import create_app
from api.desks import Desks
from services.access.gate import Gate
from services.access.keys import NewKey
from services.store.embedded import Addresses
from support.browser import Log, Visit, arrive, ready
from support.claim_form import answer, sent
from support.database import Cluster, fresh_database
from support.serving import Served, open_served

BASE = "/desks/leak"
COOKIE = ("onrecord-leak", BASE)
ASKED_FOR_EVER = f"() => fetch('{BASE}/v1/sources?as_of=2').then((answer) => answer.status)"


@pytest.fixture
def guarded(cluster: Cluster, told: Addresses, desk: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A desk with the story, beside a main one, that asks for keys, and looks at each anew."""
    monkeypatch.setattr("services.access.gate.HOLDS", 0.0)
    with fresh_database(cluster, like=told) as fresh, open_served(fresh, BASE) as served:
        gate = Gate(served.newsroom.keys)
        main = create_app(desk.newsroom, Gate(desk.newsroom.keys))
        desks = Desks(main, lambda: ["leak"], lambda _: nullcontext((served.newsroom, gate)), None, 0)
        served.through = lambda: (desks, desks)
        with desks.kept():
            served.start()
            try:
                yield served
            finally:
                served.stop()


def go_out(page: Page) -> None:
    """Go out, and see the question for a key on a page that was loaded anew."""
    with page.expect_event("load"):
        page.get_by_role("button", name="Go out").click()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()


def test_an_editor_comes_in_with_a_key_and_goes_out(guarded: Served, visit: Visit, log: Log) -> None:
    keys = guarded.newsroom.keys
    key = str(keys.make(NewKey(name="anna", role="reporter"), "a test")["key"])
    page = visit(guarded)
    log.forgive("401")

    arrive(page, f"{BASE}/places/minian")
    expect(page).to_have_title("leak · OnRecord")
    expect(page.get_by_role("heading", level=1)).to_have_text("OnRecord, desk leak")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.get_by_label("Key", exact=True).fill("onr_wrong")
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("alert")).to_contain_text("this key is not known here")

    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Minian")
    expect(page.get_by_role("banner")).to_contain_text(re.compile("Desk leak.*anna reporter"))
    assert key not in str(page.context.storage_state().get("origins"))
    assert page.evaluate("document.cookie") == ""
    assert [(one.get("name"), one.get("path")) for one in page.context.cookies(f"{guarded.url}/")] == [COOKIE]

    page.get_by_role("link", name="Record", exact=True).click()
    answer(page)
    sent(page)
    page.get_by_role("link", name="Open the claim").click()
    page.get_by_role("main").get_by_role("link", name="1070 Apartments").first.click()
    ready(page)
    expect(page).to_have_url(f"{guarded.url}/places/1070-apartments/control")
    expect(page.get_by_role("main")).to_contain_text("rebels")
    expect(page).to_have_title(re.compile("1070 Apartments.* · leak · OnRecord"))

    keys.revoke("anna", "a test")
    second = str(keys.make(NewKey(name="berta", role="reader"), "a test")["key"])
    # The stream of what is new may have noticed before anything is asked.
    page.get_by_role("link", name="Sources", include_hidden=True).dispatch_event("click")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.get_by_label("Key", exact=True).fill(second)
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    page.goto(f"{BASE}/record")
    ready(page)
    told = "Recording takes the right “record”, which reporters, editors and admins have. Here you are a reader."
    expect(page.get_by_role("note")).to_have_text(told)
    expect(page.get_by_role("button", name="Record the claim")).to_be_disabled()
    arrive(page, f"{BASE}/contested?valid_at=2016-11-08&tz=%2B02:00")
    expect(page.get_by_role("note")).to_contain_text("the right “edit”, which editors and admins have")
    expect(page.get_by_text("Give a verdict")).to_have_count(0)
    page.get_by_role("link", name="Engine room").click()
    ready(page)
    expect(page.get_by_role("note")).to_contain_text("the right “run”, which engineers and admins have")
    doing = re.compile("Replay|Make a what-if|Sign what|Processes")
    expect(page.get_by_role("main").get_by_text(doing)).to_have_count(0)
    # Of an answer that is good for ever a browser keeps a copy, but not for whoever sits down next.
    assert page.evaluate(ASKED_FOR_EVER) == 200
    go_out(page)
    assert page.evaluate(ASKED_FOR_EVER) == 401

    page.goto(f"{BASE}/claims?q=army#key={second}")
    ready(page)
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    expect(page).to_have_url(f"{guarded.url}/claims?q=army")

    other = str(keys.make(NewKey(name="carla", role="reader"), "a test")["key"])
    page.goto(f"{BASE}/sources#key={other}")
    ready(page)
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    expect(page).to_have_url(f"{guarded.url}/sources")
    go_out(page)
    page.goto(f"{BASE}/sources#key=onr_wrong")
    expect(page.get_by_role("alert")).to_contain_text("this key is not known here")
