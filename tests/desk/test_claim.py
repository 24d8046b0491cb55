"""A claim's page says what the ledger has on it, shows the quote in its text, and checks the proof in the browser."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from domain.commands import parse_command
from domain.values import sha256_of
from services.signing import new_signer
from support.browser import Log, Visit, arrive, ready
from support.serving import Served

CONCEDES = "015840ce-1f13-7ac1-858e-f35786a40b8c"
"""aleppo/C19: Fastaqim grants the loss of 1070 Apartments."""
CORRECTED = "015840ce-1f0a-7f84-9ab6-3f61cd89c72e"
REPLACEMENT = "015840ce-1f6e-7467-923c-235ca341e477"
VOIDED = "015840ce-1f29-71b9-952d-c435e7c9a5ee"
STEPS = "Steps of the proof"
NOTES = (
    "HARBOUR NOTES\n\nThe night was quiet. 🙂\n\n“We have left Minian, all of us,” he told this desk by telephone.\n"
    + "\nNobody picked up the telephone." * 40
)
QUOTE = "“We have left Minian, all of us,”"


def test_a_claim_is_told_with_its_way_its_question_and_its_times(page: Page, desk: Served) -> None:
    known = desk.ask(f"/v1/claims/{CONCEDES}")
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_role("heading", level=1)).to_have_text(known["statement"])
    chain = page.get_by_role("region", name="Who said it, through whom").get_by_role("listitem")
    expect(chain).to_have_count(len(known["chain"]))
    expect(chain.first).to_contain_text("Fastaqim said it")
    expect(chain.nth(1)).to_contain_text("Zakaria Malahifji, head of Fastaqim's political office spoke for them")
    says = page.get_by_role("region", name="What it says")
    expect(says).to_contain_text("Syrian government")
    expect(says.get_by_role("link", name="1070 Apartments, control")).to_have_attribute(
        "href", "/places/1070-apartments/control"
    )


def test_it_tells_what_it_moved_as_the_api_does(page: Page, desk: Served) -> None:
    (moved,) = desk.ask(f"/v1/claims/{CONCEDES}/changes")["changes"]
    assert (moved["before"]["strength"], moved["after"]["strength"]) == ("S4", "S5")
    arrive(page, f"/claims/{CONCEDES}")
    cells = page.get_by_role("region", name="Beliefs it moved").get_by_role("cell")
    expect(cells.nth(1)).to_have_text("Syrian government, S4 corroborated")
    expect(cells.nth(2)).to_contain_text("Syrian government, S5 conceded")
    page.goto(f"/claims/{CONCEDES}?policy=opponents/1&valid_at=2016-11-01")
    ready(page)
    expect(page.get_by_role("region", name="Beliefs it moved")).to_contain_text("None")


def test_what_does_not_count_any_more_says_why_and_what_is_in_its_place(page: Page) -> None:
    arrive(page, f"/claims/{CORRECTED}")
    note = page.get_by_role("note")
    expect(note).to_contain_text(
        "This claim is corrected and does not count any more. We had written down more than was"
    )
    note.get_by_role("link").click()
    expect(page).to_have_url(re.compile(REPLACEMENT))
    expect(page.get_by_role("region", name="What became of it")).to_contain_text("It was written in place of")
    arrive(page, f"/claims/{VOIDED}")
    expect(page.get_by_role("note")).to_contain_text("void")
    before = f"/claims/{VOIDED}?as_of=110"
    arrive(page, before)
    expect(page.get_by_role("region", name="What became of it")).to_contain_text("It stands")


def test_relations_are_told_both_ways(page: Page, desk: Served) -> None:
    confirmed = desk.ask(f"/v1/claims/{CONCEDES}")["relations"][0]["claim"]
    arrive(page, f"/claims/{CONCEDES}")
    became = page.get_by_role("region", name="What became of it")
    became.get_by_role("listitem").filter(has_text="It confirms").get_by_role("link").click()
    expect(page).to_have_url(re.compile(confirmed))
    expect(became).to_contain_text("Fastaqim: In the same breath he grants that the army has captured the district.")


def test_where_only_the_hash_of_the_text_is_held_it_says_so(page: Page) -> None:
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_role("region", name="Where it is said")).to_contain_text(
        "Only the hash of the text is kept here"
    )


def test_a_quote_is_marked_in_the_text_until_that_has_to_go(own_desk: Served, visit: Visit) -> None:
    claim = quoted(own_desk)
    page = visit(own_desk)
    arrive(page, f"/claims/{claim}")
    said = page.get_by_role("region", name="Where it is said")
    expect(said.locator("mark")).to_have_text(QUOTE)
    expect(said).to_contain_text("The night was quiet.")
    said.get_by_role("button", name="characters behind").click()
    expect(said.get_by_role("button")).to_have_count(0)
    erase(own_desk, NOTES)
    arrive(page, f"/claims/{claim}")
    expect(said).to_contain_text("The archived text had to go on")
    expect(said).to_contain_text("A court forbids it.")
    expect(said.locator("mark")).to_have_count(0)


def test_words_that_had_to_go_are_gone_and_the_entry_is_proved_all_the_same(own_desk: Served, visit: Visit) -> None:
    words = own_desk.ask(f"/v1/claims/{CONCEDES}")["statement"]
    erase(own_desk, words)
    page = visit(own_desk)
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_text("The words had to go on")).to_contain_text("A court forbids it.")
    expect(page.get_by_text(words)).to_have_count(0)
    expect(page.get_by_role("list", name=STEPS)).to_contain_text("the words are gone")


def test_the_browser_checks_the_proof_step_by_step(page: Page, desk: Served) -> None:
    arrive(page, f"/claims/{VOIDED}")
    expect(page.get_by_text("Your browser has checked this")).to_be_visible()
    steps = page.get_by_role("list", name=STEPS).get_by_role("listitem")
    expect(steps.get_by_text("Sound")).to_have_count(4)
    size = desk.ask("/v1/checkpoints/newest")["size"]
    expect(steps.last).to_contain_text(f"The root of these {size} entries is signed by onrecord.test/desk")
    page.get_by_text("What this does not show").click()
    expect(page.get_by_text("That it is true, or that it was said")).to_be_visible()


def test_a_proof_counts_by_the_key_that_the_reader_trusts(page: Page) -> None:
    arrive(page, f"/claims/{CONCEDES}")
    page.get_by_text("Whose key?").click()
    page.get_by_label("Verifier key").fill(new_signer("onrecord.test/desk").verifier_key)
    page.get_by_role("button", name="Check with this key").click()
    expect(page.get_by_role("alert")).to_have_text("This is not what was signed.")


def _value(proof: dict[str, Any]) -> None:
    proof["entries"][0]["event"] = proof["entries"][0]["event"].replace('"syrian-government"', '"rebels"')


def _statement(proof: dict[str, Any]) -> None:
    event = proof["entries"][0]["event"]
    proof["entries"][0]["event"] = re.sub(r'(?<="statement":\{"sha256":")[0-9a-f]{8}', "00000000", event)


def _path(proof: dict[str, Any]) -> None:
    path = proof["entries"][0]["path"]
    path[0], path[1] = path[1], path[0]


def _size(proof: dict[str, Any]) -> None:
    name, _, rest = proof["checkpoint"].partition("\n")
    proof["checkpoint"] = f"{name}\n900\n{rest.partition(chr(10))[2]}"


def _signature(proof: dict[str, Any]) -> None:
    proof["checkpoint"] = proof["checkpoint"][:-20] + "AAAA" + proof["checkpoint"][-16:]


def _other_claim(proof: dict[str, Any]) -> None:
    proof["entries"][0]["event"] = proof["entries"][0]["event"].replace(CONCEDES, VOIDED)


def test_whatever_of_a_proof_is_tampered_with_is_noticed(page: Page) -> None:
    ways = iter((_value, _statement, _path, _size, _signature, _other_claim))

    def answer(route: Route) -> None:
        response = route.fetch()
        proof = response.json()
        next(ways)(proof)
        route.fulfill(response=response, body=json.dumps(proof))

    page.route("**/proof", answer)
    for _ in range(6):
        arrive(page, f"/claims/{CONCEDES}")
        expect(page.get_by_role("alert")).to_have_text("This is not what was signed.")
    assert next(ways, None) is None


def test_a_claim_that_is_shown_otherwise_than_recorded_is_noticed(page: Page) -> None:
    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=json.dumps({**response.json(), "value": "rebels"}))

    page.route(f"**/v1/claims/{CONCEDES}", answer)
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_role("list", name=STEPS)).to_contain_text("its value is shown otherwise than recorded")


def test_who_recorded_a_claim_is_told_and_held_against_its_entry(page: Page) -> None:
    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=json.dumps({**response.json(), "recorded_by": "key:anna"}))

    page.route(f"**/v1/claims/{CONCEDES}", answer)
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_text(re.compile("^position .*, with the key anna$"))).to_be_visible()
    expect(page.get_by_role("list", name=STEPS)).to_contain_text("somebody else recorded it than is shown")


def test_a_browser_without_the_signature_says_what_it_could_not_check(page: Page) -> None:
    page.add_init_script(
        "delete SubtleCrypto.prototype.importKey; SubtleCrypto.prototype.importKey = () => "
        "Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    arrive(page, f"/claims/{CONCEDES}")
    expect(page.get_by_role("list", name=STEPS)).to_contain_text("this browser cannot check Ed25519 signatures")
    expect(page.get_by_text("who signed it could not be checked here")).to_be_visible()


def test_a_browser_notices_that_history_is_another_one_than_it_saw(own_desk: Served, visit: Visit) -> None:
    page = visit(own_desk)
    steps = page.get_by_role("list", name=STEPS)
    arrive(page, f"/claims/{CONCEDES}")
    quoted(own_desk)
    own_desk.newsroom.checkpoints.make()
    page.reload()
    expect(steps).to_contain_text("It is one history with the 1")

    def forget(route: Route) -> None:
        response = route.fetch()
        proof = response.json()
        route.fulfill(response=response, body=json.dumps({**proof, "path": proof["path"][:-1]}))

    erase(own_desk, NOTES)
    own_desk.newsroom.checkpoints.make()
    page.route("**/consistency*", forget)
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("This is not what was signed.")
    expect(steps.get_by_role("listitem").last).to_contain_text("Wrong")


def test_a_claim_that_is_not_there_is_told(page: Page, log: Log) -> None:
    arrive(page, "/claims/015840ce-1f13-7ac1-858e-f35786a40b8d")
    expect(page.get_by_role("alert")).to_contain_text("015840ce-1f13-7ac1-858e-f35786a40b8d")
    expect(page.get_by_role("heading", level=1, name="Claim")).to_be_visible()
    log.forgive("404")


def test_claims_are_searched_by_words_and_filters_that_stand_in_the_address(page: Page, desk: Served) -> None:
    arrive(page, "/claims")
    page.get_by_label("Words of the statement").fill("district")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/claims\?q=district$"))
    page.get_by_label("Said by").fill("Fastaqim")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile(r"/claims\?q=district&source=fastaqim$"))
    ready(page)
    found = desk.ask("/v1/claims", q="district", source="fastaqim")["claims"]
    rows = page.get_by_role("main").get_by_role("list").last.get_by_role("listitem")
    expect(rows).to_have_count(len(found))
    expect(rows.first.locator("mark")).to_have_text("district")
    page.get_by_role("link", name="No longer only claims said by Fastaqim").click()
    expect(page).to_have_url(re.compile(r"/claims\?q=district$"))
    expect(page.get_by_label("Said by")).to_have_value("")


def quoted(desk: Served) -> str:
    """Record a claim with a quote of a text that is held, and return its id."""
    start = NOTES.index(QUOTE)
    document = {"type": "document", "sha256": sha256_of(NOTES), "media_type": "text/plain", "text": NOTES}
    claim = {
        **desk.ask(f"/v1/claims/{VOIDED}"),
        "type": "claim",
        "id": "015840ce-1f68-7f83-8c25-b6d5cb079aaa",
        "quote": {"document": sha256_of(NOTES), "start": start, "end": start + len(QUOTE), "exact": QUOTE},
    }
    members = ("type", "id", "story", "question", "value", "chain", "tz", "valid", "published", "statement", "quote")
    for line in (document, {name: claim[name] for name in members}):
        desk.newsroom.ledger.record(parse_command(json.dumps(line)))
    desk.newsroom.projector.caught_up_to(desk.head, 60)
    return claim["id"]


def erase(desk: Served, words: str) -> None:
    line = {"type": "text_erased", "sha256": sha256_of(words), "reason": "A court forbids it."}
    desk.newsroom.ledger.record(parse_command(json.dumps(line)))
    desk.newsroom.projector.caught_up_to(desk.head, 60)
