"""A claim can be tried over HTTP: it meets what it would meet when it is recorded, and leaves no trace."""

from typing import Any

import pytest

from api.examples import LEAFLET, _claim, _id
from domain.values import sha256_of
from support.service import Answer, Desk

ARTICLE = "“Nobody loads 🚢 today,” the company said on Friday."
QUOTED = "the company said"
CLAIM = _claim(40, "port-company", "on", "2024-11-08", statement="The company concedes that nobody loads.")
NOBODY = [{"source": "nobody", "role": "speaker", "mode": "quote", "naming": "named"}]
NOWHERE = {"location": "south-quay-9", "aspect": "stoppage"}
ELSEWHERE = {"document": sha256_of(LEAFLET), "start": 0, "end": 10, "exact": "north quay"}
WRONG: dict[str, dict[str, Any]] = {
    "an unknown field": {"confidence": 0.9},
    "two fields at once": {"polarity": "maybe", "hedged": "no"},
    "an unknown source": {"chain": NOBODY},
    "an unknown place": {"question": NOWHERE},
    "an unknown story": {"story": ["nothing"]},
    "a value that the aspect does not have": {"value": "perhaps"},
    "an interval that ends before it begins": {"valid": {"edtf": "2024-11-05/2024-11-01"}},
    "an instant without an offset": {"valid": {"edtf": "2024-11-05T20:00:00"}},
    "a time that is a number": {"valid": 0},
    "a time to come": {"published": {"edtf": "9999-11-05"}},
    "a zone that is none": {"tz": "Mars/Olympus"},
    "words that stand elsewhere": {"quote": ELSEWHERE},
    "a document that nobody archived": {"quote": {**ELSEWHERE, "document": "0" * 64}},
    "a statement without end": {"statement": "x" * 20_001},
    "a NUL": {"statement": "No crane\x00 moves."},
    "the id of another claim": {"id": _id(1)},
}


def tried(desk: Desk, body: object) -> Answer:
    """Try a claim, which must change nothing."""
    head = desk.head
    answer = desk.send("/v1/claims/preview", body)
    assert desk.head == head
    return answer


def quote(start: int, exact: str = QUOTED, text: str = ARTICLE) -> dict[str, Any]:
    return {"document": sha256_of(text), "start": start, "end": start + len(exact), "exact": exact}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_a_claim_that_is_refused_meets_the_same_problem_when_it_is_tried(
    harbour: Desk, changes: dict[str, Any]
) -> None:
    body = {**CLAIM, **changes}
    trial, real = tried(harbour, body), harbour.send("/v1/claims", body)
    assert real.status_code in (409, 422)
    assert (trial.status_code, trial.json()["type"]) == (real.status_code, real.json()["type"])
    assert problems(trial) == problems(real)
    assert trial.json().get("nearest") == real.json().get("nearest")


def problems(answer: Answer) -> list[tuple[str, str | None]]:
    return [(one["pointer"], one.get("expected")) for one in answer.json()["errors"]]


def test_a_change_is_told_with_the_rule_and_how_the_claim_counts(harbour: Desk) -> None:
    preview = tried(harbour, CLAIM).json()
    (own,) = preview["bears_on"]
    assert own["question"] == CLAIM["question"]
    then = own["then"]
    assert (then["valid_at"], then["tz"], then["role"]) == ("2024-11-08", "+01:00", "supports")
    assert then["before"]["digest"] != then["after"]["digest"]
    assert then["why"].startswith("The claim counts for on")
    assert preview["claim"]["id"] == CLAIM["id"]
    assert preview["intervals"] == [{"aspect": "stoppage", "from": "2024-11-07T23:00:00Z", "to": None}]
    assert preview["duplicate"] is None


def test_a_claim_without_an_id_has_one_for_the_trial(harbour: Desk) -> None:
    preview = tried(harbour, {name: value for name, value in CLAIM.items() if name != "id"}).json()
    assert preview["claim"]["id"] in preview["bears_on"][0]["then"]["after"]["supporters"]


def test_a_claim_that_is_there_already_is_told_and_would_change_nothing(harbour: Desk) -> None:
    first = harbour.ask(f"/v1/claims/{_id(1)}").json()
    again = _claim(
        1, "dockers-union", "on", "2024-11-04", statement="The union says that nobody works at the north quay."
    )
    preview = tried(harbour, again).json()
    assert preview["duplicate"] == {"claim": _id(1), "position": first["position"]}
    assert preview["bears_on"] == []


def test_a_source_that_repeats_itself_is_told(harbour: Desk) -> None:
    preview = tried(harbour, _claim(41, "dockers-union", "on", "2024-11-09")).json()
    assert [(one["claim"], one["of_the_same_time"]) for one in preview["said_before"]] == [(_id(1), False)]


def test_the_key_of_another_claim_is_refused_with_its_position(desk: Desk) -> None:
    desk.load()
    first = desk.send("/v1/claims", {**CLAIM, "key": "article/1"})
    trial = tried(desk, {**CLAIM, "key": "article/1", "hedged": True})
    assert (trial.status_code, trial.json()["position"]) == (409, first.json()["position"])
    assert tried(desk, {**CLAIM, "key": "article/1"}).json()["duplicate"]["claim"] == CLAIM["id"]


def test_a_quote_is_checked_against_a_text_that_is_not_archived_yet(harbour: Desk) -> None:
    begin = ARTICLE.index(QUOTED)
    answer = tried(harbour, {**CLAIM, "quote": quote(begin), "text": ARTICLE})
    assert answer.status_code == 200, answer.text
    assert answer.json()["claim"]["quote"]["exact"] == QUOTED
    assert answer.json()["document"] == {"sha256": sha256_of(ARTICLE), "archived": False, "held": False}
    moved = tried(harbour, {**CLAIM, "quote": quote(begin + 1), "text": ARTICLE})
    assert moved.json()["nearest"] == {"start": begin, "end": begin + len(QUOTED)}
    assert harbour.ask(f"/v1/documents/{sha256_of(ARTICLE)}").status_code == 404


def test_a_text_that_is_not_the_quoted_one_is_refused(harbour: Desk) -> None:
    trial = tried(harbour, {**CLAIM, "quote": quote(0), "text": "Another text."})
    assert problems(trial) == [("/text", sha256_of(ARTICLE))]


def test_a_text_that_was_erased_is_not_looked_at_again(desk: Desk) -> None:
    desk.load()
    desk.send(f"/v1/texts/{sha256_of(LEAFLET)}/erasure", {"reason": "A court forbids it."})
    nowhere = quote(0, "not these words", LEAFLET)
    assert tried(desk, {**CLAIM, "quote": nowhere, "text": LEAFLET}).status_code == 200
    assert desk.send("/v1/claims", {**CLAIM, "quote": nowhere}).status_code == 201
