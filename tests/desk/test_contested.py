"""What is contested is an inbox: first what is in print, each with its sides in words, and room for a verdict."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from support.browser import Log, Visit, arrive, ready
from support.serving import Served

EVENING = {"valid_at": "2016-11-08", "tz": "+02:00", "as_of": "110"}
"""Tuesday, as known when the evening edition had come out."""
INBOX = "/contested?valid_at=2016-11-08&tz=%2B02:00&as_of=110"
NOW = "/contested?valid_at=2016-11-08&tz=%2B02:00"


def entry(page: Page, question: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", level=2, name=question))


def test_the_inbox_has_what_the_api_lists_in_its_order_with_both_sides_in_words(page: Page, desk: Served) -> None:
    told = desk.ask("/v1/contradictions", **EVENING)["contradictions"]
    assert [one["question"]["aspect"] for one in told] == ["fighting", "control"]
    arrive(page, INBOX)
    expect(page.locator("p.lead")).to_have_text(
        re.compile(r"2 questions on which .* contradict each other; 2 of\s+them")
    )
    expect(page.get_by_role("heading", level=2)).to_have_text(["Minian, fighting", "Minian, control"])
    control = entry(page, "Minian, control")
    expect(control).to_contain_text("1 edition in force")
    expect(control).to_contain_text("Leaning to Syrian government.")
    rebels = control.get_by_role("region", name="the rebels, collectively")
    expect(rebels).to_contain_text("S2 one-sided")
    expect(rebels).to_contain_text("Fastaqim, in its own interest: He says the village remains in rebel hands.")
    control.get_by_role("link", name="edition 2: Minian contested").click()
    expect(page).to_have_url(re.compile(r"/stories/aleppo/editions/2\?"))


def test_it_is_filtered_by_aspect_and_story_in_the_address(page: Page, desk: Served) -> None:
    (fighting,) = desk.ask("/v1/contradictions", aspect="fighting", **EVENING)["contradictions"]
    arrive(page, INBOX)
    page.get_by_label("Aspect").select_option("fighting")
    expect(page).to_have_url(re.compile(r"&aspect=fighting$"))
    expect(page.get_by_role("article")).to_have_count(1)
    sides = page.get_by_role("article").get_by_role("heading", level=3)
    expect(sides).to_have_text(sorted(fighting["sides"], key=lambda side: side != fighting["lean"]))
    page.goto(f"{INBOX}&story=aleppo&aspect=siege")
    ready(page)
    expect(page.get_by_label("Story")).to_have_value("aleppo")
    expect(page.get_by_label("Aspect")).to_have_value("siege")
    expect(page.locator("p.lead")).to_have_text("Nothing is contested there.")
    page.get_by_label("Aspect").select_option("all")
    expect(page.get_by_role("article")).to_have_count(2)


def test_a_verdict_is_recorded_beside_what_the_rules_say(own_desk: Served, visit: Visit, log: Log) -> None:
    page, head = visit(own_desk), own_desk.head
    arrive(page, NOW)
    fighting = entry(page, "Minian, fighting")
    fighting.get_by_text("Give a verdict").click()
    fighting.get_by_label("So it was").fill("ongoing")
    fighting.get_by_label("when").fill("that Tuesday")
    fighting.get_by_label("Because").fill("Our own reporter heard the shelling.")
    log.forgive("422")
    fighting.get_by_role("button", name="Record the verdict").click()
    expect(fighting.get_by_role("alert")).to_contain_text("expected:")
    expect(fighting.get_by_label("when")).to_have_attribute("aria-invalid", "true")
    fighting.get_by_label("when").fill("2016-11-08")
    fighting.get_by_role("button", name="Record the verdict").click()
    expect(fighting).to_contain_text(f"The verdict is recorded at position {head + 1}.")
    expect(fighting).to_contain_text(
        "An editor’s verdict stands beside it: ongoing. Our own reporter heard the shelling."
    )
