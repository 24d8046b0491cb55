"""Of a claim it is told which beliefs it moved, and its words are read in the archived text as long as that is held."""

from collections.abc import Iterator

import pytest

from api.examples import LEAFLET, LETTER, WORLD, _id
from domain.values import sha256_of
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

CONFIRMED = _id(2)


@pytest.fixture(scope="module")
def quay(cluster: Cluster) -> Iterator[Desk]:
    """The harbour after a word was taken back, another was found to be forged, and votes to be the day shift's."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        assert opened.load()[-1]["refused"] == 0
        opened.send(f"/v1/claims/{_id(4)}/withdrawal", {"reason": "The company took it back."})
        opened.send(f"/v1/claims/{_id(5)}/void", {"reason": "The union did not send this message."})
        votes = next(line for line in WORLD if line.get("id") == _id(6))
        day_shift = {"location": "north-quay", "aspect": "ballot", "subject": "day-shift"}
        replacement = {**votes, "id": _id(9), "question": day_shift}
        opened.send(
            f"/v1/claims/{_id(6)}/correction", {"replacement": replacement, "reason": "It was the other shift."}
        )
        yield opened


def test_a_claim_tells_which_belief_it_moved_and_of_which_instants(quay: Desk) -> None:
    (moved,) = quay.ask(f"/v1/claims/{CONFIRMED}/changes").json()["changes"]
    assert moved["question"] == {"location": "north-quay", "aspect": "stoppage"}
    assert (moved["from"], moved["to"]) == ("2024-11-03T23:00:00Z", None)
    assert (moved["before"]["strength"], moved["after"]["strength"]) == ("S2", "S4")
    assert moved["cause"]["claim"] == CONFIRMED


def test_every_event_of_a_claim_counts_in_its_order(quay: Desk) -> None:
    changes = quay.ask(f"/v1/claims/{_id(5)}/changes").json()["changes"]
    assert [one["cause"]["type"] for one in changes] == ["claim-recorded.v1", "claim-voided.v1"]
    assert [(one["before"]["agreement"], one["after"]["agreement"]) for one in changes] == [
        ("contested", "contested"),
        ("contested", "uncontested"),
    ]


def test_a_correction_moves_beliefs_for_both_claims(quay: Desk) -> None:
    changes = quay.ask(f"/v1/claims/{_id(6)}/changes").json()["changes"]
    corrected = [one for one in changes if one["cause"]["type"] == "claim-corrected.v1"]
    assert quay.ask(f"/v1/claims/{_id(9)}/changes").json()["changes"] == corrected
    assert [(one["question"]["subject"], one["after"]["agreement"]) for one in corrected if one["to"]] == [
        ("day-shift", "uncontested"),
        ("night-shift", "unreported"),
    ]


def test_what_was_recorded_later_is_not_told_of_the_past(quay: Desk) -> None:
    then = quay.ask(f"/v1/claims/{_id(5)}/changes", as_of=20).json()["changes"]
    assert {one["cause"]["type"] for one in then} == {"claim-recorded.v1"}
    assert quay.ask(f"/v1/claims/{_id(5)}/changes", as_of=18).status_code == 404


def test_a_valid_time_keeps_to_what_meets_it(quay: Desk) -> None:
    assert quay.ask(f"/v1/claims/{CONFIRMED}/changes", valid_at="2024-11-03", tz="+01:00").json()["changes"] == []
    assert len(quay.ask(f"/v1/claims/{CONFIRMED}/changes", valid_at="2024-11-04", tz="+01:00").json()["changes"]) == 1


def test_another_policy_judges_what_it_moved_anew(quay: Desk) -> None:
    (moved,) = quay.ask(f"/v1/claims/{CONFIRMED}/changes", policy="strict/1").json()["changes"]
    assert (moved["before"]["strength"], moved["after"]["strength"]) == ("S2", "S3")


def test_the_changes_of_a_claim_go_on_behind_a_cursor(quay: Desk) -> None:
    whole = quay.ask(f"/v1/claims/{_id(5)}/changes").json()["changes"]
    first = quay.ask(f"/v1/claims/{_id(5)}/changes", limit=1)
    following = quay.ask(first.links["next"]["url"])
    assert [*first.json()["changes"], *following.json()["changes"]] == whole
    assert quay.ask(f"/v1/claims/{_id(5)}/changes", after="WyJjMSIsICJ4Il0").status_code == 422


def test_the_newest_claims_come_first_if_asked(quay: Desk) -> None:
    oldest = [one["id"] for one in quay.ask("/v1/claims").json()["claims"]]
    first = quay.ask("/v1/claims", order="newest", limit=4)
    following = quay.ask(first.links["next"]["url"])
    assert [one["id"] for page in (first, following) for one in page.json()["claims"]] == oldest[::-1]
    assert quay.ask("/v1/claims", order="latest").status_code == 422


def test_a_part_of_an_archived_text_is_read_by_code_points(quay: Desk) -> None:
    known = quay.ask(f"/v1/documents/{sha256_of(LEAFLET)}").json()
    assert (known["held"], known["erased"]) == (True, None)
    part = quay.ask(f"/v1/documents/{sha256_of(LEAFLET)}/text", start=7, end=32).json()
    assert part == {
        "sha256": sha256_of(LEAFLET),
        "length": len(LEAFLET),
        "start": 7,
        "end": 32,
        "text": LEAFLET[7:32],
    }
    assert quay.ask(f"/v1/documents/{sha256_of(LEAFLET)}/text", start=50).json()["text"] == LEAFLET[50:]
    assert quay.ask(f"/v1/documents/{sha256_of(LEAFLET)}/text", start=9_000).json()["text"] == ""


def test_of_a_text_that_had_to_go_it_is_told_why(addresses: Addresses) -> None:
    with open_desk(addresses) as desk:
        desk.load()
        words = desk.ask(f"/v1/claims/{_id(1)}").json()["statement"]
        for sha256 in (sha256_of(LETTER), sha256_of(words)):
            desk.send(f"/v1/texts/{sha256}/erasure", {"reason": "A court forbids it."})
        known = desk.ask(f"/v1/documents/{sha256_of(LETTER)}").json()
        assert (known["held"], known["erased"]["reason"]) == (False, "A court forbids it.")
        assert desk.ask(f"/v1/documents/{sha256_of(LETTER)}/text").status_code == 404
        shown = desk.ask(f"/v1/claims/{_id(1)}").json()
        assert shown["statement"] == {"sha256": sha256_of(words)}
        assert [one["sha256"] for one in shown["erased"]] == [sha256_of(words)]


def test_a_hash_that_nobody_archived_is_no_document(quay: Desk) -> None:
    assert quay.ask(f"/v1/documents/{sha256_of('nobody')}/text").status_code == 404
