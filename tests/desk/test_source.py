"""A source's page holds it to its words: what it says and said, how that fared, with the denominators, and its ties."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from support.browser import arrive, ready
from support.serving import Served

DAY = "valid_at=2016-11-10"


def test_it_says_what_the_api_says_that_it_says(page: Page, desk: Served) -> None:
    stances = desk.ask("/v1/sources/sohr/stances", valid_at="2016-11-10")["stances"]
    arrive(page, f"/sources/sohr?{DAY}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Syrian Observatory for Human Rights")
    says = page.get_by_role("region", name="What it says of 10 November 2016")
    expect(says.get_by_role("row")).to_have_count(1 + len(stances))
    expect(says.get_by_role("row").nth(1)).to_contain_text("1070 Apartments, control")
    expect(says.get_by_role("row").nth(1)).to_contain_text("Syrian government")


def test_at_another_time_it_says_something_else(page: Page) -> None:
    arrive(page, "/sources/rebels")
    expect(page.get_by_text("Nothing that it said holds at the time asked of.")).to_be_visible()
    page.goto("/sources/rebels?valid_at=2016-11-08&tz=%2B02:00")
    ready(page)
    expect(page.get_by_role("region", name="What it says of 8 November 2016")).to_contain_text("ongoing")


def test_earlier_words_and_what_does_not_count_are_told(page: Page, desk: Served) -> None:
    (stance,) = (
        one
        for one in desk.ask("/v1/sources/fastaqim/stances", valid_at="2016-11-10")["stances"]
        if one["question"] == {"location": "minian", "aspect": "control"}
    )
    arrive(page, f"/sources/fastaqim?{DAY}")
    says = page.get_by_role("region", name="What it says of 10 November 2016")
    row = says.get_by_role("row").filter(has_text="Minian, control")
    expect(row.get_by_role("cell").first).to_contain_text("Syrian government")
    expect(row.get_by_role("listitem")).to_have_count(len(stance["earlier"]))
    expect(says.get_by_role("listitem").filter(has_text="void")).to_contain_text("Not his words.")
    expect(page.get_by_role("region", name="How it changed its word")).to_contain_text("the rebels, collectively")


def test_a_track_record_is_told_with_how_many_of_how_many(page: Page, desk: Served) -> None:
    record = desk.ask("/v1/sources/sohr/record")
    arrive(page, "/sources/sohr")
    track = page.get_by_role("region", name="Track record")
    expect(track).to_contain_text(f"{record['agreed']} of {record['settled']} settled claims agreed")
    expect(track).to_contain_text(f"Settled are {record['settled']} of its {record['hard_claims']} outright claims")
    neutral = record["by_interest"]["neutral"]
    row = track.get_by_role("row").filter(has_text="No party to it")
    expect(row.get_by_role("cell").first).to_have_text(f"{neutral['agreed']} of {neutral['settled']}")


def test_where_nothing_is_settled_the_record_is_unknown(page: Page, desk: Served) -> None:
    assert desk.ask("/v1/sources/un/record")["settled"] == 0
    arrive(page, "/sources/un")
    track = page.get_by_role("region", name="Track record")
    expect(track).to_contain_text("Unknown: none of its")
    expect(track.get_by_role("table")).to_have_count(0)


def test_ties_are_told_with_their_end_and_lead_on(page: Page) -> None:
    arrive(page, f"/sources/fastaqim?{DAY}")
    ties = page.get_by_role("region", name="Ties and leans")
    expect(ties).to_contain_text("Fastaqim is a member of the rebels, collectively; ended December 2016")
    ties.get_by_role("link", name="the rebels, collectively").click()
    expect(page).to_have_url(re.compile(rf"/sources/rebels\?{DAY}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("the rebels, collectively")


def test_what_it_said_last_comes_first_and_keeps_to_what_was_known(page: Page, desk: Served) -> None:
    newest = desk.ask("/v1/claims", source="reuters", order="newest", limit=1, as_of=90)["claims"][0]
    arrive(page, "/sources/reuters?as_of=90")
    last = page.get_by_role("region", name="Last recorded")
    expect(last.get_by_role("listitem").first).to_contain_text(newest["statement"])
    last.get_by_role("link", name="All that it said").click()
    expect(page).to_have_url(re.compile(r"/claims\?as_of=90&source=reuters$"))
