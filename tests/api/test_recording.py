"""What is recorded is answered with its place; what is sent twice is recorded once; whoever looked first may change."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.examples import WORLD, _claim, _id
from domain.values import sha256_of
from services.access.gate import Gate
from services.access.keys import NewKey
from support.service import Desk

RADIO = {"kind": "outlet", "name": "Harbour Radio"}


def test_a_receipt_says_where_it_was_recorded_and_what(desk: Desk) -> None:
    desk.load()
    answer = desk.send("/v1/claims", _claim(40, "coast-wire", "on", "2024-11-05", statement="No crane moves."))
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["position"] == desk.head == int(answer.headers["Ledger-Position"])
    assert receipt["recorded"].endswith("Z")
    assert receipt["replayed"] is False
    assert receipt["recorded_by"] == "open"
    assert receipt["claim"]["statement"] == "No crane moves."
    assert answer.headers["Location"] == f"/v1/claims/{_id(40)}"
    shown = desk.ask(answer.headers["Location"]).json()
    assert (shown["position"], shown["recorded_by"]) == (receipt["position"], "open")
    events = desk.ask("/v1/events").json()["events"]
    assert {event["recorded_by"] for event in events} == {"open"}


def test_whoever_has_a_key_is_named_in_all_that_they_record(desk: Desk) -> None:
    keys = desk.newsroom.keys
    anna, bert = (
        {"Authorization": f"Bearer {keys.make(NewKey(name=name, role='editor'), 'a test')['key']}"}
        for name in ("anna", "bert")
    )
    guarded = Desk(desk.newsroom, Gate(keys))
    first = guarded.put("/v1/sources/radio", RADIO, anna).json()
    again = guarded.put("/v1/sources/radio", RADIO, bert).json()
    assert (first["recorded_by"], again["recorded_by"], again["replayed"]) == ("key:anna", "key:anna", True)
    lines = json.dumps({"type": "source", "slug": "gulls", "kind": "outlet", "name": "The Gulls"})
    for query in ("", "?atomic=true"):
        guarded.client.post(
            f"/v1/imports{query}", content=lines, headers={**bert, "Content-Type": "application/x-ndjson"}
        )
        lines = lines.replace("The Gulls", "Gulls Weekly")
    told = guarded.ask("/v1/events", anna).json()["events"]
    assert [one["recorded_by"] for one in told] == ["key:anna", "key:bert", "key:bert"]
    assert desk.put("/v1/sources/gulls", {"kind": "outlet", "name": "Gulls"}).json()["recorded_by"] == "open"


def test_a_claim_without_an_id_gets_one(desk: Desk) -> None:
    desk.load()
    claim = _claim(40, "coast-wire", "on", "2024-11-05")
    del claim["id"]
    receipt = desk.send("/v1/claims", claim).json()
    assert desk.ask(f"/v1/claims/{receipt['claim']['id']}").status_code == 200


def test_the_same_key_is_answered_with_the_first_result(desk: Desk) -> None:
    desk.load()
    claim = {**_claim(40, "coast-wire", "on", "2024-11-05"), "key": "wire/1"}
    del claim["id"]
    first, again = desk.send("/v1/claims", claim), desk.send("/v1/claims", claim)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "replayed": True}


def test_the_same_call_is_answered_with_the_first_result(desk: Desk) -> None:
    first = desk.put("/v1/sources/radio", RADIO, {"Idempotency-Key": "call-1"})
    desk.put("/v1/sources/radio", {**RADIO, "name": "Radio"})
    again = desk.put("/v1/sources/radio", RADIO, {"Idempotency-Key": "call-1"})
    assert again.status_code == 200
    assert again.json() == {**first.json(), "replayed": True}
    assert desk.ask("/v1/sources/radio").json()["name"] == "Radio"


def test_what_the_ledger_says_already_is_not_recorded_again(desk: Desk) -> None:
    first, again = desk.put("/v1/sources/radio", RADIO), desk.put("/v1/sources/radio", RADIO)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["position"] == first.json()["position"] == desk.head


def test_an_edition_sent_twice_under_one_name_is_one_edition(desk: Desk) -> None:
    desk.load()
    call = {"Idempotency-Key": "edition"}
    seen = {"title": "Quiet", "as_of": desk.head}
    first = desk.send("/v1/stories/harbour-strike/editions", seen, call)
    again = desk.send("/v1/stories/harbour-strike/editions", seen, call)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["edition"] == first.json()["edition"]
    assert first.json()["edition"]["number"] == 2


def test_a_revision_is_refused_if_somebody_was_faster(desk: Desk) -> None:
    desk.put("/v1/sources/radio", RADIO)
    tag = desk.ask("/v1/sources/radio").headers["ETag"]
    assert desk.put("/v1/sources/radio", {**RADIO, "name": "Radio One"}, {"If-Match": tag}).status_code == 201
    late = desk.put("/v1/sources/radio", {**RADIO, "name": "Radio Two"}, {"If-Match": tag})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/moved")
    assert desk.ask("/v1/sources/radio").json()["name"] == "Radio One"


@pytest.mark.parametrize(
    ("path", "revision"),
    [
        ("/v1/sources/coast-wire", {"kind": "wire", "name": "The Coast Wire"}),
        ("/v1/locations/harbour", {"names": ["Harbour"], "precision": "region"}),
        ("/v1/aspects/stoppage", {"kind": "state", "values": ["on", "off"], "horizon_hours": 240}),
        ("/v1/aspects/control", {"kind": "state", "values": "sources", "horizon_hours": 240}),
        ("/v1/stories/harbour-strike", {"title": "The strike in the harbour"}),
    ],
)
def test_whatever_is_registered_can_be_revised_by_who_has_seen_it(
    desk: Desk, path: str, revision: dict[str, Any]
) -> None:
    desk.load()
    grade = {"scale": "admiralty", "grade": "B2", "rationale": "Two of three reports were confirmed."}
    desk.send("/v1/sources/coast-wire/ratings", grade)
    tag = desk.ask(path).headers["ETag"]
    assert desk.put(path, revision, {"If-Match": tag}).status_code == 201
    assert desk.put(path, revision, {"If-Match": tag}).status_code == 412


def test_an_answer_is_another_one_when_others_tie_themselves_to_the_thing(desk: Desk) -> None:
    desk.load()
    seen = desk.ask("/v1/sources/coast-wire").headers["ETag"]
    desk.send("/v1/sources/coast-wire/leans", {"towards": "dockers-union"})
    again = desk.ask("/v1/sources/coast-wire", {"If-None-Match": seen})
    assert again.status_code == 200
    assert {lean["towards"] for lean in again.json()["leans"]} == {"dockers-union", "port-company"}


def test_a_registration_can_insist_on_being_the_first(desk: Desk) -> None:
    assert desk.put("/v1/sources/radio", RADIO, {"If-None-Match": "*"}).status_code == 201
    again = desk.put("/v1/sources/radio", {**RADIO, "name": "Radio"}, {"If-None-Match": "*"})
    assert again.status_code == 412


def test_a_tag_that_is_none_of_ours_meets_nothing(desk: Desk) -> None:
    assert desk.put("/v1/sources/radio", RADIO, {"If-Match": 'W/"abc"'}).status_code == 412


def test_the_end_of_an_edge_removes_nothing(desk: Desk) -> None:
    desk.load()
    before = desk.head
    ended = desk.client.delete("/v1/sources/dockers-union/affiliations/dockers-union/opposes/port-company?at=2024-12")
    assert ended.status_code == 201
    tie = desk.ask("/v1/sources/dockers-union").json()["affiliations"][0]
    assert tie["ended"] == {"position": before + 1, "at": {"edtf": "2024-12"}}
    assert desk.ask("/v1/sources/dockers-union", as_of=before).json()["affiliations"][0]["ended"] is None


def test_an_erased_text_is_gone_from_every_answer_and_its_hash_is_not(desk: Desk) -> None:
    desk.load()
    words = str(WORLD[15]["statement"])
    assert words in desk.ask(f"/v1/claims/{_id(1)}").text
    answer = desk.send(f"/v1/texts/{sha256_of(words)}/erasure", {"reason": "A court forbids it."})
    assert answer.status_code == 201
    assert desk.ask(f"/v1/claims/{_id(1)}").json()["statement"] == {"sha256": sha256_of(words)}
    assert words not in desk.ask("/v1/events").text


def test_a_body_may_come_packed(desk: Desk) -> None:
    packed = gzip.compress(json.dumps(RADIO).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert desk.client.put("/v1/sources/radio", content=packed, headers=headers).status_code == 201


def test_a_body_that_unpacks_to_more_than_is_taken_is_refused(desk: Desk) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    bomb = gzip.compress(b" " * 50_000_000)
    answer = desk.client.put("/v1/sources/radio", content=bomb, headers=headers)
    assert (answer.status_code, desk.head) == (413, 0)


def test_a_packed_body_that_breaks_off_is_refused(desk: Desk) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = desk.client.put(
        "/v1/sources/radio", content=gzip.compress(json.dumps(RADIO).encode())[:-9], headers=headers
    )
    assert (answer.status_code, answer.json()["detail"]) == (422, "the gzip ends before its end")


def test_many_callers_are_each_answered_with_their_own_place(desk: Desk) -> None:
    desk.load()
    before = desk.head
    claims = [_claim(100 + number, "coast-wire", "on", "2024-11-05") for number in range(64)]
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda claim: desk.send("/v1/claims", claim), claims))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["position"] for answer in answers) == list(range(before + 1, before + 65))
    assert [answer.json()["claim"]["id"] for answer in answers] == [claim["id"] for claim in claims]


def report_of(lines: list[Any]) -> bytes:
    return "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines).encode()


def test_an_import_tells_each_refused_line_and_takes_the_others_in(desk: Desk) -> None:
    lines = report_of(
        [WORLD[0], "{broken\n", "\n", {"type": "lean", "source": "dockers-union", "towards": "nobody"}, WORLD[1]]
    )
    report = desk.load_bytes(lines)
    assert [(row["report"], row.get("line")) for row in report] == [("refused", 2), ("refused", 4), ("done", None)]
    assert report[1]["errors"][0]["pointer"] == "/towards"
    assert (report[-1]["accepted"], report[-1]["refused"], desk.head) == (2, 2, 2)


def test_an_import_sent_again_is_all_duplicates(desk: Desk) -> None:
    desk.load()
    report = desk.load()
    assert (report[-1]["accepted"], report[-1]["duplicates"]) == (0, len(WORLD))
    assert desk.head == len(WORLD)


def test_an_import_may_come_packed_in_several_members(desk: Desk) -> None:
    packed = gzip.compress(report_of(list(WORLD[:9]))) + gzip.compress(report_of(list(WORLD[9:])))
    report = desk.load_bytes(packed, **{"Content-Encoding": "gzip"})
    assert report[-1]["accepted"] == len(WORLD)


def test_a_packed_import_that_breaks_off_says_so_at_the_end(desk: Desk) -> None:
    packed = gzip.compress(report_of(list(WORLD)))
    report = desk.load_bytes(packed[:-9], **{"Content-Encoding": "gzip"})
    assert (report[-1]["report"], report[-1]["detail"]) == ("failed", "the gzip ends before its end")


def test_an_import_of_all_or_nothing_records_nothing_if_a_line_is_refused(desk: Desk) -> None:
    report = desk.load_bytes(
        report_of([*WORLD, {"type": "lean", "source": "nobody", "towards": "nobody"}]), "?atomic=true"
    )
    assert [row["report"] for row in report] == ["refused", "done"]
    assert (report[0]["line"], desk.head) == (len(WORLD) + 1, 0)


def test_an_import_of_all_or_nothing_records_all(desk: Desk) -> None:
    report = desk.load_bytes(report_of(list(WORLD)), "?atomic=true")
    assert (report[-1]["accepted"], desk.head) == (len(WORLD), len(WORLD))


def test_a_line_longer_than_an_import_takes_is_refused_and_the_next_is_not(desk: Desk) -> None:
    report = desk.load_bytes(b'{"statement": "' + b"x" * 10_000_000 + b'"}\n' + report_of([WORLD[0]]))
    assert [(row["report"], row.get("line")) for row in report] == [("refused", 1), ("done", None)]
    assert desk.head == 1


def test_a_long_report_waits_until_the_file_is_in(desk: Desk) -> None:
    report = desk.load_bytes(b"{}\n" * 5_000)
    assert [row.get("line") for row in report[:-1]] == list(range(1, 5_001))
    assert report[-1]["refused"] == 5_000
