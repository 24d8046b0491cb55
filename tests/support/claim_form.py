"""The form for a claim, as somebody fills it in who writes quickly."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def choose(page: Page, label: str, words: str) -> None:
    """Write the beginning of a name and go on, as fast as one types: the first hit is taken when it comes."""
    field(page, label).focus()
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    expect(field(page, label)).to_have_value(re.compile(f"{words}.+"))


def answer(page: Page, *, value: str = "rebels", valid: str = "2016-11-08") -> None:
    """Say who says it, of what, and of when; but for the quote, all that a claim needs."""
    choose(page, "Who says so", "Syrian Obs")
    choose(page, "Published by", "Reut")
    choose(page, "Place", "1070 Ap")
    page.get_by_label("About", exact=True).select_option("control")
    choose(page, "Value", value)
    page.get_by_label("It speaks of").fill(valid)
    page.get_by_label("Published", exact=True).fill("2016-11-09")


def foreseen(page: Page) -> Locator:
    return page.get_by_role("region", name="What it would change")


def sent(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Recorded at position")).to_be_visible()
