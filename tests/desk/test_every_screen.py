"""Every screen is there for everybody: in light and dark, on a desk and on a phone, with a keyboard or a reader.

They are looked at below the address of a desk with a name, where whatever forgets that would be somewhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.browser import LOOKS, Log, Visit, arrive
from support.serving import Served

BASE = "/desks/leak"

ADDRESSES = [
    "/",
    "/map",
    "/places",
    "/places/minian",
    "/places/minian/control",
    "/places/1070-apartments/territory_change/syrian-government",
    "/claims",
    "/claims/015840ce-1f06-741a-981a-dac643ebe85d",
    "/sources",
    "/sources/sohr",
    "/stories/aleppo",
    "/stories/aleppo/diff?from=edition/1&to=edition/2",
    "/stories/aleppo/editions/2",
    "/contested",
    "/record",
    "/engine",
]
NOWHERE = ["/places/no-such-place", "/sources/nobody", "/no-such-screen"]
RULES: dict[str, dict[str, object]] = {
    "light": {"resultTypes": ["violations"]},
    # Dark is other colours and nothing else.
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}


ELSEWHERE = """base => [...document.querySelectorAll("[href], [src]")].map((one) => new URL(one.href ?? one.src))
  .filter((to) => to.origin === location.origin && !to.pathname.startsWith(base + "/")).map((to) => to.href)"""


@pytest.fixture(scope="module")
def leak(desk: Served) -> Iterator[Served]:
    """The same newsroom, as a desk of this name would be."""
    served = Served(desk.newsroom, BASE)
    served.start()
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture
def page(visit: Visit, leak: Served) -> Page:
    """A page there: a request for anything above it fails the test."""
    return visit(leak)


def violations(page: Page, rules: dict[str, object]) -> list[str]:
    """What axe finds fault with, and where."""
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def faults(page: Page) -> dict[str, list[str]]:
    """What is wrong with the screen that is shown, in each look that has a fault."""
    wrong: dict[str, list[str]] = {}
    for look in LOOKS:
        page.emulate_media(color_scheme=look.theme)
        page.set_viewport_size({"width": look.width, "height": look.height})
        found = violations(page, RULES[look.theme])
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > look.width:
            found.append(f"{wide} pixels wide")
        if found:
            wrong[f"{look.theme} {look.width}"] = found
    return wrong


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_screen_is_for_everybody(page: Page, address: str) -> None:
    arrive(page, BASE + address)
    assert page.evaluate(ELSEWHERE, BASE) == []
    assert "leak · OnRecord" in page.title()
    assert faults(page) == {}


@pytest.mark.parametrize("address", NOWHERE)
def test_so_is_the_screen_of_what_there_is_not(page: Page, log: Log, address: str) -> None:
    log.forgive(r"404 \(Not Found\)")
    arrive(page, BASE + address)
    assert faults(page) == {}


@pytest.mark.parametrize("address", ["/v1/stories/aleppo/timeline", "/v1/locations/minian/timeline"])
def test_a_page_without_a_script_leads_nowhere_else_either(leak: Served, address: str) -> None:
    told = httpx2.get(f"{leak.url}{address}", headers={"Accept": "text/html"}, timeout=60, trust_env=False).text
    links = re.findall(r'href="([^"]+)"', told)
    assert links
    assert [link for link in links if not link.removeprefix(leak.url[: -len(BASE)]).startswith((f"{BASE}/", "#"))] == []
