"""A place shows all that is asked of it; a question what is believed, why, who said what, and how it came about."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from services.imports import import_lines
from support.browser import Visit, arrive, ready
from support.serving import Served

CONTROL = "/places/minian/control?valid_at=2016-11-12&as_of=108"
ASKED = {"valid_at": "2016-11-12", "as_of": "108"}
BELIEF = "/v1/locations/minian/beliefs/control"


def query(page: Page, name: str) -> list[str]:
    """What the address asks under a name."""
    found = re.findall(rf"[?&]{name}=([^&]*)", page.url)
    return [one.replace("%3A", ":") for one in found]


def test_a_question_is_answered_in_a_sentence_with_its_rule(page: Page, desk: Served) -> None:
    told = desk.ask(BELIEF, **ASKED)
    assert (told["agreement"], told["lean"], told["rule"]) == ("contested", "syrian-government", "R5")
    arrive(page, CONTROL)
    expect(page.get_by_role("heading", level=1)).to_have_text("Minian, control")
    lead = page.locator("p.lead")
    expect(lead).to_contain_text("At position 108, we believed of 12 November 2016: contested, leaning to Syrian")
    expect(lead).to_contain_text("because those who were heard contradict each other, so the desk takes no side.")


def test_each_side_is_told_with_who_speaks_and_what_they_have_to_gain(page: Page) -> None:
    arrive(page, CONTROL)
    of_the_army = page.locator("section").filter(has=page.get_by_role("heading", name="For Syrian government"))
    expect(of_the_army.last).to_contain_text("Syrian Observatory for Human Rights, no party to it")
    of_the_rebels = page.locator("section").filter(has=page.get_by_role("heading", name="For the rebels"))
    expect(of_the_rebels.last).to_contain_text("Fastaqim, in its own interest")
    expect(of_the_rebels.last).to_contain_text("He says the village remains in rebel hands.")


def test_what_it_hangs_on_is_asked_with_a_click_and_heard_again(page: Page, desk: Served) -> None:
    outcome = desk.ask(BELIEF, **ASKED, without=["fastaqim"])
    assert (outcome["agreement"], outcome["value"]) == ("uncontested", "syrian-government")
    arrive(page, CONTROL)
    page.get_by_role("link", name="Without Fastaqim").click()
    ready(page)
    assert query(page, "without") == ["fastaqim"]
    expect(page.locator("p.lead")).to_contain_text("Without Fastaqim, at position 108, we believed")
    expect(page.locator("p.lead")).to_contain_text("Syrian government, uncontested (S3 single source)")
    page.get_by_role("link", name="Hear it again").click()
    expect(page.locator("p.lead")).to_contain_text("contested, leaning to")


def test_every_word_of_the_picture_stands_in_its_table(page: Page, desk: Served) -> None:
    words = desk.ask(f"{BELIEF}/words", **ASKED)["words"]
    arrive(page, CONTROL)
    page.get_by_text(f"All words as a table ({len(words)})").click()
    table = page.get_by_role("table").filter(has_text="Who said what of which time")
    expect(table.get_by_role("row")).to_have_count(1 + len(words))
    expect(table.get_by_role("row").filter(has_text="✓")).to_have_count(2)


def test_brackets_step_from_change_to_change_along_the_time_spoken_of(page: Page, desk: Served) -> None:
    stretches = desk.ask(f"{BELIEF}/history", axis="valid", **ASKED)["stretches"]
    turns = [one["from"] for one in stretches if one["from"]]
    arrive(page, CONTROL)
    for turn in reversed(turns):
        page.keyboard.press("[")
        ready(page)
        assert query(page, "valid_at") == [turn]
        current = page.get_by_role("listitem").and_(page.locator("[aria-current]"))
        expect(current.locator("time").first).to_have_attribute("datetime", turn)
    page.keyboard.press("]")
    ready(page)
    assert query(page, "valid_at") == [turns[1]]
    page.go_back()
    assert query(page, "valid_at") == [turns[0]]


def test_as_it_was_recorded_every_change_leads_to_what_was_known_then(page: Page, desk: Served) -> None:
    changes = desk.ask(f"{BELIEF}/history", axis="recorded", valid_at="2016-11-12")["changes"]
    arrive(page, "/places/minian/control?valid_at=2016-11-12")
    page.get_by_role("link", name="as it was recorded").click()
    ready(page)
    assert query(page, "axis") == ["recorded"]
    listed = page.get_by_role("link", name=re.compile(r"^position \d"))
    told = [change["position"] for change in reversed(changes)]
    expect(listed.filter(has_text=f"position {told[0]}").first).to_be_visible()
    first = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=f"position {told[-1]}", exact=True))
    first.get_by_role("link").first.click()
    ready(page)
    assert query(page, "as_of") == [str(told[-1])]
    expect(first).to_have_attribute("aria-current", "true")
    expect(page.locator("p.lead")).to_contain_text(f"At position {told[-1]}, we believed")
    page.keyboard.press("]")
    ready(page)
    assert query(page, "as_of") == [str(told[-2])]


def test_the_picture_is_moved_by_keys_and_by_a_click(page: Page) -> None:
    arrive(page, CONTROL)
    slider = page.get_by_role("slider", name="Time asked of")
    expect(slider).to_have_attribute("aria-valuetext", "2016-11-12")
    slider.press("ArrowLeft")
    ready(page)
    assert query(page, "valid_at") == ["2016-11-11"]
    expect(slider).to_have_attribute("aria-valuetext", "2016-11-11")
    page.locator(".plot").click(position={"x": 600, "y": 140})
    expect(slider).not_to_have_attribute("aria-valuetext", "2016-11-11")
    (day,) = query(page, "valid_at")
    assert "2016-10-28" < day < "2016-11-11"
    expect(slider).to_have_attribute("aria-valuetext", day)


def test_a_mark_tells_what_it_stands_for_and_leads_to_the_claim(page: Page) -> None:
    arrive(page, CONTROL)
    mark = page.locator(".plot path.mark").nth(1)
    mark.hover()
    expect(page.locator(".hovered")).to_contain_text("He says the village remains in rebel hands.")
    mark.click()
    expect(page).to_have_url(
        re.compile(r"/claims/015840ce-1f29-71b9-952d-c435e7c9a5ee\?valid_at=2016-11-12&as_of=108$")
    )


def test_a_place_shows_every_question_with_its_belief(page: Page, desk: Served) -> None:
    beliefs = desk.ask("/v1/locations/minian/beliefs", **ASKED)["beliefs"]
    arrive(page, "/places/minian?valid_at=2016-11-12&as_of=108")
    expect(page.get_by_role("heading", level=1)).to_have_text("Minian")
    rows = page.get_by_role("table").first.get_by_role("row")
    expect(rows).to_have_count(1 + len(beliefs))
    expect(rows.nth(1)).to_contain_text("Syrian government S3 / the rebels, collectively S2, contested")
    changed = desk.ask("/v1/locations/minian/timeline", **ASKED)["changes"]
    expect(page.get_by_role("list").filter(has_text="position").get_by_role("listitem")).to_have_count(len(changed))
    page.get_by_role("link", name="Aleppo", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aleppo")
    assert query(page, "valid_at") == ["2016-11-12"]


def test_of_a_question_that_is_much_spoken_of_marks_and_lanes_thin_out_and_say_so(
    own_desk: Served, visit: Visit
) -> None:
    list(import_lines(own_desk.newsroom.ledger, crowd()))
    own_desk.newsroom.projector.caught_up_to(own_desk.head, 60)
    page = visit(own_desk)
    arrive(page, "/places/minian/siege?valid_at=2016-12-31")
    expect(page.locator(".plot .lane")).to_have_count(24)
    page.get_by_role("button", name="All 30 sources").click()
    expect(page.locator(".plot .lane")).to_have_count(30)
    caption = page.locator("figcaption")
    expect(caption).to_contain_text("600 words of 30 sources, drawn as")
    expect(caption).to_contain_text("words that say the same at about the same time are one")


def crowd() -> list[bytes]:
    """Thirty voices who say twenty times each that the village is besieged, in two weeks."""
    voices = [
        {"type": "source", "slug": f"voice-{one}", "kind": "witness", "name": f"Voice {one}"} for one in range(30)
    ]
    claims = [
        {
            "question": {"location": "minian", "aspect": "siege"},
            "value": "besieged",
            "chain": [{"source": f"voice-{one}", "role": "speaker", "mode": "quote", "naming": "named"}],
            "valid": {"edtf": f"2016-12-{1 + time % 14:02}"},
            "published": {"edtf": f"2016-12-{1 + time % 14:02}"},
            "key": f"crowd/{one}/{time}",
        }
        for one in range(30)
        for time in range(20)
    ]
    return [json.dumps(line).encode() for line in (*voices, *claims)]
