"""The past is found by its date (RFC 7089), and every past answer says which it is and where its neighbours are."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from api.memento import http_date
from support.service import Answer, Desk

QUAY = "/v1/locations/north-quay/beliefs/stoppage"
THEN = f"{QUAY}?valid_at=2024-11-04&tz=%2B01:00"
LINK = re.compile(r'<([^>]*)>((?:; \w+="[^"]*")+)')


def links(told: str) -> dict[str, str]:
    """Relation → address, the last of each."""
    found: dict[str, str] = {}
    for address, parameters in LINK.findall(told):
        rel = re.search(r'rel="([^"]*)"', parameters)
        assert rel
        found |= {str(one): str(address) for one in rel[1].split()}
    return found


def recorded(desk: Desk, position: int) -> datetime:
    event = desk.client.get(f"/v1/events?after={position - 1}&limit=1").json()["events"][0]
    return datetime.fromisoformat(event["recorded"])


def before_everything(desk: Desk) -> str:
    return http_date(recorded(desk, 1) - timedelta(days=1))


def negotiated(desk: Desk, moment: str, path: str = QUAY) -> Answer:
    return desk.ask(path, {"Accept-Datetime": moment})


def test_a_date_leads_to_what_was_known_by_then(harbour: Desk) -> None:
    head = recorded(harbour, harbour.head)
    answer = negotiated(harbour, http_date(head), THEN)
    assert answer.json() == harbour.ask(f"{THEN}&as_of={harbour.head}").json()
    assert answer.headers["Memento-Datetime"] == http_date(head)
    assert "accept-datetime" in answer.headers["Vary"].lower()
    content = answer.headers["Content-Location"]
    assert f"as_of={harbour.head}" in content
    assert harbour.ask(content).json() == answer.json()


def test_the_links_of_a_memento_lead_to_the_present_and_to_itself(harbour: Desk) -> None:
    answer = harbour.ask(f"{THEN}&as_of=18")
    found = links(answer.headers["Link"])
    assert found["original"] == found["timegate"]
    assert "as_of" not in found["original"]
    assert harbour.ask(found["memento"]).json() == answer.json()
    assert answer.headers["Memento-Datetime"] == http_date(recorded(harbour, 18))
    assert "Content-Location" not in answer.headers


def test_the_present_names_its_timegate_and_is_no_memento(harbour: Desk) -> None:
    answer = harbour.ask(QUAY)
    assert set(links(answer.headers["Link"])) == {"original", "timegate", "timemap"}
    assert "Memento-Datetime" not in answer.headers
    assert "accept-datetime" in answer.headers["Vary"].lower()


def test_a_position_goes_before_a_date(harbour: Desk) -> None:
    answer = negotiated(harbour, before_everything(harbour), f"{THEN}&as_of=18")
    assert answer.headers["Ledger-Position"] == "18"


def test_before_anything_was_recorded_nothing_was_known(harbour: Desk) -> None:
    assert negotiated(harbour, before_everything(harbour)).status_code == 404


@pytest.mark.parametrize("wrong", ["yesterday", "2024-11-04T12:00:00Z", "Tue, 99 Nov 2016 18:00:00 GMT", ""])
def test_a_date_that_is_none_is_refused(harbour: Desk, wrong: str) -> None:
    answer = negotiated(harbour, wrong)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable-datetime")
    assert answer.json()["errors"][0]["parameter"] == "Accept-Datetime"


@pytest.mark.parametrize(
    "path", ["/v1/sources", "/v1/stories/harbour-strike", "/v1/claims", "/v1/beliefs", "/v1/locations/harbour/beliefs"]
)
def test_every_call_that_takes_a_position_takes_a_date(harbour: Desk, path: str) -> None:
    answer = negotiated(harbour, http_date(recorded(harbour, harbour.head)), path)
    assert (answer.status_code, answer.headers["Ledger-Position"]) == (200, str(harbour.head))
    assert "Memento-Datetime" in answer.headers


def test_a_call_without_a_past_says_nothing_of_one(harbour: Desk) -> None:
    answer = negotiated(harbour, "yesterday", "/v1/policies")
    assert answer.status_code == 200
    assert "timegate" not in answer.headers.get("Link", "")


@pytest.mark.parametrize("path", [QUAY, "/v1/stories/harbour-strike/beliefs"])
def test_a_timemap_lists_each_change_with_its_date(harbour: Desk, path: str) -> None:
    timemap = links(harbour.ask(path, valid_at="2024-11-04").headers["Link"])["timemap"]
    answer = harbour.ask(timemap)
    assert answer.headers["Content-Type"].partition(";")[0] == "application/link-format"
    mementos = [line for line in answer.text.split(",\n") if "memento" in line]
    assert len(mementos) > 1
    found = links(answer.text)
    assert {"original", "timegate", "self", "first", "last", "memento"} <= set(found)
    address = found["last"].removeprefix("http://localhost")
    last = harbour.ask(address)
    assert last.status_code == 200
    assert f'datetime="{last.headers["Memento-Datetime"]}"' in mementos[-1]


def test_a_long_timemap_comes_in_pages(harbour: Desk) -> None:
    path = "/v1/stories/harbour-strike/beliefs/timemap"
    whole = re.findall(r"as_of=(\d+)", harbour.ask(path, valid_at="2024-11-04").text)
    first = harbour.ask(path, limit=1, valid_at="2024-11-04")
    found = re.findall(r"as_of=(\d+)", first.text)
    address = links(first.headers["Link"])["next"]
    rest = harbour.ask(re.sub(r"limit=1\b", "limit=100", address))
    assert found + re.findall(r"as_of=(\d+)", rest.text) == whole
    assert 'rel="first memento"' in first.text
    assert "first" not in links(rest.text)
