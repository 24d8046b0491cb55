"""A receiver of webhooks on this machine, which behaves as a test wants, and keeps what it got."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Got:
    """A message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, in order; `answer` says how the next one is answered."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answer: Answer = lambda call: says(call, 204)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.got]


def says(call: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    """Answer with a status and headers, and no body."""
    call.send_response(status)
    for name, value in headers.items():
        call.send_header(name.replace("_", "-"), value)
    call.send_header("Content-Length", "0")
    call.end_headers()


def drips(call: BaseHTTPRequestHandler) -> None:
    """Answer a byte of the head now and then, without end."""
    with_patience(lambda: call.wfile.write(b"H"), call)


def talks(call: BaseHTTPRequestHandler) -> None:
    """Answer with a body without end."""
    call.send_response(200)
    call.end_headers()
    with_patience(lambda: call.wfile.write(b"x" * 65_536), call, pause=0.0)


def hangs(call: BaseHTTPRequestHandler) -> None:
    """Say nothing."""
    with_patience(lambda: None, call)


def with_patience(tell: Callable[[], object], call: BaseHTTPRequestHandler, pause: float = 0.05) -> None:
    """Go on for minutes, or until nobody listens."""
    give_up = time.monotonic() + 90
    try:
        while time.monotonic() < give_up:
            tell()
            call.wfile.flush()
            time.sleep(pause)
    except OSError:
        call.close_connection = True


@contextmanager
def receiving() -> Generator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (named by the standard library)
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            if len(body) < length:
                return  # its sender was killed in the midst of it: what has no end is no message
            receiver.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            receiver.answer(self)

        def do_GET(self) -> None:  # noqa: N802 (as above)
            receiver.got.append(Got(self.path, {}, b""))
            says(self, 200)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
