"""Every screen is there for everybody: in light and dark, on a desk and on a phone, with a keyboard or a reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.browser import LOOKS, arrive
from support.serving import Served

ADDRESSES = ["/", "/sources"]


def violations(page: Page) -> list[str]:
    """What axe finds fault with, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_screen_is_for_everybody(page: Page, desk: Served, address: str) -> None:
    arrive(page, address)
    wrong: dict[str, list[str]] = {}
    for look in LOOKS:
        page.emulate_media(color_scheme=look.theme)
        page.set_viewport_size({"width": look.width, "height": look.height})
        found = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > look.width:
            found.append(f"{wide} pixels wide")
        if found:
            wrong[f"{look.theme} {look.width}"] = found
    assert wrong == {}
