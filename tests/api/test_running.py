"""The service as a process sees it: over a real socket, with probes, numbers, pages and an end."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest
import uvicorn

from api import pages
from api.examples import WORLD
from api.serve import server_of
from support.service import OPEN, Desk

CLOSING = "POST {} HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: {}"


class Served:
    """A desk behind a real socket."""

    def __init__(self, desk: Desk, server: uvicorn.Server, address: tuple[str, int]) -> None:
        self.desk = desk
        self.server = server
        self.address = address

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    """An empty ledger that is served on a port of this machine."""
    server = server_of(desk.newsroom, OPEN, "127.0.0.1", 0)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(desk, server, listening.getsockname())
        server.should_exit = True
        running.join()


def raw(served: Served, head: str, *bodies: bytes) -> bytes:
    """Send bytes as they are, and return what comes back until the service closes."""
    with socket.create_connection(served.address, timeout=120) as line:
        line.sendall(head.replace("\n", "\r\n").encode())
        for body in bodies:
            line.sendall(body)
        received = b""
        while more := line.recv(65536):
            received += more
        return received


def test_a_body_that_is_too_long_is_answered_although_the_caller_is_still_sending(served: Served) -> None:
    head = f"{CLOSING.format('/v1/claims', 'application/json')}\nContent-Length: 10000000\n\n"
    answer = raw(served, head, b"x" * 10_000_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_an_import_is_reported_on_while_it_comes_in(served: Served) -> None:
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in WORLD)
    head = f"{CLOSING.format('/v1/imports', 'application/x-ndjson')}\nTransfer-Encoding: chunked\n\n"
    bodies = [b"%x\r\n%s\r\n" % (len(lines), lines), b"0\r\n\r\n"]
    answer = raw(served, head, *bodies)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"accepted":%d' % len(WORLD) in answer
    assert served.desk.head == len(WORLD)


@pytest.mark.slow
def test_an_import_of_any_size_does_not_wait_for_a_caller_who_sends_before_it_reads(served: Served) -> None:
    lines = b'{"type": "lean", "source": "nobody-at-all", "towards": "nobody"}\n' * 30_000
    answer = httpx2.post(
        f"{served.url}/v1/imports", content=lines, headers={"Content-Type": "application/x-ndjson"}, timeout=120
    )
    report = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["line"] for row in report[:-1]] == list(range(1, 30_001))
    assert report[-1]["refused"] == 30_000


def test_a_caller_who_goes_away_in_the_middle_leaves_what_was_recorded(served: Served) -> None:
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in WORLD)
    head = "POST /v1/imports HTTP/1.1\nHost: localhost\nContent-Type: application/x-ndjson\nContent-Length: 1000000\n\n"
    with socket.create_connection(served.address) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + lines)
    assert served.desk.load_bytes(lines)[-1]["refused"] == 0
    assert served.desk.head == len(WORLD)
    assert httpx2.get(f"{served.url}/healthz", timeout=120).status_code == 200


def next_event(stream: Iterator[str]) -> dict[str, str]:
    """The next server-sent event; comments are passed over."""
    event: dict[str, str] = {}
    for line in stream:
        name, _, value = line.partition(": ")
        event |= {name: value} if name in ("id", "event", "data") else {}
        if not line and event:
            return event
    raise AssertionError("the stream ended")


def test_events_go_on_live_and_are_taken_up_where_they_broke_off(served: Served) -> None:
    served.desk.load(WORLD[:2])
    accept = {"Accept": "text/event-stream"}
    with httpx2.stream("GET", f"{served.url}/v1/events?after=1", headers=accept, timeout=120) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        stream = answer.iter_lines()
        assert next_event(stream)["id"] == "2"
        served.desk.load(WORLD[:3])
        live = next_event(stream)
        assert (live["id"], live["event"]) == ("3", "source-registered.v1")
        assert json.loads(live["data"])["event"]["slug"] == "coast-wire"
    resumed = {**accept, "Last-Event-ID": "2"}
    with httpx2.stream("GET", f"{served.url}/v1/events", headers=resumed, timeout=120) as answer:
        assert next_event(answer.iter_lines())["id"] == "3"


def test_only_events_of_the_wanted_kinds_go_on_live(served: Served) -> None:
    url = f"{served.url}/v1/events?types=lean-declared.v1"
    with httpx2.stream("GET", url, headers={"Accept": "text/event-stream"}, timeout=120) as answer:
        stream = answer.iter_lines()
        served.desk.load()
        assert next_event(stream)["event"] == "lean-declared.v1"


def test_head_does_not_hang_on_a_stream(served: Served) -> None:
    answer = httpx2.head(f"{served.url}/v1/events", headers={"Accept": "text/event-stream"}, timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/v1/events", "/v1/alerts"])
def test_those_who_listen_are_let_go_when_it_ends(served: Served, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with httpx2.stream("GET", f"{served.url}{path}", headers={"Accept": "text/event-stream"}, timeout=120) as answer:
        stream = answer.iter_lines()
        assert next(stream)
        served.server.should_exit = True
        # To the very end of the answer: one that was cut off raises.
        list(stream)
    assert "exceeded" not in caplog.text


def test_probes_say_whether_it_lives_and_can_answer(harbour: Desk) -> None:
    assert harbour.client.get("/healthz").json() == {"status": "ok"}
    assert harbour.client.get("/readyz").json() == {"status": "ready", "stopped": [], "behind": []}


def test_numbers_tell_calls_and_lags(harbour: Desk) -> None:
    harbour.client.get("/v1/sources/coast-wire")
    text = harbour.client.get("/metrics").text
    assert f"onrecord_ledger_head {float(harbour.head)}" in text
    assert 'onrecord_projection_lag{projection="claims"}' in text
    assert 'onrecord_projection_position{projection="claims"}' in text
    assert re.search(r'onrecord_requests_total\{method="GET",operation="get_source",status="200"\} \d', text)


def test_what_somebody_searches_for_is_not_logged(harbour: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "onrecord.access")
    harbour.client.get("/v1/claims?q=whistleblower", headers={"X-Request-ID": "search-1"})
    logged = [one.getMessage() for one in caplog.records if one.name == "onrecord.access"]
    assert [line for line in logged if line.endswith("search-1")][0].startswith("GET /v1/claims 200 ")
    assert "whistleblower" not in "".join(logged)


def test_a_replay_is_started_and_followed(harbour: Desk) -> None:
    started = harbour.client.post("/v1/projections/editions/replays")
    assert (started.status_code, started.headers["Location"]) == (202, "/v1/projections/editions")
    give_up = time.monotonic() + 120
    while (replay := harbour.client.get("/v1/projections/editions").json()["replay"])["state"] == "running":
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert (replay["state"], replay["position"]) == ("switched", harbour.head)


def test_a_replay_is_watched_to_its_end(harbour: Desk) -> None:
    harbour.client.post("/v1/projections/stories/replays", json={"compare": True})
    with harbour.client.stream("GET", "/v1/projections/stories", headers={"Accept": "text/event-stream"}) as answer:
        lines = list(answer.iter_lines())
    assert lines.count("event: switched") == 1
    last = json.loads([line for line in lines if line.startswith("data: ")][-1].removeprefix("data: "))
    assert (last["share"], last["comparison"]["differing"]) == (1.0, 0)


def test_where_nothing_is_replayed_the_stream_ends_at_once(harbour: Desk) -> None:
    answer = harbour.client.get("/v1/projections/registry", headers={"Accept": "text/event-stream"})
    assert answer.text.splitlines()[0] == "event: none"


def test_the_version_before_is_dropped_on_request(harbour: Desk) -> None:
    harbour.client.post("/v1/projections/stances/replays")
    with harbour.client.stream("GET", "/v1/projections/stances", headers={"Accept": "text/event-stream"}) as answer:
        assert "event: switched" in list(answer.iter_lines())
    assert "retired_stances" in harbour.client.get("/v1/projections").text
    assert harbour.client.delete("/v1/projections/stances/retired").status_code == 200
    assert "retired_stances" not in harbour.client.get("/v1/projections").text


def test_what_is_asked_of_a_replay_is_checked(harbour: Desk) -> None:
    refused = harbour.client.post("/v1/projections/stances/replays", json={"workers": 0})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/workers")


@pytest.mark.parametrize("path", ["/problems/not-found", "/docs"])
def test_a_page_needs_no_script_and_nothing_from_elsewhere(harbour: Desk, path: str) -> None:
    page = harbour.client.get(path)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"] == pages.POLICY
    assert "<script" not in page.text
    assert "http" not in page.text


def test_the_page_of_calls_names_every_call(harbour: Desk) -> None:
    text = harbour.client.get("/docs").text
    document = harbour.client.get("/openapi.json").json()
    missing = [f"{path}" for path in document["paths"] if path not in text]
    assert missing == []
