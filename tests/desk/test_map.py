"""On the map time goes by without a question to the service, and whatever is drawn is said in words beside it."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from support.browser import Log, arrive
from support.serving import Served

EVENING = "valid_at=2016-11-08T23:59:59Z"


# Marks have no element of their own: the pointer says where one is.
A_MARK = """(chart) => {
    const box = chart.getBoundingClientRect();
    for (let y = box.top + 90; y < box.bottom - 20; y += 8)
        for (let x = box.left + 20; x < box.right - 110; x += 8) {
            const there = { clientX: x, clientY: y, bubbles: true, pointerType: "mouse" };
            chart.querySelector(".ol-viewport").dispatchEvent(new PointerEvent("pointermove", there));
            if (chart.style.cursor === "pointer") return [x, y];
        }
    return null;
}"""


def asked(desk: Served, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{desk.url}{path}") as answer:
        return json.load(answer)


def listed(page: Page) -> dict[str, str]:
    """What the list says of each place: name → what is believed."""
    rows = page.get_by_role("complementary", name="Places").get_by_role("listitem").all()
    return {row.locator(".name").inner_text(): row.locator("b").inner_text() for row in rows}


def queried(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_the_list_says_what_the_api_says_of_every_place(page: Page, desk: Served) -> None:
    arrive(page, f"/map?{EVENING}")
    beliefs = asked(desk, f"/v1/beliefs?aspect=control&{EVENING}")["beliefs"]
    sources = {one["slug"]: one["name"] for one in asked(desk, "/v1/sources?limit=1000")["sources"]}
    expected = {
        one["place"]["names"][0]: sources.get(one["value"], one["value"])
        for one in beliefs
        if one["agreement"] == "uncontested"
    }
    assert expected
    said = listed(page)
    assert {name: said[name] for name in expected} == expected
    expect(page.get_by_text("What was true 8 November 2016, 23:59 UTC", exact=True)).to_be_visible()
    expect(page.locator("[data-drawn]")).to_have_count(1)


def test_a_place_that_is_not_precisely_known_is_only_in_the_list(page: Page, desk: Served) -> None:
    arrive(page, f"/map?{EVENING}")
    precise = {one["slug"]: one for one in asked(desk, "/v1/locations?limit=1000")["locations"]}
    vague = [one["names"][0] for one in precise.values() if one["precision"] == "unspecified" or "geometry" not in one]
    heading = page.get_by_role("heading", name=re.compile("^Not on the map"))
    expect(heading).to_be_visible()
    rows = page.locator("h2", has_text="Not on the map").locator("+ ul").locator(".name").all_inner_texts()
    assert set(rows) <= set(vague)


def test_keys_step_from_change_to_change_and_ask_nothing(page: Page) -> None:
    arrive(page, "/map?axis=recorded&valid_at=2016-11-08T00:00:00Z")
    slider = page.get_by_role("slider", name="Moment")
    end = int(slider.get_attribute("max") or 0)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    expect(slider).to_have_value(str(end))
    for _ in range(3):
        page.keyboard.press("[")
    expect(slider).to_have_value(str(end - 3))
    page.keyboard.press("]")
    expect(slider).to_have_value(str(end - 2))
    page.wait_for_url(re.compile(r"[?&]as_of=\d+"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value(str(end - 3))
    assert [url for url in calls if "/v1/beliefs" in url] == []


def test_what_is_shown_at_a_position_is_what_was_believed_there(page: Page, desk: Served) -> None:
    instant = "valid_at=2016-11-08T00:00:00Z"
    body = asked(desk, f"/v1/beliefs/history?axis=recorded&{instant}")
    positions = body["moments"]["position"]
    middle = positions[len(positions) // 2]
    arrive(page, f"/map?axis=recorded&{instant}&as_of={middle}")
    beliefs = asked(desk, f"/v1/beliefs?aspect=control&{instant}&as_of={middle}")["beliefs"]
    assert set(listed(page)) == {one["place"]["names"][0] for one in beliefs}


def test_the_address_moves_the_slider(page: Page) -> None:
    arrive(page, "/map?valid_at=2000-01-01")
    expect(page.get_by_role("slider", name="Moment")).to_have_value("-1")
    expect(page.get_by_text("Nothing was reported by then.")).to_be_visible()
    page.get_by_role("link", name="Now").click()
    expect(page.get_by_role("slider", name="Moment")).not_to_have_value("-1")


def test_what_changed_between_two_moments_is_listed_with_what_had_been(page: Page) -> None:
    arrive(page, f"/map?{EVENING}&since=2016-11-01T00:00:00Z")
    aside = page.get_by_role("complementary", name="Places")
    expect(aside.get_by_role("status")).to_contain_text("changed")
    expect(aside.get_by_role("link", name=re.compile("^Minian.*It had been"))).to_be_visible()
    page.get_by_label("What changed since").uncheck()
    expect(page).not_to_have_url(re.compile("since="))


def test_a_place_is_chosen_in_the_list_and_tells_its_whole_course(page: Page, desk: Served) -> None:
    arrive(page, f"/map?{EVENING}")
    link = page.get_by_role("complementary", name="Places").get_by_role("link", name=re.compile("^Minian"))
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("place=minian"))
    course = page.get_by_role("region", name="Minian")
    stretches = asked(desk, "/v1/locations/minian/beliefs/control/history?axis=valid")["stretches"]
    expected = [one for one in stretches if one["agreement"] != "unreported"]
    expect(course.locator("tbody tr")).to_have_count(len(expected))
    course.locator("tbody tr").first.get_by_role("button").click()
    expect(course.locator("tbody tr").first).to_have_attribute("aria-current", "true")
    course.get_by_role("link", name=re.compile("Control: why")).click()
    expect(page).to_have_url(re.compile("/places/minian/control"))


def test_a_mark_is_chosen_on_the_map(page: Page) -> None:
    arrive(page, f"/map?{EVENING}")
    expect(page.locator("[data-drawn]")).to_have_count(1)
    chart = page.get_by_role("group", name=re.compile("^Map"))
    found = chart.evaluate(A_MARK)
    assert found
    page.mouse.click(*found)
    expect(page).to_have_url(re.compile("place="))


def test_another_aspect_and_another_clock_are_another_question(page: Page) -> None:
    arrive(page, f"/map?{EVENING}")
    page.get_by_role("combobox", name="What").select_option("fighting")
    expect(page).to_have_url(re.compile("aspect=fighting"))
    page.get_by_label(re.compile("As we")).check()
    expect(page).to_have_url(re.compile("axis=recorded"))
    expect(page.get_by_text(re.compile("^As known now"))).to_be_visible()
    assert queried(page)["valid_at"] == ["2016-11-08T23:59:59Z"]


def test_what_no_picture_has_is_said_with_what_to_do(page: Page, log: Log) -> None:
    arrive(page, "/map?policy=latest/1")
    expect(page.get_by_role("alert")).to_contain_text("many places are not judged anew")
    log.forgive("422")


def test_who_wants_less_motion_steps_instead(page: Page) -> None:
    arrive(page, "/map")
    expect(page.get_by_role("button", name="The change before")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_have_count(0)


def test_it_plays_by_itself_and_stops_at_the_end(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    arrive(page, "/map?valid_at=2000-01-01")
    page.get_by_role("button", name="Play").click()
    slider = page.get_by_role("slider", name="Moment")
    expect(slider).not_to_have_value("-1")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_newsrooms_own_layer_is_off_until_it_is_switched_on(page: Page) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(urlsplit(request.url).path))
    arrive(page, "/map")
    expect(page.locator("[data-drawn]")).to_have_count(1)
    assert "/v1/map/boundaries" not in calls
    with page.expect_response("**/v1/map/boundaries"):
        page.get_by_label("Boundaries").check()
    expect(page).to_have_url(re.compile("layers=boundaries"))
    expect(page.get_by_text("The desk's own survey")).to_be_visible()
