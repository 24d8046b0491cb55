"""The Aleppo story, recorded and asked over HTTP, comes to what its readers expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.times import read_instant
from services.bootstrap import open_newsroom
from services.story import lines
from support.database import Cluster, fresh_database
from support.expectations import EXPECTED, NOW, Case, differences, expectations, names, told
from support.service import HERE, OPEN

LEDGERS = list(dict.fromkeys(case.recorded for case in expectations()))
EVENING = {"valid_at": NOW}


@dataclass(frozen=True)
class World:
    """A service that has recorded certain lines, and the cases that are asked of just these."""

    client: TestClient
    cases: tuple[Case, ...]
    head: int

    def get(self, path: str, **query: str | int | list[str]) -> dict[str, Any]:
        answer = self.client.get(path, params=query, headers={"Ledger-Position": str(self.head)})
        assert answer.status_code == 200, answer.text
        assert int(answer.headers["Ledger-Position"]) == int(str(query.get("as_of", self.head)))
        return answer.json()

    def belief(self, case: Case) -> dict[str, Any]:
        question = case.question
        path = "/".join(part for part in (question["aspect"], question.get("subject")) if part)
        return self.get(f"/v1/locations/{question['location']}/beliefs/{path}", **as_query(case))


def as_query(case: Case) -> dict[str, str | list[str]]:
    given: dict[str, str | list[str]] = {"policy": case.policy, "without": list(case.without)}
    return given if case.valid_at is None else {"valid_at": case.valid_at, "tz": case.tz, **given}


@contextmanager
def opened(cluster: Cluster, recorded: tuple[bytes, ...]) -> Iterator[World]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses, now=lambda: read_instant(NOW)) as newsroom:
        client = TestClient(create_app(newsroom, OPEN), HERE)
        answer = client.post(
            "/v1/imports", content=b"\n".join(recorded), headers={"Content-Type": "application/x-ndjson"}
        )
        report = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.status_code == 200, answer.text
        assert report[-1] == {
            "report": "done",
            "lines": len(recorded),
            "accepted": len(recorded),
            "duplicates": 0,
            "refused": 0,
            "position": len(recorded),
        }
        yield World(client, tuple(case for case in expectations() if case.recorded == recorded), len(recorded))


@pytest.fixture(scope="module", params=LEDGERS, ids=lambda recorded: f"{len(recorded)} lines")
def world(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[World]:
    with opened(cluster, request.param) as opened_world:
        yield opened_world


@pytest.fixture(scope="module")
def whole(cluster: Cluster) -> Iterator[World]:
    with opened(cluster, told()) as opened_world:
        yield opened_world


def test_every_belief_over_http_is_the_expected_one(world: World) -> None:
    wrong = {case.name: differences(case.asserted, world.belief(case), names()) for case in world.cases}
    assert {name: said for name, said in wrong.items() if said} == {}


@pytest.mark.parametrize("expected", EXPECTED["stances"], ids=lambda one: one["source"])
def test_a_source_says_over_http_what_it_is_expected_to_say(whole: World, expected: dict[str, Any]) -> None:
    came = whole.get(f"/v1/sources/{expected['source']}/stances", valid_at=expected["valid_at"])
    fields = ("question", "polarity", "value", "claim", "implied")
    shown = [{field: names().get(str(stance[field]), stance[field]) for field in fields} for stance in came["stances"]]
    assert shown == expected["stances"]


@pytest.mark.parametrize("expected", EXPECTED["timeline_in_article_order"], ids=lambda one: one["question"]["location"])
def test_the_story_tells_over_http_which_claim_changed_what(whole: World, expected: dict[str, Any]) -> None:
    timeline = whole.get("/v1/stories/aleppo/timeline", valid_at=expected["valid_at"])["changes"]
    came = [
        {"cause": names()[row["cause"]["claim"]], **{field: row["after"][field] for field in ("agreement", "strength")}}
        for row in timeline
        if row["question"] == expected["question"]
    ]
    asserted = [{field: one[field] for field in ("cause", "agreement", "strength")} for one in expected["transitions"]]
    assert came == asserted


@pytest.mark.parametrize(
    "expected", EXPECTED["intervals"], ids=lambda one: f"{one['claim']} {one['question']['aspect']}"
)
def test_a_claim_tells_over_http_how_its_times_are_read(whole: World, expected: dict[str, Any]) -> None:
    claim = next(claim for claim, name in names().items() if name == expected["claim"])
    intervals = whole.get(f"/v1/claims/{claim}")["intervals"]
    found = next(one for one in intervals if one["aspect"] == expected["question"]["aspect"])
    assert (found["from"], found["to"]) == (expected["from"], expected["to"])


def test_what_was_known_of_the_evening_stays_what_it_was(cluster: Cluster) -> None:
    question, cut = "/v1/locations/minian/beliefs/control", {"as_of": str(len(told())), "valid_at": NOW}
    with opened(cluster, told()) as before, opened(cluster, (*told(), *lines("later"))) as after:
        assert after.get(question, **cut)["digest"] == before.get(question, **cut)["digest"]
