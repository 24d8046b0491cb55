"""Whatever is wrong gets an answer of one shape, with the place and what was expected, and changes nothing."""

import json
from typing import Any

import pytest

from api.examples import LEAFLET, _claim, _id
from api.problems import all_kinds
from domain.values import sha256_of
from support.service import Answer, Desk

CLAIM = _claim(40, "coast-wire", "on", "2024-11-05", statement="No crane moves.")
JSON = {"Content-Type": "application/json"}


def claim(**changes: object) -> dict[str, Any]:
    return {**CLAIM, **changes}


def error(answer: Answer, status: int, kind: str) -> dict[str, Any]:
    """The first error of a problem, after checking its shape."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{kind}"), problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["request"] == answer.headers["X-Request-ID"]
    return problem["errors"][0] if problem.get("errors") else {}


def record(desk: Desk, body: object) -> Answer:
    """Send a claim that must not be recorded."""
    before = desk.head
    answer = desk.send("/v1/claims", body)
    assert desk.head == before
    return answer


def record_bytes(desk: Desk, body: bytes, **headers: str) -> Answer:
    """Send bytes that must not be recorded."""
    before = desk.head
    answer = desk.client.post("/v1/claims", content=body, headers={**JSON, **headers})
    assert desk.head == before
    return answer


def test_broken_json_is_told_with_its_line(harbour: Desk) -> None:
    told = error(record_bytes(harbour, b'{"question": {"location": '), 422, "malformed")
    assert "not JSON" in told["said"]
    assert "line 1" in told["said"]


def test_bytes_that_are_not_utf8_are_told_with_their_place(harbour: Desk) -> None:
    assert "byte 3 is not UTF-8" in error(record_bytes(harbour, b'{"\xff": 1}'), 422, "malformed")["said"]


def test_a_name_that_occurs_twice_is_refused(harbour: Desk) -> None:
    assert "twice" in error(record_bytes(harbour, b'{"value": "on", "value": "off"}'), 422, "malformed")["said"]


def test_nesting_without_end_is_refused(harbour: Desk) -> None:
    deep = b'{"facets": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert "deep" in error(record_bytes(harbour, deep), 422, "malformed")["said"]


def test_an_unknown_field_is_refused_by_name(harbour: Desk) -> None:
    told = error(record(harbour, claim(confidence=0.9)), 422, "malformed")
    assert told["pointer"] == "/confidence"


def test_all_that_is_wrong_is_told_at_once(harbour: Desk) -> None:
    answer = record(harbour, claim(polarity="maybe", hedged="no"))
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/polarity", "/hedged"}


def test_an_unknown_source_is_told_with_its_link_in_the_chain(harbour: Desk) -> None:
    chain = [{"source": "nobody", "role": "speaker", "mode": "quote", "naming": "named"}]
    told = error(record(harbour, claim(chain=chain)), 422, "unknown-source")
    assert told["pointer"] == "/chain/0/source"
    assert "nobody" in told["said"]


def test_an_interval_that_ends_before_it_begins_is_refused(harbour: Desk) -> None:
    told = error(record(harbour, claim(valid={"edtf": "2024-11-05/2024-11-01"})), 422, "unreadable-time")
    assert told["pointer"] == "/valid/edtf"


def test_an_instant_without_an_offset_is_refused(harbour: Desk) -> None:
    told = error(record(harbour, claim(valid={"edtf": "2024-11-05T20:00:00"})), 422, "unreadable-time")
    assert told["pointer"] == "/valid/edtf"


def test_a_time_that_is_a_number_is_refused(harbour: Desk) -> None:
    assert error(record(harbour, claim(valid=0)), 422, "malformed")["pointer"].startswith("/valid")


def test_a_quote_that_is_not_in_the_text_is_refused_with_the_nearest_place(harbour: Desk) -> None:
    quote = {"document": sha256_of(LEAFLET), "start": 0, "end": 10, "exact": "north quay"}
    answer = record(harbour, claim(quote=quote))
    assert error(answer, 422, "quote-not-found")["pointer"].startswith("/quote")
    begin = LEAFLET.index("north quay")
    assert answer.json()["nearest"] == {"start": begin, "end": begin + 10}


def test_ten_megabytes_of_one_string_are_refused_unread(harbour: Desk) -> None:
    told = error(record(harbour, claim(statement="x" * 10_000_000)), 413, "too-large")
    assert told["expected"] == "at most 2097152 bytes"


def test_a_body_that_does_not_say_how_long_it_is_is_counted(harbour: Desk) -> None:
    before = harbour.head
    pieces = (b"x" * 100_000 for _ in range(100))
    answer = harbour.client.post("/v1/claims", content=pieces, headers=JSON)
    error(answer, 413, "too-large")
    assert harbour.head == before


def test_a_statement_longer_than_a_passage_is_refused(harbour: Desk) -> None:
    assert error(record(harbour, claim(statement="x" * 20_001)), 422, "malformed")["pointer"] == "/statement"


def test_a_nul_in_a_text_is_refused(harbour: Desk) -> None:
    told = error(record(harbour, claim(statement="No crane\x00 moves.")), 422, "malformed")
    assert told["pointer"] == "/statement"
    assert "NUL" in told["said"]


def test_a_nul_among_the_bytes_is_refused(harbour: Desk) -> None:
    error(record_bytes(harbour, b'{"value": "o\x00n"}'), 422, "malformed")


def test_a_nul_in_the_address_finds_nothing(harbour: Desk) -> None:
    error(harbour.client.get("/v1/sources/coast%00wire"), 422, "bad-query")
    error(harbour.client.get("/v1/claims?q=crane%00"), 422, "bad-query")


def test_a_key_with_another_body_is_refused_with_its_first_position(desk: Desk) -> None:
    desk.load()
    first = desk.send("/v1/claims", claim(key="wire/1"))
    answer = record(desk, claim(key="wire/1", value="off"))
    assert error(answer, 409, "key-reused")["pointer"] == "/key"
    assert answer.json()["position"] == first.json()["position"]


def test_the_name_of_a_call_with_another_body_is_refused(desk: Desk) -> None:
    desk.load()
    desk.send("/v1/claims", CLAIM, {"Idempotency-Key": "call-1"})
    answer = desk.send("/v1/claims", claim(value="off"), {"Idempotency-Key": "call-1"})
    assert error(answer, 409, "key-reused")["parameter"] == "Idempotency-Key"


def test_a_source_cannot_withdraw_anothers_claim(harbour: Desk) -> None:
    before = harbour.head
    answer = harbour.send(f"/v1/claims/{_id(1)}/withdrawal", {"source": "port-company", "reason": "It is not so."})
    assert error(answer, 409, "withdrawn-by-another")["pointer"] == "/source"
    assert harbour.head == before


def test_a_place_cannot_become_part_of_its_own_part(harbour: Desk) -> None:
    before = harbour.head
    answer = harbour.send("/v1/locations/harbour/links", {"relation": "part_of", "to": "north-quay"})
    assert error(answer, 409, "part-of-itself")["pointer"] == "/to"
    assert answer.json()["path"] == ["harbour", "north-quay", "harbour"]
    assert harbour.head == before


def test_a_claim_that_is_not_there_cannot_end(harbour: Desk) -> None:
    told = error(harbour.send(f"/v1/claims/{_id(99)}/void", {"reason": "Forged."}), 404, "not-found")
    assert told["parameter"] == "claim"


def test_a_relation_points_into_what_was_sent(harbour: Desk) -> None:
    told = error(harbour.send(f"/v1/claims/{_id(1)}/relations", {"type": "mocks", "claim": _id(2)}), 422, "malformed")
    assert told["pointer"] == "/type"


def test_the_body_may_not_contradict_the_address(harbour: Desk) -> None:
    told = error(harbour.put("/v1/sources/radio", {"slug": "tv", "kind": "outlet", "name": "Radio"}), 422, "malformed")
    assert told["pointer"] == "/slug"


def test_the_body_may_repeat_the_address(desk: Desk) -> None:
    answer = desk.put("/v1/sources/radio", {"type": "source", "slug": "radio", "kind": "outlet", "name": "Radio"})
    assert answer.status_code == 201


def test_a_tie_of_another_source_is_not_ended(harbour: Desk) -> None:
    before = harbour.head
    answer = harbour.client.delete("/v1/sources/coast-wire/affiliations/dockers-union/opposes/port-company")
    assert error(answer, 404, "not-found")["parameter"] == "affiliation"
    assert harbour.head == before


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/claims?colour=red", "colour"),
        ("/v1/locations/north-quay/beliefs?as_of=yesterday", "as_of"),
        ("/v1/locations/north-quay/beliefs?as_of=99999", "as_of"),
        ("/v1/locations/north-quay/beliefs?valid_at=2024-13", "valid_at"),
        ("/v1/locations/north-quay/beliefs?valid_at=2024-11-05T20:00:00", "valid_at"),
        ("/v1/locations/north-quay/beliefs?tz=Mars/Olympus", "tz"),
        ("/v1/locations/north-quay/beliefs?without=nobody", "without"),
        ("/v1/locations/north-quay/beliefs?valid_at=2024&valid_at=2025", "valid_at"),
        ("/v1/claims?limit=0", "limit"),
        ("/v1/claims?limit=many", "limit"),
        ("/v1/claims?after=here", "after"),
        ("/v1/beliefs?bbox=1,2,3", "bbox"),
        ("/v1/events?types=claim-forgotten.v1", "types"),
        ("/v1/sources/Coast-Wire", "source"),
        ("/v1/stories/harbour-strike/diff?from=edition/9&to=20", "from"),
        ("/v1/stories/harbour-strike/diff?to=3", "from"),
        ("/v1/compare?policy=desk/1", "policy"),
    ],
)
def test_what_is_wrong_in_a_question_is_named(harbour: Desk, path: str, parameter: str) -> None:
    assert error(harbour.client.get(path), 422, "bad-query")["parameter"] == parameter


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do(harbour: Desk) -> None:
    told = error(harbour.ask("/v1/locations/north-quay/beliefs", policy="guess/1"), 422, "unknown-policy")
    assert "desk/1" in told["expected"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/sources/nobody",
        "/v1/locations/nowhere/beliefs",
        "/v1/locations/north-quay/beliefs/weather",
        "/v1/stories/none/timeline",
        "/v1/stories/harbour-strike/editions/9",
        f"/v1/claims/{_id(99)}",
        "/v1/projections/nothing",
        "/v1/nothing",
        "/nothing",
    ],
)
def test_what_is_not_there_is_not_found(harbour: Desk, path: str) -> None:
    error(harbour.client.get(path), 404, "not-found")


def test_a_method_that_is_not_taken_is_told_with_those_that_are(harbour: Desk) -> None:
    answer = harbour.client.patch("/v1/claims")
    error(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_body_that_does_not_say_it_is_json_is_not_read(harbour: Desk) -> None:
    answer = harbour.client.post("/v1/claims", content=json.dumps(CLAIM), headers={"Content-Type": "text/plain"})
    assert error(answer, 415, "unsupported-media-type")["expected"] == "application/json"


def test_an_unknown_coding_is_refused(harbour: Desk) -> None:
    answer = record_bytes(harbour, b"x", **{"Content-Encoding": "br"})
    assert error(answer, 415, "unsupported-media-type")["parameter"] == "Content-Encoding"


def test_an_answer_in_no_accepted_form_is_refused(harbour: Desk) -> None:
    error(harbour.client.get("/v1/beliefs", headers={"Accept": "text/csv"}), 406, "not-acceptable")


def test_an_unforeseen_error_says_nothing_but_the_id_to_ask_about(harbour: Desk) -> None:
    async def fail() -> None:
        raise RuntimeError("the words of a claim")

    harbour.app.add_api_route("/fail", fail)
    answer = harbour.client.get("/fail", headers={"X-Request-ID": "call-7"})
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"] == "call-7"
    assert answer.json() == {
        "type": "/problems/unforeseen",
        "title": "Something went wrong that nobody foresaw.",
        "status": 500,
        "request": "call-7",
    }


@pytest.mark.parametrize("name", all_kinds())
def test_every_kind_of_problem_is_explained_where_its_type_points(name: str, harbour: Desk) -> None:
    answer = harbour.client.get(f"/problems/{name}")
    assert answer.status_code == 200
    assert all_kinds()[name].title.partition("'")[0] in answer.text
