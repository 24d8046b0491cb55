"""An answer says what it was computed from, how long it is good for, and where the list goes on."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from api.examples import WORLD, _claim, _id
from support.service import Desk

QUAY = "/v1/locations/north-quay/beliefs/stoppage"


def test_a_belief_is_explained_at_both_times(harbour: Desk) -> None:
    belief = harbour.ask(QUAY, valid_at="2024-11-04", tz="+01:00").json()
    assert (belief["agreement"], belief["value"]) == ("uncontested", "on")
    assert belief["supporters"] == [_id(1), _id(2), _id(3)]
    assert belief["changed"]["cause"]["type"] == "claim-recorded.v1"
    assert harbour.ask(QUAY, valid_at="2024-11-03", tz="+01:00").json()["agreement"] == "unreported"
    assert harbour.ask(QUAY, valid_at="2024-11-04", as_of=15).json()["agreement"] == "unreported"


def test_a_belief_without_a_source_is_another_belief(harbour: Desk) -> None:
    whole = harbour.ask(QUAY, valid_at="2024-11-04").json()
    without = harbour.ask(QUAY, valid_at="2024-11-04", without="coast-wire").json()
    assert _id(2) in whole["supporters"]
    assert _id(2) not in without["supporters"]


def test_a_belief_under_another_policy_says_which(harbour: Desk) -> None:
    assert harbour.ask(QUAY, valid_at="2024-11-04", policy="latest/1").json()["policy"] == "latest/1"


def test_the_past_is_immutable_and_the_present_is_asked_again(harbour: Desk) -> None:
    past = harbour.ask(QUAY, as_of=18, valid_at="2024-11-04")
    now = harbour.ask(QUAY)
    assert past.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert past.headers["Ledger-Position"] == "18"
    assert now.headers["Cache-Control"] == "no-cache"
    assert now.headers["Ledger-Position"] == str(harbour.head)


def test_what_the_caller_has_is_not_sent_again(harbour: Desk) -> None:
    first = harbour.ask(QUAY, as_of=18, valid_at="2024-11-04")
    again = harbour.ask(QUAY, {"If-None-Match": first.headers["ETag"]}, as_of=18, valid_at="2024-11-04")
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert harbour.ask(QUAY, {"If-None-Match": first.headers["ETag"]}, as_of=15).status_code == 200


def test_whoever_wrote_reads_what_was_written(desk: Desk) -> None:
    desk.load()
    written = [desk.send("/v1/claims", _claim(50 + n, "coast-wire", "on", "2024-11-09")) for n in range(20)]
    for receipt in written:
        seen = {"Ledger-Position": receipt.headers["Ledger-Position"]}
        read = desk.client.get(f"/v1/claims/{receipt.json()['claim']['id']}", headers=seen)
        assert read.status_code == 200
        assert int(read.headers["Ledger-Position"]) >= receipt.json()["position"]


def test_a_position_that_is_not_there_yet_is_waited_for_and_then_told(
    harbour: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cuts.PATIENCE", 0.5)
    answer = harbour.client.get(QUAY, headers={"Ledger-Position": str(harbour.head + 1)})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-caught-up")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["position"] == harbour.head


def followed(desk: Desk, path: str, name: str) -> list[Any]:
    """Follow the links from page to page, to the end."""
    rows: list[Any] = []
    pages = 0
    link = path
    while link:
        answer = desk.ask(link)
        pages += 1
        rows += answer.json()[name]
        found = re.search(r'<([^>]*)>; rel="next"', answer.headers.get("Link", ""))
        link = found[1] if found else ""
    assert pages > 1
    return rows


def test_pages_follow_one_another_without_gap_or_double(harbour: Desk) -> None:
    claims = [line["id"] for line in WORLD if "id" in line and "type" not in line]
    assert [one["id"] for one in followed(harbour, "/v1/claims?limit=2", "claims")] == claims
    sources = [one["slug"] for one in followed(harbour, "/v1/sources?limit=1", "sources")]
    assert sources == ["coast-wire", "crane-driver", "dockers-union", "port-company"]
    places = [one["slug"] for one in followed(harbour, "/v1/locations?limit=2", "locations")]
    assert places == ["fish-market", "harbour", "north-quay"]
    positions = [one["position"] for one in followed(harbour, "/v1/events?limit=7", "events")]
    assert positions == list(range(1, harbour.head + 1))
    across = [one["question"] for one in followed(harbour, "/v1/beliefs?limit=1", "beliefs")]
    assert across == [one["question"] for one in harbour.ask("/v1/beliefs").json()["beliefs"]]
    assert len(across) > 1


def test_a_link_keeps_the_question(harbour: Desk) -> None:
    link = harbour.ask("/v1/claims", source="dockers-union", limit=1).headers["Link"]
    assert "source=dockers-union" in link
    assert "limit=1" in link


def test_claims_are_found_by_their_words(harbour: Desk) -> None:
    found = harbour.ask("/v1/claims", q="crane").json()["claims"]
    assert [one["id"] for one in found] == [_id(2)]


def test_beliefs_come_as_a_map(harbour: Desk) -> None:
    answer = harbour.ask("/v1/beliefs", {"Accept": "application/geo+json"}, valid_at="2024-11-04T12:00:00Z")
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert "Accept" in answer.headers["Vary"]
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    shown = {feature["properties"]["question"]["location"]: feature for feature in collection["features"]}
    assert shown["north-quay"]["type"] == "Feature"
    assert shown["north-quay"]["geometry"] == {"type": "Point", "coordinates": [9.99, 53.55]}
    assert shown["north-quay"]["properties"]["place"]["slug"] == "north-quay"


def test_a_box_leaves_out_what_lies_beside_it(harbour: Desk) -> None:
    inside = harbour.ask("/v1/beliefs", bbox="9.98,53,10,54").json()["beliefs"]
    assert {one["question"]["location"] for one in inside} == {"north-quay"}
    assert harbour.ask("/v1/beliefs", bbox="0,0,1,1").json()["beliefs"] == []
    around = harbour.ask("/v1/beliefs", bbox="170,50,-170,60").json()["beliefs"]
    assert around == []


def test_events_come_as_a_page_or_as_lines(harbour: Desk) -> None:
    page = harbour.ask("/v1/events").json()
    lines = harbour.ask("/v1/events", {"Accept": "application/x-ndjson"})
    assert lines.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == page["events"]
    assert page["head"] == harbour.head


def test_lines_of_events_come_with_the_digest_of_what_is_sent(harbour: Desk) -> None:
    answer = harbour.ask("/v1/events", {"Accept": "application/x-ndjson", "Accept-Encoding": "identity"})
    digest = b64encode(sha256(answer.content).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"


def test_events_of_some_kinds_are_asked_for_by_name(harbour: Desk) -> None:
    found = harbour.client.get("/v1/events?types=lean-declared.v1&types=aspect-registered.v1").json()["events"]
    assert [one["type"] for one in found] == ["lean-declared.v1", "aspect-registered.v1", "aspect-registered.v1"]


def test_a_story_has_a_picture_a_timeline_and_differences(harbour: Desk) -> None:
    beliefs = harbour.ask("/v1/stories/harbour-strike/beliefs", valid_at="2024-11-04").json()["beliefs"]
    assert {one["question"]["aspect"] for one in beliefs} == {"stoppage", "ballot"}
    changes = harbour.ask("/v1/stories/harbour-strike/timeline", valid_at="2024-11-04").json()["changes"]
    assert changes[0]["position"] == 16
    difference = harbour.ask("/v1/stories/harbour-strike/diff?from=15&to=edition/1&valid_at=2024-11-04").json()
    assert [row["question"]["aspect"] for row in difference["appeared"]] == ["stoppage"]


def test_an_edition_says_what_changed_since(desk: Desk) -> None:
    desk.load()
    desk.send("/v1/stories/harbour-strike/editions", {"title": "Quiet", "valid_at": "2024-11-04", "tz": "+01:00"})
    assert desk.ask("/v1/stories/harbour-strike/editions/2").json()["affected"]["since"] is None
    desk.send(f"/v1/claims/{_id(1)}/withdrawal", {"reason": "The union took it back."})
    affected = desk.ask("/v1/stories/harbour-strike/editions/2").json()["affected"]
    assert (affected["since"], affected["claims"][0]["claim"]) == (desk.head, _id(1))


def test_head_is_get_without_the_body(harbour: Desk) -> None:
    whole, bare = harbour.ask(QUAY, as_of=18), harbour.client.head(f"{QUAY}?as_of=18")
    assert (bare.status_code, bare.content) == (200, b"")
    assert bare.headers["ETag"] == whole.headers["ETag"]
    assert harbour.client.head("/v1/events", headers={"Accept": "text/event-stream"}).status_code == 200
    assert harbour.client.head("/v1/assessments").status_code == 405


def test_long_answers_come_packed_to_those_who_take_it(harbour: Desk) -> None:
    assert harbour.ask("/v1/events").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in harbour.ask("/v1/events", {"Accept-Encoding": "identity"}).headers


def test_every_answer_has_an_id_and_keeps_a_fit_one_of_the_caller(harbour: Desk) -> None:
    assert harbour.client.get("/healthz", headers={"X-Request-ID": "desk-7"}).headers["X-Request-ID"] == "desk-7"
    unfit = harbour.client.get("/healthz", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", unfit)


def test_no_other_origin_is_let_in(harbour: Desk) -> None:
    answer = harbour.client.get("/v1/policies", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("path", "name", "wanted", "slugs"),
    [
        ("/v1/locations", "locations", "QUAY", ["north-quay"]),
        ("/v1/locations", "locations", "quay nor", ["north-quay"]),
        ("/v1/sources", "sources", "coast", ["coast-wire"]),
        ("/v1/stories", "stories", "harbor", []),
        ("/v1/stories", "stories", "hárbour", ["harbour-strike"]),
    ],
)
def test_lists_are_narrowed_to_what_is_so_called(
    harbour: Desk, path: str, name: str, wanted: str, slugs: list[str]
) -> None:
    assert [row["slug"] for row in harbour.ask(path, q=wanted).json()[name]] == slugs


def test_what_is_so_called_comes_in_pages_as_well(harbour: Desk) -> None:
    first = harbour.ask("/v1/sources", q="co", limit=1)
    second = harbour.ask(first.links["next"]["url"])
    slugs = [row["slug"] for answer in (first, second) for row in answer.json()["sources"]]
    assert (slugs, "next" in second.links) == (["coast-wire", "port-company"], False)
