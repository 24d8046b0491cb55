"""Around every screen: the search, the two clocks, the keys, the way back, and the service when it is away."""

from __future__ import annotations

import re

import psycopg
from playwright.sync_api import Page, expect

from support.browser import Log, Visit, arrive, ready
from support.database import Addresses, Cluster, fresh_database
from support.serving import Served, open_served


def test_a_place_is_found_by_a_few_letters_without_a_mouse(page: Page) -> None:
    arrive(page, "/?as_of=100")
    page.keyboard.press("/")
    page.keyboard.type("mini")
    expect(page.get_by_role("list", name="Found").get_by_role("link", name="Minian place")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/places/minian\?as_of=100$"))
    expect(page.get_by_role("heading", level=1, name="Minian")).to_be_visible()


def test_words_lead_to_the_claims_that_have_them(page: Page) -> None:
    arrive(page, "/")
    page.get_by_role("searchbox").fill("corridor")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/claims\?q=corridor$"))


def test_what_is_asked_under_goes_into_the_address_and_along_every_link(page: Page) -> None:
    arrive(page, "/places")
    page.get_by_text("What was true now").click()
    page.get_by_label("What was true at").fill("2016-11-12")
    page.get_by_label("As recorded by").fill("100")
    page.get_by_label("Leaving out").fill("sohr")
    page.get_by_role("button", name="Ask so").click()
    expect(page).to_have_url(re.compile(r"/places\?valid_at=2016-11-12&as_of=100&without=sohr$"))
    expect(page.get_by_text(re.compile("What was true 12 November 2016 · as known at position 100"))).to_be_visible()
    expect(page.get_by_role("link", name="Minian")).to_have_attribute(
        "href", "/places/minian?valid_at=2016-11-12&as_of=100&without=sohr"
    )
    page.go_back()
    expect(page.get_by_text("What was true now")).to_be_visible()


def test_a_time_that_cannot_be_read_is_told_with_what_was_expected(page: Page, log: Log) -> None:
    arrive(page, "/?valid_at=some-day")
    expect(page.get_by_role("alert")).to_contain_text("EDTF")
    log.forgive("422")


def test_the_keys_of_a_screen_are_listed(page: Page) -> None:
    arrive(page, "/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("search")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_link_without_a_page_of_its_own_says_so(page: Page, log: Log) -> None:
    page.goto("/nowhere")
    expect(page.get_by_role("heading", level=1, name="There is no such page.")).to_be_visible()
    log.forgive("404")


def test_who_comes_to_a_screen_is_at_its_beginning(page: Page) -> None:
    arrive(page, "/")
    page.get_by_role("navigation", name="Screens").get_by_role("link", name="Sources").click()
    ready(page)
    expect(page.get_by_role("heading", level=1, name="Sources")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page).to_have_title("Sources · OnRecord")


def test_a_screen_that_is_left_asks_nothing_more(page: Page) -> None:
    arrive(page, "/places/minian/control")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("main").get_by_role("link", name="aleppo/C37").first.click()
    expect(page).to_have_url(re.compile("/claims/"))
    ready(page)
    assert asked
    assert [url for url in asked if "/beliefs" in url] == []


def test_while_the_service_is_away_the_last_answer_stays_and_then_it_goes_on(
    own_desk: Served, visit: Visit, log: Log
) -> None:
    page = visit(own_desk)
    page.clock.install()
    arrive(page, "/sources")
    own_desk.stop()
    page.get_by_role("navigation", name="Screens").get_by_role("link", name="Places").click()
    expect(page.get_by_text("The service does not answer.")).to_be_visible()
    own_desk.start()
    page.clock.fast_forward("00:10")
    expect(page.get_by_role("link", name="Minian")).to_be_visible()
    expect(page.get_by_text("The service does not answer.")).to_have_count(0)
    log.forgive("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")


def test_the_head_of_a_desk_says_which_one_it_follows(cluster: Cluster, told: Addresses, visit: Visit) -> None:
    with fresh_database(cluster, like=told) as fresh, open_served(fresh, "/desks/leak") as leak:
        with psycopg.connect(fresh.owner) as connection:
            connection.execute("INSERT INTO ledger.followed (desk, copied, position) VALUES ('main', 5, 5)")
        leak.start()
        page = visit(leak)
        arrive(page, "/desks/leak/record")
        expect(page.get_by_text("Desk leak, follows main")).to_be_visible()
        leak.stop()
