"""An operator is told how it goes, in numbers and in lines, and never what somebody said or asked."""

import asyncio
import json
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from api.examples import WORLD, _claim
from api.logs import JsonFormatter, WordlessFormatter, logging_of
from api.metrics import Metrics
from api.middleware import RequestIds
from domain.values import sha256_of
from services.errors import StoreUnavailable
from services.kept_open import KeptOpen
from services.tireless import Tireless, Work
from support.service import Desk

DEPLOY = Path(__file__).parents[2] / "deploy"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def numbers(desk: Desk) -> dict[str, float]:
    """Every sample that Prometheus would read, by its name and labels."""
    families = text_string_to_metric_families(desk.client.get("/metrics").text)
    return {
        ",".join([one.name, *map("=".join, sorted(one.labels.items()))]): one.value
        for family in families
        for one in family.samples
    }


def test_recording_is_measured_where_it_is_committed(desk: Desk) -> None:
    desk.load()
    desk.send("/v1/claims", _claim(40, "coast-wire", "on", "2024-11-05"))
    desk.send("/v1/claims", _claim(41, "nobody", "on", "2024-11-05"))
    found = numbers(desk)
    assert found["onrecord_events_recorded_total"] == found["onrecord_ledger_head"] == desk.head
    assert found["onrecord_append_seconds_count"] == found["onrecord_append_seconds_bucket,le=+Inf"] == 3
    assert found["onrecord_commit_group_size_sum"] == len(WORLD) + 2
    assert found["onrecord_commit_group_size_bucket,le=1.0"] == 2
    assert (found["onrecord_append_failures_total"], found["onrecord_append_waiting"]) == (0, 0)
    assert (
        found["onrecord_pool_connections_most,pool=recording"] >= found["onrecord_pool_connections_in_use,pool=asking"]
    )
    assert (found["onrecord_database_up"], found["onrecord_checkpoint_size"]) == (1, 0)


def by_kind(found: dict[str, float]) -> float:
    return sum(value for name, value in found.items() if name.startswith("onrecord_alerts_found_total"))


def once_alerts_are_found(desk: Desk) -> dict[str, float]:
    while numbers(desk).get("onrecord_alerts_lag") != 0:
        time.sleep(0.1)
    return numbers(desk)


def test_alerts_are_counted_by_kind_and_only_the_new_ones_again(desk: Desk) -> None:
    with desk.newsroom.watch.kept():
        desk.load()
        first = once_alerts_are_found(desk)
        claim = _claim(40, "port-company", "on", "2024-11-06", statement="The company concedes it.")
        assert desk.send("/v1/claims", claim).status_code == 201
        then = once_alerts_are_found(desk)
    assert 0 < by_kind(first) == first["onrecord_alerts"]
    assert by_kind(first) < by_kind(then) == then["onrecord_alerts"] == by_kind(numbers(desk))


def test_a_live_stream_is_counted_while_it_is_open() -> None:
    open_now = 0
    seen: list[int] = []

    class Streams:
        def inc(self) -> None:
            nonlocal open_now
            open_now += 1

        def dec(self) -> None:
            nonlocal open_now
            open_now -= 1

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        seen.append(open_now)
        raise ConnectionResetError

    async def nowhere(message: Message) -> None:
        pass

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    scope: Scope = {"type": "http", "method": "GET", "headers": []}
    ids = RequestIds(stream, lambda: "id", lambda *_: None, Streams())
    with pytest.raises(ConnectionResetError):
        asyncio.run(ids(scope, nothing, nowhere))
    assert (seen, open_now) == ([1], 0)


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """All that any part of the service logs at any level, as the service would write it."""
    written = StringIO()
    handlers = [logging.StreamHandler(written), logging.StreamHandler(written)]
    handlers[0].setFormatter(JsonFormatter())
    handlers[1].setFormatter(WordlessFormatter(logging_of("text")["formatters"]["text"]["format"]))
    ours = [logging.getLogger(name) for name in ("", "onrecord", "onrecord.access", "services", "api", "uvicorn")]
    levels = [one.level for one in ours]
    for handler in handlers:
        # The client of the test runs in the same process, and tells what it asks.
        handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
        for one in ours:
            one.addHandler(handler)
            one.setLevel(1)
    yield written
    for one, level in zip(ours, levels, strict=True):
        one.setLevel(level)
        for handler in handlers:
            one.removeHandler(handler)


def requests_in(lines: StringIO) -> list[dict[str, object]]:
    told = [json.loads(line) for line in lines.getvalue().splitlines() if line.startswith("{")]
    return [one for one in told if one["logger"] == "onrecord.access"]


def test_what_goes_on_behind_a_desk_is_logged_under_its_name(lines: StringIO) -> None:
    def fails() -> bool:
        raise StoreUnavailable("it is away")

    @contextmanager
    def opened(name: str) -> Iterator[None]:
        work = Tireless(Work("views", fails, lambda: None, tried.set), 0.01)
        work.start()
        yield
        work.stop()

    tried = threading.Event()
    kept = KeptOpen("desk", lambda: ["leak"], opened)
    kept.start()
    assert tried.wait(10)
    kept.stop()
    told = [line for line in lines.getvalue().splitlines() if "views: waiting" in line]
    assert json.loads(told[0])["desk"] == "leak"
    assert "services.tireless [desk leak]: views: waiting" in told[1]


def test_no_word_that_was_said_or_asked_is_in_the_log_at_any_level(desk: Desk, lines: StringIO) -> None:
    desk.load()
    words = "the pilot whispers of sabotage"
    text = f"A letter, in which {words} and of nothing else."
    claim = _claim(40, "coast-wire", "on", "2024-11-05", statement=words)
    desk.load([{"type": "document", "sha256": sha256_of(text), "media_type": "text/plain", "text": text}])
    start = text.index(words)
    where = {"document": sha256_of(text), "start": start, "end": start + len(words)}
    quoted = {**claim, "quote": {**where, "exact": words}}
    assert desk.send("/v1/claims", quoted).status_code == 201
    assert desk.send("/v1/claims", {**claim, "statement": f"{words}!"}).status_code == 409
    assert desk.send("/v1/claims", {**quoted, "quote": {**where, "exact": "sabotage"}, "chain": 3}).status_code == 422
    assert desk.put("/v1/sources/pilot-x", {"kind": "outlet", "name": "Sabotage Weekly"}).status_code == 201
    assert desk.ask("/v1/sources/pilot-x").status_code == 200
    assert desk.client.get("/v1/sources/pilot-who-is-not-there").status_code == 404
    assert desk.client.get("/v1/claims", params={"q": "sabotage"}).status_code == 200
    assert desk.client.get("/v1/pilot?sabotage=1").status_code == 404
    assert desk.client.get("/v1/claims", params={"sabotage": "pilot"}).status_code == 422
    assert desk.load_bytes(b'{"type": "claim", "statement": "sabotage\n{"pilot": 1}\n')[-1]["refused"] == 2
    assert desk.client.post("/v1/claims", content=b'{"sabotage', headers={"X-Request-ID": "sabotage pilot"}).is_error
    desk.app.state.newsroom = None  # what nobody foresaw: an error with a trace
    assert desk.client.get("/v1/sources/pilot-x").status_code == 500
    found = lines.getvalue().lower()
    assert len(requests_in(lines)) >= 12
    assert [word for word in ("sabotage", "pilot", "whisper", "coast-wire", "letter") if word in found] == []


NOBODY_CATCHES = """
import asyncio, gc, logging, logging.config, sys, threading
from api.logs import log_what_nobody_catches, logging_of

logging.config.dictConfig(logging_of(sys.argv[1]))
log_what_nobody_catches()
words = "sabo" + "tage"

async def whisper(said):
    raise ValueError(said)

async def main():
    asyncio.get_running_loop().call_soon(int, words)
    lost = asyncio.ensure_future(whisper(words))
    await asyncio.sleep(0.01)
    del lost

class Cleared:
    def __del__(self):
        raise ValueError(words)

asyncio.run(main())
gc.collect()
threading.Thread(target=int, args=(words,)).start()
Cleared()
logging.getLogger("somebody.else").error("it is so", exc_info=ValueError(words))
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_nor_is_any_word_where_nobody_catches_an_error(form: str) -> None:
    ran = subprocess.run([sys.executable, "-c", NOBODY_CATCHES, form], capture_output=True, text=True, check=True)
    told = ran.stdout + ran.stderr
    assert told.count("ValueError") == told.count("ERROR" if form == "text" else '"level": "error"') == 5
    assert "sabotage" not in told


def test_a_line_says_who_asked_for_what_kind_of_thing_and_how_it_went(harbour: Desk, lines: StringIO) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    answer = harbour.ask("/v1/sources/coast-wire", {"traceparent": parent, "X-Request-ID": "desk-7"})
    told = requests_in(lines)[-1]
    assert {name: told[name] for name in ("request", "trace", "method", "route", "status", "position")} == {
        "request": "desk-7",
        "trace": TRACE,
        "method": "GET",
        "route": "/v1/sources/{source}",
        "status": 200,
        "position": harbour.head,
    }
    assert isinstance(told["seconds"], float)
    assert answer.headers["X-Request-ID"] == "desk-7"
    assert re.fullmatch(rf"00-{TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{{16}}-01", answer.headers["traceparent"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        ({"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"}, r"[0-9a-f]{32}"),
        ({"X-Request-ID": "two words"}, r"[0-9a-f]{32}"),
        ({}, r"[0-9a-f]{32}"),
    ],
)
def test_a_request_has_the_id_of_its_trace_or_a_new_one(harbour: Desk, given: dict[str, str], expected: str) -> None:
    assert re.fullmatch(expected, harbour.client.get("/healthz", headers=given).headers["X-Request-ID"])


def exported(harbour: Desk) -> set[str]:
    """The names of all that `/metrics` can have."""
    metrics = Metrics(harbour.newsroom)
    metrics.tell_desks(lambda: (0, 0))
    text = metrics.text().decode()
    kinds = dict(re.findall(r"# TYPE (\S+) (\w+)", text))
    inner = {
        f"{name}_{part}" for name, kind in kinds.items() if kind == "histogram" for part in ("bucket", "sum", "count")
    }
    # Those of a process that only asks, and of a desk that follows another.
    elsewhere = re.findall(r'"(onrecord_(?:replica|follow)\w+)"', (DEPLOY.parent / "api" / "metrics.py").read_text())
    return {*kinds, *inner, *elsewhere}


def asked_for(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:onrecord|process)_\w+", expression))


def test_the_dashboard_and_the_alerts_ask_for_nothing_that_there_is_not(harbour: Desk) -> None:
    board = json.loads((DEPLOY / "dashboard.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    asked = [asked_for(expression) for expression in [*shown, *(rule["expr"] for rule in rules)]]
    assert all(asked)
    assert set().union(*asked) - exported(harbour) == set()
    assert all(rule["annotations"]["runbook"] in (DEPLOY / "README.md").read_text() for rule in rules)


def test_every_number_is_explained_to_the_operator(harbour: Desk) -> None:
    ours = {name for name in exported(harbour) if name.startswith("onrecord_")}
    told = (DEPLOY / "README.md").read_text()
    explained = {name for name in ours if re.search(rf"`{re.sub('_(bucket|sum|count|created)$', '', name)}", told)}
    assert ours - explained == set()
