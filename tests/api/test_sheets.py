"""What changed comes in the form that the caller accepts, and every link of a sheet gives again what it told."""

from __future__ import annotations

import re
from html import unescape

import pytest

from domain.belief.canonical import digest
from support.service import Desk

DIFF = "/v1/stories/harbour-strike/diff?from=15&to=edition/1&valid_at=2024-11-04&tz=%2B01:00"
TIMELINE = "/v1/stories/harbour-strike/timeline?valid_at=2024-11-04&aspect=stoppage"
MARKDOWN = {"Accept": "text/markdown"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def addresses(told: str) -> list[str]:
    return re.findall(r"<http://localhost(/v1/[^>]*)>", told)


@pytest.mark.parametrize(
    "path", [DIFF, TIMELINE, "/v1/locations/harbour/diff?from=15", "/v1/sources/port-company/timeline"]
)
def test_each_form_is_had_by_asking_for_it(harbour: Desk, path: str) -> None:
    asked = [harbour.ask(path, headers) for headers in ({}, MARKDOWN, BROWSER)]
    assert [one.status_code for one in asked] == [200, 200, 200]
    kinds = [one.headers["Content-Type"].partition(";")[0] for one in asked]
    assert kinds == ["application/json", "text/markdown", "text/html"]
    assert all("Accept" in one.headers["Vary"] for one in asked)


def test_a_sheet_tells_who_recorded_what_it_tells(harbour: Desk) -> None:
    assert re.search(r"\(position \d+, recorded [^()]+ by open\b", harbour.ask(TIMELINE, MARKDOWN).text)


def test_a_form_that_is_not_offered_is_refused(harbour: Desk) -> None:
    answer = harbour.ask(DIFF, {"Accept": "application/pdf"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")


def test_every_link_of_a_sheet_leads_somewhere(harbour: Desk) -> None:
    links = addresses(harbour.ask(DIFF, MARKDOWN).text)
    assert len(links) > 3
    assert {harbour.ask(link).status_code for link in links} == {200}
    assert all("as_of=" in link or "/diff?from=15&to=edition%2F1" in link for link in links)


@pytest.mark.parametrize("path", [DIFF, TIMELINE])
def test_the_digests_of_a_sheet_are_those_of_what_its_links_answer(harbour: Desk, path: str) -> None:
    told = harbour.ask(path, MARKDOWN).text
    permalink = re.search(r"- Permalink: <http://localhost(.*)>", told)
    whole = re.search(r"as JSON \(RFC 8785\): ([0-9a-f]{64})", told)
    assert permalink
    assert whole
    assert digest(harbour.ask(permalink[1]).json()) == whole[1]
    beliefs = re.findall(r"- \[[^]]*\]\(<http://localhost(.*)>\): ([0-9a-f]{64})", told)
    assert beliefs
    assert [harbour.ask(link).json()["digest"] for link, _ in beliefs] == [one for _, one in beliefs]


def test_a_page_has_nothing_that_runs_and_is_not_kept(harbour: Desk) -> None:
    answer = harbour.ask(DIFF, BROWSER)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "<script" not in answer.text
    assert "Dockers' union" in unescape(answer.text)


def test_a_sheet_says_when_nothing_has_changed(harbour: Desk) -> None:
    assert "Nothing has changed." in harbour.ask("/v1/stories/harbour-strike/diff?from=20&to=20", MARKDOWN).text
    assert "Nothing has changed." in harbour.ask(f"{TIMELINE}&after=20&upto=20", MARKDOWN).text
