"""The engine room shows where the views stand, builds them anew and makes what-ifs, and holds policies side by side."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from domain.commands import parse_command
from support.browser import Log, Visit, arrive, ready
from support.serving import Served

WITNESS = '{"type": "source", "slug": "neighbour", "kind": "witness", "name": "A neighbour"}'


def row(page: Page, table: str, name: str) -> Locator:
    rows = page.get_by_role("table", name=table, exact=True).get_by_role("row")
    return rows.filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_views_stand_where_the_api_says(page: Page, desk: Served) -> None:
    views = desk.ask("/v1/projections")["projections"]
    arrive(page, "/engine")
    expect(page.locator("p.lead")).to_have_text(f"{len(views)} views, all up to the newest event.")
    listed = page.get_by_role("table", name="Views in use").get_by_role("rowheader")
    expect(listed).to_have_text([view["name"] for view in views])
    picture = row(page, "Views in use", "picture")
    expect(picture.get_by_role("cell").nth(0)).to_have_text("running")
    expect(picture.get_by_role("cell").nth(1)).to_have_text(str(desk.head))
    expect(picture.get_by_role("cell").nth(2)).to_have_text("0")


def test_two_policies_are_held_side_by_side_as_the_address_names_them(page: Page, desk: Served) -> None:
    told = desk.ask("/v1/compare", policy=["desk/1", "latest/1"], valid_at="2016-11-08", as_of=110)
    arrive(page, "/engine?valid_at=2016-11-08&as_of=110")
    page.get_by_role("combobox", name="with", exact=True).select_option("latest/1")
    expect(page).to_have_url(re.compile(r"&second=latest/1$"))
    expect(page.get_by_text("They differ on")).to_have_text(
        re.compile(rf"^They differ on {told['differing']} of {told['questions']} questions\.$")
    )
    differing = page.get_by_role("table", name="Questions on which they differ").locator("tbody tr")
    expect(differing).to_have_count(told["differing"])
    expect(differing.filter(has_text="Minian, control").get_by_role("cell").first).to_contain_text("contested, leaning")
    page.goto("/engine?first=strict/1&second=strict/1")
    ready(page)
    expect(page.get_by_role("combobox", name="Compare", exact=True)).to_have_value("strict/1")
    expect(page.get_by_text("they come to the same")).to_be_visible()


def test_a_view_is_built_anew_after_it_was_asked_once(own_desk: Served, visit: Visit) -> None:
    page = visit(own_desk)
    arrive(page, "/engine")
    claims = row(page, "Views in use", "claims")
    claims.get_by_role("button", name="Replay").click()
    page.keyboard.press("Escape")
    expect(claims.get_by_role("button", name="Replay")).to_be_focused()
    page.keyboard.press("Enter")
    expect(claims.get_by_role("group", name="Build claims anew from the first event?")).to_be_visible()
    page.keyboard.press("Enter")
    expect(claims.get_by_role("status")).to_contain_text(f"Built and in use: {own_desk.head} events in")
    expect(claims.get_by_role("status")).to_contain_text("the same as before, key by key.")
    expect(claims.get_by_role("cell").nth(3)).to_have_text("2.2")
    claims.get_by_role("button", name="Drop it").click()
    claims.get_by_role("button", name="Yes").click()
    expect(claims.get_by_text("The table before is kept.")).to_have_count(0)


def test_a_what_if_is_made_asked_and_dropped(own_desk: Served, visit: Visit, log: Log) -> None:
    page = visit(own_desk)
    arrive(page, "/engine")
    page.get_by_text("Make a what-if").click()
    page.get_by_role("textbox", name="Name").fill("Without them")
    page.get_by_role("textbox", name="Without").fill("fastaqim sohr")
    log.forgive("422")
    page.get_by_role("button", name="Build it").click()
    expect(page.get_by_role("alert")).to_contain_text("expected:")
    page.get_by_role("textbox", name="Name").fill("without-them")
    page.get_by_role("button", name="Build it").click()
    made = row(page, "What-ifs", "without-them")
    expect(made.get_by_role("cell").nth(0)).to_have_text("desk/1")
    expect(made.get_by_role("cell").nth(1)).to_have_text("Fastaqim, Syrian Observatory for Human Rights")
    expect(made.get_by_role("cell").nth(2)).to_have_text("standing")
    made.get_by_role("link", name="compare").click()
    ready(page)
    expect(page).to_have_url(re.compile(r"\?first=picture&second=without-them$"))
    expect(page.get_by_role("table", name="Questions on which they differ")).to_contain_text("Minian, control")
    made.get_by_role("button", name="Drop").click()
    made.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("None stands.")).to_be_visible()


def test_what_is_recorded_is_signed_with_a_click(own_desk: Served, visit: Visit) -> None:
    page = visit(own_desk)
    own_desk.newsroom.ledger.record(parse_command(WITNESS))
    arrive(page, "/engine")
    signed = page.get_by_role("table", name="Checkpoints").locator("tbody tr")
    expect(signed).to_have_count(1)
    page.get_by_role("button", name="Sign what is recorded now").click()
    expect(signed).to_have_count(2)
    expect(signed.first.get_by_role("cell").first).to_have_text(str(own_desk.head))
