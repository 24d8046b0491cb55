"""A story tells what is believed and how that came about; its editions are compared, and each knows what it lost."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from support.browser import Log, arrive, ready
from support.serving import Served

STORY = "/stories/aleppo"


def rows(page: Page, name: str) -> Locator:
    """The rows of the table of this name, without its head."""
    return page.get_by_role("table", name=name, exact=True).locator("tbody tr")


def test_a_story_tells_its_editions_with_what_has_become_of_them(page: Page, desk: Served) -> None:
    editions = desk.ask("/v1/editions", story="aleppo")["editions"]
    followed = desk.ask("/v1/stories/aleppo/beliefs")["beliefs"]
    assert [one["affected"]["urgency"] for one in editions] == ["unsettled"] * 3
    arrive(page, STORY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Aleppo, 8 November 2016")
    expect(page.locator("p.lead")).to_contain_text(
        f"{len(followed)} questions followed, none of them contested; 3 editions published, 3 to look at again."
    )
    listed = page.get_by_role("table").first.locator("tbody tr")
    expect(listed.get_by_role("rowheader")).to_have_text([one["title"] for one in reversed(editions)])
    expect(listed.nth(1)).to_contain_text("unsettled")
    expect(listed.nth(1)).to_contain_text("Corrected by edition 3.")
    believed = page.get_by_role("table").nth(1).locator("tbody tr")
    expect(believed).to_have_count(len(followed))
    expect(believed.filter(has_text="Minian").filter(has_text="S6 established")).to_contain_text("Control")


def test_at_an_earlier_cut_it_is_the_story_of_then(page: Page, desk: Served) -> None:
    then = desk.ask("/v1/stories/aleppo/beliefs", valid_at="2016-11-08", as_of=110)["beliefs"]
    contested = [one for one in then if one["agreement"] == "contested"]
    arrive(page, STORY)
    page.goto(f"{STORY}?valid_at=2016-11-08&as_of=110")
    ready(page)
    expect(page.locator("p.lead")).to_contain_text(f"{len(contested)} of them contested; 2 editions published.")
    page.get_by_role("link", name=f"{len(contested)} of them contested").click()
    expect(page).to_have_url(re.compile(r"/contested\?valid_at=2016-11-08&as_of=110&story=aleppo$"))
    expect(page.get_by_role("article")).to_have_count(len(contested))


def test_any_two_rows_of_how_it_came_about_are_chosen_and_compared(page: Page, desk: Served) -> None:
    changes = desk.ask("/v1/stories/aleppo/timeline")["changes"]
    arrive(page, STORY)
    expect(page.get_by_role("radio", name="to edition 3")).to_be_checked()
    newest = page.get_by_role("listitem").filter(has=page.get_by_role("radio", name="to position")).first
    expect(newest).to_contain_text(f"position {changes[-1]['position']}")
    page.get_by_role("button", name="More of").click()
    page.get_by_role("radio", name="from edition 1").check()
    expect(page).to_have_url(re.compile(r"\?from=edition/1&to=edition/3$"))
    page.get_by_role("radio", name=f"to position {changes[-1]['position']}").check()
    page.get_by_role("link", name="Compare edition 1 with position").click()
    ready(page)
    expect(page).to_have_url(re.compile(rf"/stories/aleppo/diff\?from=edition/1&to={changes[-1]['position']}$"))
    expect(page.locator("p.lead")).to_contain_text("From edition 1, “Army claims a district of Aleppo” to position")


def test_the_difference_of_two_editions_names_what_the_api_names(page: Page, desk: Served) -> None:
    told = desk.ask("/v1/stories/aleppo/diff", **{"from": "edition/1", "to": "edition/2"})
    arrive(page, f"{STORY}/diff?from=edition/1&to=edition/2")
    assert (len(told["appeared"]), told["changed"], told["gone"]) == (14, [], [])
    expect(rows(page, "New")).to_have_count(14)
    minian = rows(page, "New").filter(has_text="Minian, control")
    expect(minian.get_by_role("cell").first).to_contain_text("unreported")
    expect(minian.get_by_role("cell").nth(1)).to_contain_text("contested, leaning to Syrian government")
    expect(minian.get_by_role("listitem").filter(has_text="Because").or_(minian.get_by_text("Fastaqim"))).to_have_text(
        "Claim aleppo/C41 of Fastaqim."
    )
    page.get_by_role("link", name="edition 2 to 3").click()
    ready(page)
    expect(page).to_have_url(re.compile(r"\?from=edition/2&to=edition/3$"))
    expect(page.locator("p.lead")).to_contain_text("1 changed, 0 new, 0 gone.")
    expect(rows(page, "Changed")).to_contain_text("Claim aleppo/L2 of Fastaqim.")
    expect(rows(page, "New")).to_have_count(0)
    page.go_back()
    expect(page.locator("p.lead")).to_contain_text("0 changed, 14 new, 0 gone.")


def test_two_cuts_are_written_down_and_what_is_no_cut_is_refused(page: Page, log: Log) -> None:
    arrive(page, f"{STORY}/diff")
    expect(page.get_by_text("Choose the two that are to be compared.")).to_be_visible()
    page.get_by_label("From").fill("111")
    page.get_by_role("button", name="Compare").click()
    ready(page)
    expect(page).to_have_url(re.compile(r"/diff\?from=111$"))
    expect(page.locator("p.lead")).to_contain_text("From position 111 to the present (position")
    expect(rows(page, "Gone")).to_contain_text("United Nations took back")
    log.forgive(r"\(4\d\d|status of 4\d\d")
    page.get_by_label("From").fill("edition/9")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert")).to_contain_text("9")


def test_an_edition_knows_what_has_become_of_it_and_because_of_what(page: Page, desk: Served) -> None:
    edition = desk.ask("/v1/stories/aleppo/editions/2")
    affected = edition["affected"]
    arrive(page, f"{STORY}/editions/2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Minian contested")
    expect(page.locator("p.lead")).to_contain_text("Unsettled. What was printed as a value is contested now")
    changed = rows(page, "Beliefs that have changed")
    expect(changed).to_have_count(len(affected["beliefs"]))
    population = changed.filter(has_text="eastern Aleppo, population")
    expect(population.get_by_role("cell").first).to_contain_text("275,000 people, S3")
    expect(population.get_by_role("cell").nth(1)).to_contain_text("retracted")
    expect(population).to_contain_text("United Nations took back a claim (the figure is under review)")
    ended = page.get_by_role("listitem").filter(has_text="The United Nations gives the number")
    expect(ended.first).to_contain_text("withdrawn")
    relied = rows(page, "Beliefs that were pinned")
    expect(relied.filter(has_text="changed")).to_have_count(len(affected["beliefs"]))
    expect(relied.filter(has_text="1070 Apartments, control").first).to_contain_text("as printed")
    expect(page.get_by_role("heading", name=f"{len(edition['claims'])} claims cited")).to_be_visible()
    page.get_by_role("link", name="edition 3, “Rebels admit the loss of Minian”").click()
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Rebels admit the loss of Minian")
    expect(page.get_by_text("It corrects edition 2.")).to_be_visible()


def test_as_was_known_when_it_came_out_an_edition_stands(page: Page) -> None:
    arrive(page, f"{STORY}/editions/2?as_of=110")
    expect(page.locator("p.lead")).to_contain_text("Stands as printed.")
    expect(page.get_by_role("heading", name="What has become of it")).to_have_count(0)
    page.get_by_role("link", name="position 109").click()
    ready(page)
    expect(page).to_have_url(
        re.compile(r"/stories/aleppo\?(as_of=109&valid_at=2016-11-08|valid_at=2016-11-08&as_of=109)$")
    )
