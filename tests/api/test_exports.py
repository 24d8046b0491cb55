"""The ledger goes out over HTTP as it goes out of the command line: whole, in part, as lines, as a table."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest

from api.examples import EXAMPLES
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

ID = "0192f0c4-7a00-7000-8000-{:012d}"
AS_LINES = {"Accept": "application/x-ndjson", "Accept-Encoding": "identity"}
AS_TABLE = {"Accept": "text/csv", "Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def quay(cluster: Cluster) -> Iterator[Desk]:
    """The harbour's ledger, in which a claim was corrected (and what replaced it withdrawn) and another one voided."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as desk:
        desk.load()
        assert desk.send(f"/v1/claims/{ID.format(3)}/correction", EXAMPLES["correct_claim"].body).status_code == 201
        withdrawn = {"source": "port-company", "reason": "It was too early."}
        assert desk.send(f"/v1/claims/{ID.format(8)}/withdrawal", withdrawn).status_code == 201
        assert desk.send(f"/v1/claims/{ID.format(5)}/void", EXAMPLES["void_claim"].body).status_code == 201
        yield desk


def exported(desk: Desk, **chosen: str) -> list[dict[str, object]]:
    answer = desk.ask("/v1/exports", AS_LINES, **chosen)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def said(lines: list[dict[str, object]]) -> list[str]:
    """What the lines say of claims: `claim 1`, `correct 3`."""
    named = [(str(line["type"]), str(line.get("claim", line.get("id")))) for line in lines]
    return [f"{kind} {int(name[-12:])}" for kind, name in named if name.startswith(ID[:23])]


def test_what_is_exported_over_http_makes_the_same_ledger(quay: Desk, addresses: Addresses) -> None:
    sent = quay.ask("/v1/exports", AS_LINES)
    with open_desk(addresses) as copy:
        report = copy.load_bytes(sent.content)
        assert (report[-1]["accepted"], report[-1]["refused"]) == (quay.head, 0)
        assert copy.ask("/v1/exports", AS_LINES).content == sent.content
    assert sent.headers["Ledger-Position"] == str(quay.head)
    assert f"onrecord-1-{quay.head}.ndjson" in sent.headers["Content-Disposition"]


def test_a_place_stands_for_its_parts_and_a_claim_brings_what_became_of_it(quay: Desk) -> None:
    everything = [*(f"claim {n}" for n in range(1, 7)), "correct 3", "withdraw 8", "void 5"]
    assert said(exported(quay, location="harbour")) == everything
    assert said(exported(quay, location="fish-market")) == []
    assert said(exported(quay, source="port-company")) == ["claim 3", "claim 4", "correct 3", "withdraw 8"]
    assert said(exported(quay, story="harbour-strike", source="coast-wire")) == ["claim 2"]


def test_claims_are_chosen_by_the_time_that_they_speak_of(quay: Desk) -> None:
    # The votes were counted on the third; a state goes on from its first day.
    assert said(exported(quay, valid_at="2024-11-03", tz="+01:00")) == ["claim 6"]
    assert said(exported(quay, valid_at="2024-11-04/2024-11-05", tz="+01:00")) == [
        "claim 1", "claim 2", "claim 3", "claim 4", "correct 3", "withdraw 8",
    ]  # fmt: skip


def test_a_part_is_taken_in_elsewhere_without_a_refusal(quay: Desk, addresses: Addresses) -> None:
    part = quay.ask("/v1/exports", AS_LINES, source="port-company").content
    with open_desk(addresses) as copy:
        assert copy.load_bytes(part)[-1]["refused"] == 0


def test_only_what_was_recorded_between_two_instants_goes_out(quay: Desk) -> None:
    when = [one["recorded"] for one in quay.ask("/v1/events", limit=1_000).json()["events"]]
    assert exported(quay, since=when[-1]) == []
    assert len(exported(quay, until=when[-1])) == quay.head
    assert len(exported(quay, after=str(quay.head - 2))) == 2


def test_pages_of_events_are_chosen_by_the_same_words(quay: Desk) -> None:
    chosen = {"location": "harbour", "valid_at": "2024-11-03", "tz": "+01:00"}
    page = quay.ask("/v1/events", None, **chosen).json()["events"]
    assert [one["event"] for one in page if one["type"] == "claim-recorded.v1"] == [
        {name: value for name, value in line.items() if name != "type"}
        for line in exported(quay, **chosen)
        if line["type"] == "claim"
    ]
    assert len(page) == len(exported(quay, **chosen))


def test_a_reader_of_chosen_events_is_led_from_page_to_page(quay: Desk) -> None:
    found: list[int] = []
    answer = quay.ask("/v1/events", source="port-company", types="claim-recorded.v1", limit=1)
    while answer.json()["events"]:
        found += [one["position"] for one in answer.json()["events"]]
        answer = quay.client.get(answer.links["next"]["url"], headers={"Ledger-Position": str(quay.head)})
    assert len(found) == len(set(found)) == 2
    assert "next" not in answer.links


def test_claims_go_out_as_a_table(quay: Desk) -> None:
    answer = quay.ask("/v1/exports", AS_TABLE, source="port-company")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert [row["id"] for row in table] == [ID.format(number) for number in (3, 4, 8)]
    assert [row["status"] for row in table] == ["corrected", "standing", "withdrawn"]


@pytest.mark.parametrize("form", [AS_LINES, AS_TABLE])
def test_whoever_wants_a_digest_gets_that_of_what_is_sent(quay: Desk, form: dict[str, str]) -> None:
    answer = quay.ask("/v1/exports", {**form, "Accept-Encoding": "gzip", "Want-Repr-Digest": "sha-256=1"})
    digest = b64encode(sha256(answer.content).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.content == quay.ask("/v1/exports", form).content


def test_nobody_is_made_to_wait_for_a_digest_that_was_not_wanted(quay: Desk) -> None:
    for wanted in ({}, {"Want-Repr-Digest": "sha-512=3, sha-256=0"}):
        assert "Repr-Digest" not in quay.ask("/v1/exports", {**AS_LINES, **wanted}).headers


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("valid_at=soon", "valid_at"),
        ("tz=Atlantis", "tz"),
        ("since=yesterday", "since"),
        ("until=2024", "until"),
        ("place=harbour", "place"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/exports", "/v1/events"])
def test_what_cannot_be_chosen_is_refused_by_name(quay: Desk, path: str, query: str, parameter: str) -> None:
    answer = quay.client.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter)


def test_a_live_stream_has_no_end_to_choose(quay: Desk) -> None:
    answer = quay.ask("/v1/events", {"Accept": "text/event-stream"}, until="2030-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "until")
