"""Each desk beside the main one is the whole service again, below its address, and without a key nobody learns of any.

Nothing inside knows of other desks, so there is nothing that could mix them up: an app has one newsroom, on one
database. A name that no desk has is answered by an app that lets nobody in, as a desk is to whoever has no key for it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import NoReturn, cast

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import Beside, create_app
from api.placed import DESK
from services.access.gate import Access, Closed, Everybody, Nobody
from services.bootstrap import Newsroom
from services.errors import DeskNotOpen
from services.kept_open import KeptOpen
from services.settings import DESK as NAME
from services.settings import DESK_MOST

PATIENCE = 5.0
"""Seconds that a call waits for a desk which is being opened, as it is when the service starts."""
_GLANCE = 0.05
_BELOW = re.compile(rf"/desks/({NAME})(?=/|$)")
Opened = Callable[[str], AbstractContextManager[tuple[Newsroom, Access]]]
"""Opens the ledger of a desk, and tells who is let in there."""


class _NoRoom:
    """In place of a newsroom where there is none: nobody is let in, and whoever were would find nothing."""

    def __init__(self, reading: object) -> None:
        self.reading = reading

    def __getattr__(self, name: str) -> NoReturn:
        raise DeskNotOpen


class Desks:
    """All desks under one roof: the main one at the root, every other one below `/desks/NAME`."""

    def __init__(
        self, main: FastAPI, listed: Callable[[], list[str]], opened: Opened, nobody: Nobody | None, calls_a_minute: int
    ) -> None:
        """Open nothing yet. `nobody` is how a desk that is not there lets nobody in; None where all may come in."""
        self._main = main
        self._opened = opened
        self._calls_a_minute = calls_a_minute
        self._guesses = main.state.limits.guesses
        self._kept = KeptOpen("desk", listed, self._open)
        self._nobody = self._roomless(nobody) if nobody else None
        self._closed = self._roomless(_closed(main.state.access))
        self._ends = False
        main.state.metrics.tell_desks(self.counted)

    @contextmanager
    def kept(self) -> Generator[None]:
        """Keep open what desks there are. Raises StoreUnavailable."""
        self._kept.start()
        try:
            yield
        finally:
            self._kept.stop()

    def begin(self) -> None:
        """Let everybody go who listens at any desk, and keep nobody from now on."""
        self._ends = True
        for app in (self._main, *self._kept.all().values()):
            if app is not None:
                app.state.ending.begin()

    def counted(self) -> tuple[int, int]:
        """Return how many desks there are beside the main one, and how many of them are not open."""
        known = self._kept.all()
        return len(known), sum(app is None for app in known.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the app of its desk."""
        named = _BELOW.match(scope["path"]) if scope["type"] == "http" else None
        app = await self._app(named[1]) if named and len(named[1]) <= DESK_MOST else None
        if named is None or app is None:
            await self._main(scope, receive, send)
            return
        base = f"{scope.get('root_path', '')}{named[0]}"
        await app({**scope, "root_path": base, DESK: named[1]}, receive, _told_below(base, send))

    async def _app(self, name: str) -> ASGIApp | None:
        give_up = time.monotonic() + PATIENCE
        while self._kept.is_opening(name) and time.monotonic() < give_up:
            await asyncio.sleep(_GLANCE)
        if app := self._kept.get(name):
            return app
        return self._closed if self._kept.is_listed(name) else self._nobody

    @contextmanager
    def _open(self, name: str) -> Generator[FastAPI]:
        with self._opened(name) as (newsroom, access):
            beside = Beside(name, self._guesses)
            app = create_app(newsroom, access, calls_a_minute=self._calls_a_minute, beside=beside)
            if self._ends:
                app.state.ending.begin()
            try:
                yield app
            finally:
                # Also where it was dropped: whoever listens would keep its newsroom from closing.
                app.state.ending.begin()

    def _roomless(self, access: Access) -> FastAPI:
        room = cast("Newsroom", _NoRoom(self._main.state.newsroom.reading))
        # What the name is that somebody tried is no affair of the log.
        return create_app(room, access, calls_a_minute=self._calls_a_minute, beside=Beside("{desk}", self._guesses))


def _closed(main: Access) -> Access:
    """Return how a desk lets nobody in that is there and not open."""
    return main if isinstance(main, Everybody) else Closed(main.keys, _not_open)


def _not_open() -> NoReturn:
    raise DeskNotOpen


def _told_below(base: str, send: Send) -> Send:
    """Return how answers are sent with the base before the address of what was made; other addresses have it."""

    async def send_below(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            where = headers.get("location", "")
            if where.startswith("/") and not where.startswith(f"{base}/"):
                headers["location"] = f"{base}{where}"
        await send(message)

    return send_below
