"""Over HTTP a what-if is made under terms, asked by its name beside the picture in use, compared and dropped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from api.examples import WORLD
from support.database import Cluster, fresh_database
from support.service import Answer, Desk, open_desk

QUAY = "/v1/locations/north-quay/beliefs"
LATE = "2024-11-06T12:00:00Z"
SIDES = ("first", "second")


@pytest.fixture(scope="module")
def port(cluster: Cluster) -> Iterator[Desk]:
    """The ledger of the examples with what-ifs: `no-union` to the head, `early` up to position 18."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        assert opened.load()[-1]["refused"] == 0
        made(opened, {"as": "no-union", "policy": "strict/1", "without": ["dockers-union"]})
        made(opened, {"as": "early", "upto": 18, "workers": 2})
        yield opened


def made(desk: Desk, terms: dict[str, Any]) -> dict[str, Any]:
    """Make a what-if and wait until it stands."""
    begun = desk.send("/v1/projections/picture/replays", terms)
    assert begun.status_code == 202, begun.text
    assert begun.headers["Location"] == f"/v1/projections/{terms['as']}"
    give_up = time.monotonic() + 300
    while (shown := desk.client.get(begun.headers["Location"]).json())["state"] == "building":
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return shown


def wrong(answer: Answer) -> set[tuple[str, str]]:
    """What is wrong with a call: where, and what was said."""
    assert answer.status_code in (409, 422), answer.text
    return {(one.get("parameter", one.get("pointer")), one["said"]) for one in answer.json()["errors"]}


def test_it_is_listed_with_its_terms(port: Desk) -> None:
    rows = {row["name"]: row for row in port.ask("/v1/projections").json()["projections"]}
    terms = rows["no-union"]["what_if"]
    assert (terms["policy"], terms["without"], terms["upto"]) == ("strict/1", ["dockers-union"], None)
    assert terms["made"].endswith("Z")
    assert {name: (rows[name]["state"], rows[name]["position"]) for name in ("no-union", "early", "picture")} == {
        "no-union": ("standing", port.head),
        "early": ("standing", 18),
        "picture": ("running", port.head),
    }
    assert "what_if" not in rows["picture"]


def test_its_progress_is_that_of_any_replay(port: Desk) -> None:
    replay = port.ask("/v1/projections/early").json()["replay"]
    assert (replay["name"], replay["state"], replay["position"], replay["head"]) == ("early", "standing", 18, 18)


@pytest.mark.parametrize(
    "path",
    [
        f"{QUAY}/stoppage/history",
        QUAY,
        "/v1/beliefs",
        "/v1/stories/harbour-strike/beliefs",
        "/v1/stories/harbour-strike/timeline",
        "/v1/stories/harbour-strike/diff?from=16&to=20",
    ],
)
def test_it_answers_what_judging_under_its_terms_answers(port: Desk, path: str) -> None:
    path = f"{path}{'&' if '?' in path else '?'}valid_at={LATE}"
    asked = port.ask(f"{path}&projection=no-union")
    judged = port.ask(f"{path}&policy=strict/1&without=dockers-union")
    assert asked.headers["Ledger-Projection"] == "no-union"
    assert asked.headers["Cache-Control"] == "no-cache"
    assert {name: told for name, told in asked.json().items() if name != "projection"} == judged.json()


def test_one_belief_says_which_projection_it_is_of(port: Desk) -> None:
    asked = port.ask(f"{QUAY}/stoppage?valid_at={LATE}&projection=no-union").json()
    judged = port.ask(f"{QUAY}/stoppage?valid_at={LATE}&policy=strict/1&without=dockers-union").json()
    assert asked == {**judged, "projection": "no-union"}
    assert (asked["policy"], asked["without"]) == ("strict/1", ["dockers-union"])


def test_a_map_can_be_drawn_of_it(port: Desk) -> None:
    path = f"/v1/beliefs?valid_at={LATE}&projection=no-union"
    drawn = port.ask(path, {"Accept": "application/geo+json"}).json()
    assert drawn["projection"] == "no-union"
    assert len(drawn["features"]) == len(port.ask(path).json()["beliefs"]) > 0


def test_it_stands_where_it_was_built_to(port: Desk) -> None:
    stands = port.ask(f"{QUAY}/stoppage?valid_at={LATE}&projection=early")
    assert stands.headers["Ledger-Position"] == "18"
    before = port.ask(f"{QUAY}/stoppage?valid_at={LATE}&as_of=18").json()
    assert {**before, "projection": "early"} == stands.json()
    earlier = port.ask(f"{QUAY}/stoppage?valid_at={LATE}&projection=early&as_of=17")
    assert earlier.headers["Ledger-Position"] == "17"


def test_what_it_brings_along_or_cannot_know_is_refused_with_the_reason(port: Desk) -> None:
    asked = f"{QUAY}/stoppage?projection=early&"
    assert wrong(port.ask(f"{asked}policy=desk/1&without=coast-wire")) == {
        ("policy", "the projection 'early' is judged by desk/1 and brings that along"),
        ("without", "the projection 'early' leaves out nobody and brings that along"),
    }
    assert wrong(port.ask(f"{asked}as_of=19")) == {
        ("as_of", "the projection 'early' stands at position 18 and knows of nothing behind it")
    }
    assert wrong(port.ask(f"{QUAY}/stoppage?projection=late")) == {
        ("projection", "no projection with beliefs is called 'late'")
    }
    assert wrong(port.ask("/v1/stories/harbour-strike/diff?from=16&to=20&projection=early")) == {
        ("to", "the projection 'early' stands at position 18 and knows of nothing behind it")
    }


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        ({"as": "x", "policy": "nobody/1"}, {"/policy"}),
        ({"as": "x", "without": ["coast-wire", "nobody"]}, {"/without/1"}),
        ({"as": "x", "without": ["coast-wire", "coast-wire"]}, {"/without/1"}),
        ({"as": "x", "upto": 10_000}, {"/upto"}),
        ({"as": "claims"}, {"/as"}),
        ({"as": "retired_picture"}, {"/as"}),
        ({"as": "No Slug", "workers": 0}, {"/as", "/workers"}),
        ({"as": "x", "compare": True}, {"/compare"}),
        ({"policy": "strict/1", "upto": 3}, {"/policy", "/upto"}),
    ],
)
def test_terms_that_cannot_be_are_refused_where_they_stand(port: Desk, terms: dict[str, Any], where: set[str]) -> None:
    refused = port.send("/v1/projections/picture/replays", terms)
    assert refused.status_code == 422
    assert {pointer for pointer, _ in wrong(refused)} == where


def test_facts_have_no_what_ifs(port: Desk) -> None:
    refused = port.send("/v1/projections/claims/replays", {"as": "x"})
    assert wrong(refused) == {("/as", "'claims' keeps facts, which no policy changes")}


def test_a_name_that_is_taken_is_refused_and_says_by_what(port: Desk) -> None:
    refused = port.send("/v1/projections/picture/replays", {"as": "early", "policy": "strict/1"})
    assert refused.status_code == 409
    assert wrong(refused) == {
        ("/as", "'early' is a what-if under desk/1, up to position 18; drop it, or take another name")
    }


def test_two_pictures_are_compared_with_why_they_differ(port: Desk) -> None:
    path = "/v1/compare?projection=picture&projection=no-union&valid_at=2024-11-03T12:00:00Z"
    compared = port.ask(path).json()
    judged = port.ask("/v1/compare?policy=desk/1&projection=no-union&valid_at=2024-11-03T12:00:00Z").json()
    assert [name for name, told in compared.items() if told != judged[name]] == ["first"]
    assert (compared["whole"], compared["judged"]) == (True, None)
    assert compared["second"] == {
        "projection": "no-union",
        "policy": "strict/1",
        "without": ["dockers-union"],
        "position": port.head,
    }
    (ballot,) = compared["differences"]
    assert ballot["question"] == {"location": "north-quay", "aspect": "ballot", "subject": "night-shift"}
    assert [ballot[side]["agreement"] for side in SIDES] == ["uncontested", "unreported"]
    assert [group["sources"] for group in ballot["first"]["heard"]] == [["dockers-union"]]
    assert (len(ballot["first"]["counts_alone"]), ballot["second"]["heard"]) == (1, [])
    assert (
        sum(many for row in compared["counts"]["agreement"].values() for many in row.values())
        == (compared["questions"])
    )


def test_one_that_goes_up_to_a_position_is_compared_as_of_it_with_the_others_as_of_now(port: Desk) -> None:
    now = port.ask(f"/v1/compare?projection=early&projection=picture&valid_at={LATE}").json()
    assert [now[side]["position"] for side in SIDES] == [18, port.head]
    assert now["differing"] > 0
    then = port.ask(f"/v1/compare?projection=early&projection=picture&valid_at={LATE}&as_of=18").json()
    assert ([then[side]["position"] for side in SIDES], then["differing"]) == ([18, 18], 0)


def test_only_two_can_be_compared(port: Desk) -> None:
    refused = port.ask("/v1/compare?policy=desk/1&projection=early&projection=no-union")
    assert wrong(refused) == {("policy", "3 policies and projections are named")}


def test_it_is_dropped_and_its_name_free_again(port: Desk) -> None:
    made(port, {"as": "gone", "policy": "latest/1"})
    assert port.client.delete("/v1/projections/gone").json() == {"dropped": "gone"}
    assert port.ask("/v1/projections/gone").status_code == 404
    assert port.client.delete("/v1/projections/gone").status_code == 404
    assert wrong(port.ask(f"{QUAY}?projection=gone")) != set()
    assert made(port, {"as": "gone", "policy": "majority/1"})["what_if"]["policy"] == "majority/1"


def test_a_view_in_use_cannot_be_dropped(port: Desk) -> None:
    refused = port.client.delete("/v1/projections/picture")
    assert refused.status_code == 409
    assert wrong(refused) == {("", "'picture' is in use, and answers are read from it")}
    assert port.ask(QUAY).status_code == 200


def test_what_is_recorded_later_moves_the_picture_in_use_and_no_other(desk: Desk) -> None:
    desk.load()
    made(desk, {"as": "still"})
    before = desk.ask("/v1/beliefs?valid_at=2024-11-09&projection=still").json()
    said = next(line for line in WORLD if str(line.get("id", "")).endswith("5"))
    later = {**said, "id": "0192f0c4-7a00-7000-8000-000000000099", "valid": {"edtf": "2024-11-09"}, "value": "on"}
    assert desk.load([later])[-1]["refused"] == 0
    assert desk.ask("/v1/beliefs?valid_at=2024-11-09&projection=still").json() == before
    now = desk.ask("/v1/beliefs?valid_at=2024-11-09").json()
    assert now["beliefs"] != before["beliefs"]
