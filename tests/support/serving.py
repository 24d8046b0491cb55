"""A newsroom over real HTTP: the service with its pages on a port of this machine, as a browser meets it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx2
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.serve import Begins, server_on
from services.access.gate import Access
from services.bootstrap import Newsroom, open_newsroom
from services.store.embedded import Addresses
from support.service import BOUNDARIES, OPEN, OUTWARD, SIGNER

Json = Any
"""What a call answered: its shape is the API's affair."""


class Served:
    """A service that runs, and what it answers to whoever asks it directly."""

    def __init__(self, newsroom: Newsroom, base: str = "") -> None:
        """Take what is served, and the prefix of all its addresses, as a desk with a name has one."""
        self.newsroom = newsroom
        self.access: Access = OPEN
        self.through: Callable[[], tuple[ASGIApp, Begins]] = self._alone
        """What answers, from each start on, and whom it has to be told that it ends."""
        self.base = base
        self._port = 0
        self._end: Callable[[], None] = _is_stopped

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}{self.base}"

    @property
    def head(self) -> int:
        return self.newsroom.feed.head()

    def ask(self, path: str, **query: str | int | list[str]) -> Json:
        """Return what the API answers, from views that include everything recorded so far."""
        seen = {"Ledger-Position": str(self.head)}
        answer = httpx2.get(f"{self.url}{path}", params=query, headers=seen, timeout=60, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def start(self) -> None:
        """Answer from now on; a second time at the same address."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        server = server_on(*self.through(), "127.0.0.1", self._port)
        # A page asks much, and none of it helps to see why a test failed.
        logging.getLogger("onrecord.access").setLevel(logging.WARNING)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.01)

        def end() -> None:
            server.should_exit = True
            thread.join()
            listening.close()

        self._end = end

    def _alone(self) -> tuple[ASGIApp, Begins]:
        app = create_app(self.newsroom, self.access)
        return below(self.base, app) if self.base else app, app.state.ending

    def stop(self) -> None:
        """Be gone, and cut off whoever listens; the ledger stays open."""
        self._end()
        self._end = _is_stopped


def below(base: str, app: ASGIApp) -> ASGIApp:
    """Return an app whose root is at this prefix; what is not below it there is not."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_there = scope["path"] == base or scope["path"].startswith(f"{base}/")
        found = app if is_there else PlainTextResponse("not below here", 404)
        await found({**scope, "root_path": base}, receive, send)

    return answer


def _is_stopped() -> None:
    return


@contextmanager
def open_served(addresses: Addresses, base: str = "") -> Generator[Served]:
    """Open a newsroom on the database; it answers nobody before it is started."""
    with open_newsroom(addresses, outward=OUTWARD, signer=lambda: SIGNER, layers=(BOUNDARIES,)) as newsroom:
        yield Served(newsroom, base)


@contextmanager
def serving(addresses: Addresses) -> Generator[Served]:
    """Serve the database."""
    with open_served(addresses) as served:
        served.start()
        try:
            yield served
        finally:
            served.stop()
