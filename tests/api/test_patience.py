"""Who sends a byte now and then, or does not read, keeps a connection for so long and no longer."""

from __future__ import annotations

import json
import socket
import time
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import httpx2
import pytest

from support.database import Cluster, fresh_database
from support.serving import Served, serving

MEGABYTE = 1024 * 1024
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/%b HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\nContent-Length: 1000\r\n\r\n"
SOON = 10.0
"""Seconds within which a busy machine surely does what is due after half a one."""


@pytest.fixture(scope="module")
def served(cluster: Cluster) -> Iterator[Served]:
    with fresh_database(cluster) as fresh, serving(fresh) as running:
        yield running


@pytest.fixture
def hurried(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A service that has no time."""
    for name in ("HEAD_WITHIN", "BODY_WITHIN", "TAKEN_WITHIN"):
        monkeypatch.setattr(f"api.patience.{name}", 0.5)
    return served


def line_to(served: Served) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])))
    line.settimeout(SOON)
    return line


def all_of(line: socket.socket) -> bytes:
    """What comes until the line is closed, which it has to be."""
    heard = bytearray()
    while part := line.recv(65536):
        heard += part
    return bytes(heard)


def problem(heard: bytes) -> tuple[int, str]:
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body)["type"]


def test_who_says_nothing_at_all_is_let_go(hurried: Served) -> None:
    with line_to(hurried) as line:
        assert all_of(line) == b""


def test_a_head_that_never_ends_is_not_waited_for(hurried: Served) -> None:
    with line_to(hurried) as line:
        line.sendall(HEAD)
        assert problem(all_of(line)) == (408, "/problems/too-slow")


def test_empty_lines_behind_an_answer_keep_nobody(hurried: Served) -> None:
    with line_to(hurried) as line:
        line.sendall(HEAD + b"\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"\r\n")
        assert all_of(line) == b""


@pytest.mark.parametrize(("path", "form"), [(b"claims", b"application/json"), (b"imports?atomic=1", b"text/plain")])
def test_a_body_that_never_comes_is_not_waited_for(hurried: Served, path: bytes, form: bytes) -> None:
    with line_to(hurried) as line:
        line.sendall(POST % (path, form) + b"{")
        heard = all_of(line)
    assert problem(heard)[0] in (408, 415)


def test_a_body_that_drips_is_not_waited_for(hurried: Served) -> None:
    began = time.monotonic()
    with line_to(hurried) as line, pytest.raises(OSError):
        line.sendall(POST % (b"claims", b"application/json"))
        while time.monotonic() < began + SOON:
            line.sendall(b" ")
            time.sleep(0.02)
    assert time.monotonic() < began + SOON


def test_an_import_that_stops_coming_is_told_so(hurried: Served) -> None:
    with line_to(hurried) as line:
        line.sendall(POST % (b"imports", b"application/x-ndjson") + b'{"type": "nothing"}\n')
        assert b'"report":"failed"' in all_of(line)


def test_who_does_not_read_is_let_go(hurried: Served) -> None:
    many = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 400
    began = time.monotonic()
    with line_to(hurried) as line, pytest.raises(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(many)
        while time.monotonic() < began + SOON:
            line.sendall(b"GET / HTTP/1.1\r\n")
            time.sleep(0.05)
    assert time.monotonic() < began + SOON


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD + b"X-Much: " + b"x" * 100_000 + b"\r\n\r\n",
        HEAD + b"X-Many: x\r\n" * 10_000 + b"\r\n",
        HEAD + b"X-Endless: " + b"x" * MEGABYTE,
    ],
    ids=["address", "header", "headers", "endless"],
)
def test_a_head_is_not_taken_in_whatever_its_length(served: Served, head: bytes) -> None:
    with line_to(served) as line:
        line.sendall(head)
        assert line.recv(65536).startswith(b"HTTP/1.1 431")


def test_who_sends_and_takes_at_a_walk_is_served(served: Served) -> None:
    with line_to(served) as line:
        line.sendall(HEAD[:9])
        time.sleep(0.2)
        line.sendall(HEAD[9:] + b"\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "packed", [zlib.compress(b" " * 100 * MEGABYTE, wbits=31), zlib.compress(b"", wbits=31) * 400_000]
)
def test_gzip_that_unpacks_to_much_or_to_nothing_for_ever_is_refused(served: Served, packed: bytes) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = httpx2.post(f"{served.url}/v1/claims", content=packed, headers=headers, timeout=60, trust_env=False)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_many_parameters_are_refused_at_once(served: Served) -> None:
    began = time.process_time()
    asked = f"{served.url}/v1/claims?" + "tag&" * 15_000
    answer = httpx2.get(asked, timeout=60, trust_env=False)
    assert answer.status_code == 422
    assert time.process_time() < began + 5


def test_a_cursor_with_half_a_letter_is_refused(served: Served) -> None:
    half = urlsafe_b64encode(json.dumps(["c1", "\ud800"]).encode()).decode()
    answer = httpx2.get(f"{served.url}/v1/sources?after={half}", trust_env=False)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "after")
