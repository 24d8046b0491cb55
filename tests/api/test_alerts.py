"""What has changed is read page by page and live, from where the reader left off; rules and webhooks are settings."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from api.routes.alerts import live
from services.store.embedded import Addresses
from support.database import Cluster, fresh_database
from support.receiving import receiving
from support.service import Desk, open_desk


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Desk]:
    """The ledger of the examples with its alerts, all of which were found by a service that runs."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened, opened.newsroom.watch.kept():
        until(lambda: opened.newsroom.watch.alerts.counted()[0] == 0)
        assert opened.load()[-1]["refused"] == 0
        until(lambda: opened.newsroom.watch.alerts.counted()[0] == opened.head)
        yield opened


def until(happened: Any, patience: float = 300.0) -> None:  # noqa: ANN401 (any question)
    give_up = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def alerts(desk: Desk, path: str = "/v1/alerts", **parameters: str | int) -> list[dict[str, Any]]:
    answer = desk.client.get(path, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer.json()["alerts"]


def test_pages_go_on_behind_each_other(told: Desk) -> None:
    everything = alerts(told)
    assert [one["number"] for one in everything] == list(range(1, len(everything) + 1))
    found: list[dict[str, Any]] = []
    address = "/v1/alerts?limit=2"
    while address:
        answer = told.client.get(address)
        found += answer.json()["alerts"]
        address = answer.links.get("next", {}).get("url", "")
    assert found == everything
    assert alerts(told, after=everything[1]["number"]) == everything[2:]
    assert {one["kind"] for one in everything} == {"belief-changed"}
    assert told.client.get("/v1/alerts?after=nonsense").status_code == 422


def test_alerts_are_chosen_by_a_rule_or_on_the_spot(told: Desk) -> None:
    quay = alerts(told, location="harbour", aspect="stoppage")
    assert {one["question"]["aspect"] for one in quay} == {"stoppage"}
    disputed = alerts(told, agreement="contested")
    assert all("contested" in (one["before"]["agreement"], one["after"]["agreement"]) for one in disputed)
    rule = {"location": "north-quay", "agreement": "contested", "crossed": "reached"}
    made = told.put("/v1/alert-rules/disputed", rule)
    assert (made.status_code, told.put("/v1/alert-rules/disputed", rule).status_code) == (201, 200)
    by_rule = alerts(told, rule="disputed")
    assert [one["after"]["agreement"] for one in by_rule] == ["contested"] * len(by_rule)
    assert len(by_rule) > 0
    assert told.client.get("/v1/alerts?rule=nobody").status_code == 404
    assert told.put("/v1/alert-rules/wrong", {"strength": "S9"}).json()["errors"][0]["pointer"] == "/strength"


def test_a_stream_goes_on_behind_the_last_number(told: Desk) -> None:
    everything = alerts(told)

    async def listen(after: int, many: int) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        async for event in live(told.newsroom, after, ([], [])):
            lines = [line.partition(": ") for line in event.decode().splitlines()]
            fields = {name: text for name, _, text in lines if name}
            if "id" in fields:
                found.append(fields)
            if len(found) == many:
                break
        return found

    first = anyio.run(listen, 0, 2)
    assert [json.loads(one["data"]) for one in first] == everything[:2]
    assert first[0]["event"] == everything[0]["kind"]
    rest = anyio.run(listen, int(first[-1]["id"]), len(everything) - 2)
    assert [json.loads(one["data"]) for one in rest] == everything[2:]


def test_what_is_recorded_reaches_a_webhook(addresses: Addresses) -> None:
    with open_desk(addresses) as desk, receiving() as receiver, desk.newsroom.watch.kept():
        made = desk.put("/v1/webhooks/desk", {"url": receiver.url})
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        assert made.json()["secret"].startswith("whsec_")
        assert "secret" not in desk.put("/v1/webhooks/desk", {"url": receiver.url}).json()
        until(lambda: desk.newsroom.watch.alerts.counted()[0] == 0)
        desk.load()
        until(lambda: desk.newsroom.watch.alerts.counted()[0] == desk.head)
        known = [one["id"] for one in alerts(desk)]
        until(lambda: receiver.ids == known)
        numbers = desk.client.get("/metrics").text
        assert f"onrecord_alerts {len(known)}.0" in numbers
        assert "onrecord_alerts_lag 0.0" in numbers
        # Of all together: a reader may see the numbers, and not whom the desk tells.
        assert ("onrecord_deliveries_dead 0.0" in numbers, "webhook=" in numbers) == (True, False)
        page = desk.client.get("/v1/webhooks/desk/deliveries?state=delivered&limit=1")
        assert (page.json()["deliveries"][0]["alert"], "next" in page.links) == (known[0], True)
        assert desk.client.delete("/v1/webhooks/desk").json() == {"dropped": "desk"}
        assert desk.client.get("/v1/webhooks/desk").status_code == 404


def test_what_cannot_be_a_webhook_is_refused(told: Desk) -> None:
    answer = told.put("/v1/webhooks/odd", {"url": "ftp://here", "rules": ["nobody"]})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/url", "/rules/0"]
    hook = {"name": "twice", "url": "https://desk.invalid/"}
    made = told.send("/v1/webhooks", hook)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/webhooks/twice")
    assert (made.json()["secret"][:6], told.send("/v1/webhooks", hook).status_code) == ("whsec_", 409)
    told.put("/v1/alert-rules/used", {})
    told.put("/v1/webhooks/user", {"url": "https://desk.invalid/", "rules": ["used"]})
    assert told.client.delete("/v1/alert-rules/used").status_code == 409
