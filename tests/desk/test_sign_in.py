"""Whoever opens the pages of a service that asks for keys comes in once, and goes out without leaving anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from services.access.gate import Gate
from services.access.keys import NewKey
from services.store.embedded import Addresses
from support.browser import Log, Visit, arrive, ready
from support.database import Cluster, fresh_database
from support.serving import Served, open_served

ASKED_FOR_EVER = "() => fetch('/v1/sources?as_of=2').then((answer) => answer.status)"


@pytest.fixture
def guarded(cluster: Cluster, told: Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A service with the story that asks for keys, and looks at each anew."""
    monkeypatch.setattr("services.access.gate.HOLDS", 0.0)
    with fresh_database(cluster, like=told) as fresh, open_served(fresh) as served:
        served.access = Gate(served.newsroom.keys)
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

    arrive(page, "/places/minian")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.get_by_label("Key", exact=True).fill("onr_wrong")
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("alert")).to_contain_text("this key is not known here")

    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Minian")
    expect(page.get_by_role("banner")).to_contain_text("anna reporter")
    assert key not in str(page.context.storage_state().get("origins"))
    assert page.evaluate("document.cookie") == ""

    keys.revoke("anna", "a test")
    second = str(keys.make(NewKey(name="berta", role="reader"), "a test")["key"])
    # The stream of what is new may have noticed before anything is asked.
    page.get_by_role("link", name="Sources", include_hidden=True).dispatch_event("click")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.get_by_label("Key", exact=True).fill(second)
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    # Of an answer that is good for ever a browser keeps a copy, but not for whoever sits down next.
    assert page.evaluate(ASKED_FOR_EVER) == 200
    go_out(page)
    assert page.evaluate(ASKED_FOR_EVER) == 401

    page.goto(f"/claims?q=army#key={second}")
    ready(page)
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    expect(page).to_have_url(f"{guarded.url}/claims?q=army")

    other = str(keys.make(NewKey(name="carla", role="reader"), "a test")["key"])
    page.goto(f"/sources#key={other}")
    ready(page)
    expect(page.get_by_role("banner")).to_contain_text("berta reader")
    expect(page).to_have_url(f"{guarded.url}/sources")
    go_out(page)
    page.goto("/sources#key=onr_wrong")
    expect(page.get_by_role("alert")).to_contain_text("this key is not known here")
