"""A collector hears what took how long and in which call, and not a word of what anybody said or asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.examples import WORLD
from services import traces
from services.access.gate import Gate
from services.access.keys import NewKey
from services.traces import sends_traces, traced
from support.collecting import Collected, collecting
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

CANARY = "kanarienvogel"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
CLAIM: dict[str, Any] = next(dict(line) for line in WORLD if "statement" in line)
SOURCE = next(line for line in WORLD if line.get("type") == "source")


class Heard:
    """What was answered, what a collector heard of it, and what was logged."""

    def __init__(self) -> None:
        self.key = ""
        self.collected = Collected()
        self.answers: dict[str, Any] = {}
        self.logged: list[dict[str, Any]] = []

    def span(self, name: str) -> Span:
        """The first of this name."""
        return next(iter(self.collected.named(name)))

    def all_said(self) -> bytes:
        return b"".join(self.collected.bodies)


@pytest.fixture(scope="module")
def heard(cluster: Cluster) -> Iterator[Heard]:
    """Calls that end well and badly, all with the canary in what they say, ask or are called by."""
    found = Heard()
    with pytest.MonkeyPatch.context() as patch, collecting() as found.collected, fresh_database(cluster) as fresh:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.collected.url)
        with traced(), open_desk(fresh) as opened:
            desk = Desk(opened.newsroom, Gate(opened.newsroom.keys))
            found.key = str(desk.newsroom.keys.make(NewKey(name=CANARY, role="admin"), "a test")["key"])
            listening = logging.Handler()
            listening.emit = lambda record: found.logged.append(getattr(record, "request", {}))
            logging.getLogger("onrecord.access").addHandler(listening)
            logging.getLogger("onrecord.access").setLevel(logging.INFO)
            desk.client.headers["Authorization"] = f"Bearer {found.key}"
            desk.load()
            call_all(desk, found.answers)
            desk.newsroom.projector.caught_up_to(desk.head, 60)
            logging.getLogger("onrecord.access").removeHandler(listening)
        yield found


def call_all(desk: Desk, answers: dict[str, Any]) -> None:
    source = {name: value for name, value in SOURCE.items() if name not in ("type", "slug")}
    claim = {name: value for name, value in CLAIM.items() if name not in ("type", "id", "key")}
    said = {**claim, "statement": f"The {CANARY} sings.", "chain": [{**CLAIM["chain"][0], "source": CANARY}]}
    answers["source"] = desk.put(f"/v1/sources/{CANARY}", {**source, "name": CANARY})
    answers["claim"] = desk.send("/v1/claims", said, {"traceparent": PARENT, "Idempotency-Key": CANARY})
    answers["refused"] = desk.send("/v1/claims", {**said, CANARY: CANARY})
    answers["found"] = desk.ask("/v1/claims", q=CANARY)
    answers["none"] = desk.ask(f"/v1/sources/{CANARY}-not")
    answers["nothing"] = desk.ask(f"/{CANARY}")
    answers["belief"] = desk.ask(f"/v1/locations/{CLAIM['question']['location']}/beliefs", without=CANARY)
    answers["method"] = desk.client.request(CANARY.upper(), "/v1/claims")
    room, error = desk.newsroom.stories, RuntimeError(CANARY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(room), "stories", lambda *_, **__: (_ for _ in ()).throw(error))
        answers["failed"] = desk.ask("/v1/stories")


def told(span: Span) -> dict[str, object]:
    values = {one.key: one.value for one in span.attributes}
    return {name: getattr(value, str(value.WhichOneof("value"))) for name, value in values.items()}


def test_what_is_heard_comes_from_us_by_the_standard_way(heard: Heard) -> None:
    assert (heard.collected.paths, heard.collected.services) == ({"/v1/traces"}, {"onrecord"})


def test_no_word_of_anybody_is_heard_and_no_key(heard: Heard) -> None:
    statuses = {name: answer.status_code for name, answer in heard.answers.items()}
    assert statuses == {
        "source": 201,
        "claim": 201,
        "refused": 422,
        "found": 200,
        "none": 404,
        "nothing": 404,
        "belief": 200,
        "method": 405,
        "failed": 500,
    }
    assert heard.answers["found"].json()["claims"]
    said = heard.all_said().lower()
    assert CANARY.encode() not in said
    assert heard.key.lower().encode() not in said
    assert {event.name for span in heard.collected.spans for event in span.events} == set()


def test_a_call_is_part_of_its_callers_trace_and_tells_its_own_step(heard: Heard) -> None:
    answer = heard.answers["claim"]
    (call,) = [
        one for one in heard.collected.spans if one.trace_id.hex() == TRACE and one.kind == Span.SPAN_KIND_SERVER
    ]
    assert (call.name, call.parent_span_id.hex()) == ("POST /v1/claims", "00f067aa0ba902b7")
    assert answer.headers["traceparent"] == f"00-{TRACE}-{call.span_id.hex()}-01"
    assert told(call) == {
        "http.request.method": "POST",
        "http.route": "/v1/claims",
        "http.response.status_code": 201,
        "onrecord.operation": "record_claim",
        "onrecord.request": answer.headers["X-Request-ID"],
        "onrecord.position": int(answer.headers["Ledger-Position"]),
    }


def test_the_log_names_the_trace_of_each_call(heard: Heard) -> None:
    calls = [one for one in heard.collected.spans if one.kind == Span.SPAN_KIND_SERVER]
    assert {(one["request"], one["trace"]) for one in heard.logged} == {
        (told(call)["onrecord.request"], call.trace_id.hex()) for call in calls
    }


def test_recording_tells_how_long_it_waited_was_decided_and_committed(heard: Heard) -> None:
    (record,) = [one for one in heard.collected.named("record") if one.trace_id.hex() == TRACE]
    parts = heard.collected.below(record)
    assert [one.name for one in parts] == ["wait", "decide", "commit"]
    assert told(record) == {"onrecord.commands": 1, "onrecord.calls": 1}
    times = [parts[0].start_time_unix_nano, *(one.end_time_unix_nano for one in parts)]
    assert times == sorted(times)
    assert (record.start_time_unix_nano, record.end_time_unix_nano) == (times[0], times[-1])
    (call,) = [one for one in heard.collected.spans if one.span_id == record.parent_span_id]
    assert call.name == "POST /v1/claims"


def test_asking_tells_what_was_loaded_and_judged(heard: Heard) -> None:
    (call,) = heard.collected.named("GET /v1/locations/{location}/beliefs")
    assert {one.name for one in heard.collected.below(call)} >= {"load facts", "judge"}


def test_views_tell_each_batch_and_nothing_of_its_parts(heard: Heard) -> None:
    batches = heard.collected.named("fold")
    assert {told(one)["onrecord.view"] for one in batches} >= {"claims", "registry", "picture"}
    assert [below for one in batches for below in heard.collected.below(one)] == []


def test_what_failed_is_marked(heard: Heard) -> None:
    assert heard.span("GET /v1/stories").status.code == 2
    assert heard.span("POST /v1/claims").status.message == ""
    assert [one.status.code for one in heard.collected.named("GET /v1/sources/{source}")] == [0]
    assert [one.name for one in heard.collected.spans if one.name.startswith("OTHER")] == ["OTHER /v1/claims"]


def test_a_collector_that_is_away_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(traces, "LAST", 0.5)
    began = time.monotonic()
    with traced():
        assert traces.work("fold", {}, lambda: 7) == 7
    assert time.monotonic() - began < 3 * traces.LAST


@pytest.mark.parametrize(
    ("environment", "sends"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False),
    ],
)
def test_the_standard_variables_say_whether_anything_is_sent(environment: dict[str, str], sends: bool) -> None:
    assert sends_traces(environment) == sends


def test_where_nobody_collects_nothing_is_made() -> None:
    with traced({}):
        assert (traces.call(PARENT), traces.here()) == (None, None)
        assert traces.part("judge", questions=1) is traces.part("load facts")
