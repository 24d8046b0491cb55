"""A claim is recorded from an article with the keyboard: quoted to the code point, tried while it is written."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from domain.values import sha256_of
from support.browser import Log, Visit, arrive
from support.claim_form import answer, field, foreseen, sent
from support.serving import Served

ARTICLE = (
    "By our own reporter 🚢\n\nThe Syrian Observatory for Human Rights said on Tuesday that the rebels had left "
    "the 1070 Apartments district 𐤀𐤋𐤐 by noon.\n\nBoth sides spoke of “heavy losses”.\n"
)
KEPT = "() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), history.state])"
QUOTED = "the rebels had left the 1070 Apartments district 𐤀𐤋𐤐 by noon"


def paste(page: Page, text: str = ARTICLE) -> None:
    page.get_by_label("Text of the article").fill(text)
    page.get_by_role("button", name="Read this text").click()


def select(page: Page, words: str = QUOTED, text: str = ARTICLE) -> None:
    """Select words of the article with the keyboard, caret by caret."""
    article = page.get_by_role("textbox", name="The article")
    article.focus()
    page.keyboard.press("Control+Home")
    before, _, _ = text.partition(words)
    for _ in before:
        page.keyboard.press("ArrowRight")
    for _ in words:
        page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text(f"“{words}”", exact=True)).to_be_visible()


def recorded_behind(desk: Served, head: int) -> list[dict[str, Any]]:
    """The claims that were recorded since."""
    found = desk.ask("/v1/claims", source="sohr", location="1070-apartments", limit=200)["claims"]
    return [one for one in found if one["position"] > head]


def test_from_an_article_to_a_claim_with_the_keyboard(own_desk: Served, visit: Visit) -> None:
    page, head = visit(own_desk), own_desk.head
    arrive(page, "/record")
    paste(page)
    select(page)
    page.keyboard.press("Enter")
    expect(field(page, "Who says so")).to_be_focused()
    answer(page)

    expect(foreseen(page)).to_contain_text("It would change what is believed of")
    expect(foreseen(page)).to_contain_text("1070 Apartments, control")
    expect(page.get_by_text("Read as from 8 November 2016, 00:00 UTC on.")).to_be_visible()
    assert own_desk.head == head

    sent(page)
    (found,) = recorded_behind(own_desk, head)
    begin = ARTICLE.index(QUOTED)
    assert found["quote"] == {
        "document": sha256_of(ARTICLE),
        "start": begin,
        "end": begin + len(QUOTED),
        "exact": QUOTED,
    }
    assert [link["source"] for link in found["chain"]] == ["sohr", "reuters"]
    assert (found["value"], found["valid"]["edtf"], found["published"]["edtf"]) == (
        "rebels",
        "2016-11-08",
        "2016-11-09",
    )
    document = own_desk.ask(f"/v1/documents/{sha256_of(ARTICLE)}")
    assert (document["held"], document["source"]) == (True, "reuters")

    expect(page.get_by_role("button", name="Record the next from this text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page, "Who says so")).to_have_value("Syrian Observatory for Human Rights")
    expect(page.get_by_label("It speaks of")).to_have_value("2016-11-08")
    expect(field(page, "Place")).to_have_value("")
    expect(page.get_by_role("textbox", name="The article")).to_contain_text("heavy losses")


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost_or_recorded(
    own_desk: Served, visit: Visit, log: Log
) -> None:
    page, head = visit(own_desk), own_desk.head
    page.on("dialog", lambda dialog: dialog.accept())
    arrive(page, "/record")
    answer(page, valid="the day before")
    expect(page.get_by_label("It speaks of")).to_have_accessible_description(re.compile("the day before"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Record the claim")).to_be_enabled()
    assert own_desk.head == head

    page.reload()
    expect(field(page, "Place")).to_have_value("1070 Apartments")
    page.get_by_label("It speaks of").fill("2016-11-08")
    expect(foreseen(page)).to_contain_text("It would change")
    log.forgive(r"422 \(Unprocessable")


def test_a_claim_whose_answer_was_lost_is_sent_again_and_recorded_once(
    own_desk: Served, visit: Visit, log: Log
) -> None:
    page, head = visit(own_desk), own_desk.head

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/v1/claims", lose, times=1)
    arrive(page, "/record")
    answer(page)
    expect(foreseen(page)).to_contain_text("It would change")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The service does not answer.")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Recorded before at position")).to_be_visible()
    assert len(recorded_behind(own_desk, head)) == 1
    log.forgive("net::ERR_FAILED")


def test_new_sources_are_registered_in_place_one_of_them_protected_and_a_text_may_be_kept_as_its_hash_alone(
    own_desk: Served, visit: Visit
) -> None:
    page, head = visit(own_desk), own_desk.head
    arrive(page, "/record")
    paste(page)
    select(page, "heavy losses")
    page.get_by_text("About the article").click()
    page.get_by_label("Keep its text here").uncheck()
    answer(page)
    publisher = field(page, "Published by")
    publisher.fill("Küsten-Bote")
    publisher.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("In the ledger")).to_have_value("kusten-bote")
    dialog.get_by_role("button", name="Register").click()
    expect(publisher).to_have_value("Küsten-Bote")

    page.get_by_role("button", name="passed on by …").click()
    carrier = field(page, "Passed on by")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # What is written into the field itself is searched for, and an address is kept in many a log.
    carrier.click()
    page.get_by_role("option", name="Register one without searching").click()
    dialog.get_by_role("textbox", name="Name").fill("Jonte Harms")
    dialog.get_by_label("Protect this source").check()
    expect(dialog.get_by_label("Who it is", exact=True)).to_have_value("Jonte Harms")
    dialog.get_by_label("Of them, for the desk alone").fill("Only by telephone.")
    dialog.get_by_label("What everybody may call it").fill("a driver")
    dialog.get_by_role("button", name="Register").click()
    expect(carrier).to_have_value("a driver")
    assert [url for url in asked if "Jonte" in url] == []
    expect(foreseen(page)).to_contain_text("It would change")

    sent(page)
    (found,) = recorded_behind(own_desk, head)
    assert [link["source"] for link in found["chain"]] == ["sohr", "a-driver", "kusten-bote"]
    assert found["quote"]["exact"] == "heavy losses"
    assert own_desk.ask(f"/v1/documents/{sha256_of(ARTICLE)}")["held"] is False

    page.get_by_role("link", name="Open the claim").click()
    expect(page.get_by_role("listitem").filter(has_text="a driver")).to_contain_text("protected")
    page.get_by_role("link", name="a driver").click()
    protection = page.get_by_role("complementary", name="Protection")
    expect(protection).to_contain_text("This source is protected.")
    assert "Jonte" not in page.content()
    protection.get_by_role("button", name="Who is it?").click()
    expect(protection).to_contain_text(re.compile("Jonte Harms.*Only by telephone."))
    assert "Jonte" not in str(page.evaluate(KEPT)) + str(page.context.storage_state())
    protection.get_by_role("button", name="Hide it").click()
    assert "Jonte" not in page.content()
