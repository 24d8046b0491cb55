"""The pages are answered at their addresses and nowhere else, are kept as long as they are good, and ask no other host.

What stands in them is tested with a browser, in `tests/desk`; here any files will do.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from fastapi.testclient import TestClient

from api import pages, screens
from api.app import create_app
from services.access.roles import Right, roles_with
from support.service import HERE, OPEN, Desk

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PROBLEM = "application/problem+json"
FRONT = "<!doctype html><title>OnRecord</title>"
WEB = screens.BUILT.parent / "src"
BY_HAND = re.compile(
    r"""(href|src|action)=\{?["'`]/|\b(fetch|URL|Request|EventSource|Worker|go|assign|open|\w+State)\(["'`]/"""
)
"""An address that is written into the pages as if there were but one desk."""
RELATIVE = '<meta name="onrecord-base" content="" /><script src="./assets/index-abc.js"></script><a href="./docs">'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as a build leaves it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(FRONT)
    (folder / "assets" / "index-abc.js").write_text("let x = 1;\n" * 200)
    return folder


@pytest.fixture
def browser(harbour: Desk, built: Path) -> TestClient:
    """Whoever asks as a browser does, of a service with built pages."""
    return TestClient(create_app(harbour.newsroom, OPEN, built), HERE, raise_server_exceptions=False, headers=BROWSER)


@pytest.mark.parametrize(
    "address", ["/", "/?valid_at=2026", "/places", "/places/", "/places/a/control/army", "/stories/a/diff?from=1&to=2"]
)
def test_every_screen_is_the_one_page(browser: TestClient, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.text) == (200, FRONT)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_may_not_ask_another_host_nor_stand_in_its_frame(browser: TestClient) -> None:
    told = browser.get("/").headers
    rules = dict(rule.split(" ", 1) for rule in told["Content-Security-Policy"].split("; "))
    assert (rules["default-src"], rules["script-src"]) == ("'self'", "'self'")
    assert (rules["frame-ancestors"], rules["object-src"], rules["base-uri"]) == ("'none'", "'none'", "'none'")
    assert "http" not in told["Content-Security-Policy"]
    assert (told["X-Content-Type-Options"], told["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert told["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in told["Permissions-Policy"]


@pytest.mark.parametrize("address", ["/v1/claims", "/v1/exports", "/v1/typo", "/healthz"])
def test_what_the_api_answers_passes_for_no_script(browser: TestClient, address: str) -> None:
    assert browser.get(address).headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_asked_for_again_and_its_parts_are_kept(browser: TestClient) -> None:
    page, part = browser.get("/"), browser.get("/assets/index-abc.js")
    assert page.headers["Cache-Control"] == "no-cache"
    assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert part.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert part.headers["Content-Encoding"] == "gzip"
    assert browser.get("/map", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert browser.head("/map").headers["ETag"] == page.headers["ETag"]


def test_what_was_built_anew_is_served_at_once_and_an_open_page_still_finds_its_parts(
    browser: TestClient, built: Path
) -> None:
    browser.get("/")
    (built / "assets" / "index-abc.js").rename(built / "assets" / "index-def.js")
    (built / "index.html").unlink()
    (built / "index.html").write_text("new")
    assert browser.get("/").text == "new"
    assert browser.get("/assets/index-def.js").text == browser.get("/assets/index-abc.js").text


def test_a_screen_that_there_is_not_is_told_by_the_page(browser: TestClient) -> None:
    answer = browser.get("/places/a/b/c/d")
    assert (answer.status_code, answer.text) == (404, FRONT)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/v1/typo", "/v1/locations/nowhere", "/problems/no-such", "/tlog/typo"])
def test_what_there_is_not_in_the_api_is_told_to_a_browser_as_to_a_program(browser: TestClient, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("address", ["/typo", "/assets/index-xyz.js", "/../pages.py", "/%2e%2e/pages.py"])
def test_a_program_is_told_a_problem_wherever_nothing_is(browser: TestClient, address: str) -> None:
    answer = browser.get(address, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


def test_a_page_takes_no_other_method_and_hides_none_of_the_api(browser: TestClient) -> None:
    assert browser.post("/").headers["Content-Type"] == PROBLEM
    assert browser.get("/v1/imports").status_code == 405


@pytest.mark.parametrize("address", ["/", "/claims/1"])
def test_without_built_pages_the_service_answers_and_says_what_to_run(
    harbour: Desk, tmp_path: Path, address: str
) -> None:
    bare = TestClient(create_app(harbour.newsroom, OPEN, tmp_path), HERE, headers=BROWSER)
    answer = bare.get(address)
    assert (answer.status_code, answer.headers["Content-Security-Policy"]) == (503, pages.POLICY)
    assert "./onrecord serve" in answer.text
    assert [bare.get(link).status_code for link in re.findall(r'href="([^"]+)"', answer.text)] == [200, 200]


def test_below_the_address_of_a_desk_the_page_has_it_before_each_of_its_own(harbour: Desk, built: Path) -> None:
    (built / "index.html").write_text(RELATIVE)
    app = create_app(harbour.newsroom, OPEN, built)
    above, desk = (TestClient(app, HERE, headers=BROWSER, root_path=base) for base in ("", "/desks/leak"))
    expected = RELATIVE.replace("./", "/desks/leak/").replace('content=""', 'content="/desks/leak"')
    found = [desk.get(f"/desks/leak{path}") for path in ("", "/", "/places/a", "/index.html", "/no/such/page")]
    assert [answer.text for answer in found] == [expected] * 5
    assert [answer.status_code for answer in found] == [200, 200, 200, 200, 404]
    assert above.get("/places/a").text == RELATIVE.replace("./", "/")
    assert desk.get("/desks/leak/assets/index-abc.js").headers["Content-Type"].startswith("text/javascript")
    tag = above.get("/").headers["ETag"]
    assert desk.get("/desks/leak/", headers={"If-None-Match": tag}).status_code == 200


def test_requests_for_pages_are_counted_as_such(browser: TestClient) -> None:
    browser.get("/engine")
    counted = r'onrecord_requests_total\{method="GET",operation="show_page",status="200"\} 1'
    assert re.search(counted, browser.get("/metrics").text)


def test_no_address_is_written_into_the_pages_by_hand() -> None:
    # What `at` and `address.to` make of a path has the base before it; what has no name here the browser follows.
    sources = [path for path in WEB.rglob("*") if path.suffix in (".svelte", ".ts") and path.name != "schema.d.ts"]
    lines = [line.strip() for path in sources for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(sources) > 50
    assert [line for line in lines if BY_HAND.search(line)] == []


@pytest.mark.parametrize(
    "line", ['<a href="/map">', "href={`/v1/claims/${id}`}", 'fetch("/v1/events")', 'new URL("/docs", x)', 'go("/map")']
)
def test_an_address_that_forgets_its_desk_would_be_noticed(line: str) -> None:
    assert BY_HAND.search(line)


def test_the_pages_name_the_roles_that_have_a_right() -> None:
    table = (WEB / "lib" / "rights.ts").read_text(encoding="utf-8").partition("ROLES = {")[2].partition("}")[0]
    theirs = {right: re.findall(r'"(\w+)"', roles) for right, roles in re.findall(r"(\w+): \[([^]]*)\]", table)}
    assert {"record", "edit", "run"} <= theirs.keys()
    assert theirs == {right: roles_with(cast("Right", right)) for right in theirs}


def test_the_service_knows_the_screens_that_the_pages_have() -> None:
    table = (screens.BUILT.parent / "src" / "screens.ts").read_text(encoding="utf-8")
    theirs = re.findall(r'path: "(/[^"]*)"', table)
    assert {re.sub(r":\w+", ":", path) for path in theirs} == {re.sub(r":\w+", ":", path) for path in screens.SCREENS}
