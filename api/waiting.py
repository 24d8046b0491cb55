"""Those who listen have threads of their own, apart from those who ask, and keep nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager, suppress

import anyio
from fastapi import Request
from fastapi.sse import format_sse_event

from api.admitted import CutOff, while_admitted

LISTENERS = 500
"""Streams at once; each is one thread while it waits."""
AWAY = 1.0
"""Seconds until a stream asks again for what it could not have."""
_threads: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("onrecord.listeners")


def listeners() -> anyio.CapacityLimiter:
    """Return the threads of those who listen, apart from those who ask: they wait, and must not keep others waiting."""
    try:
        return _threads.get()
    except LookupError:
        _threads.set(anyio.CapacityLimiter(LISTENERS))
        return _threads.get()


async def away() -> bytes:
    """Wait a moment for the database, and return what tells a listener why nothing comes.

    A stream that has begun can answer nothing else, and whoever listens would only come back and wait as well.
    """
    await anyio.sleep(AWAY)
    return format_sse_event(comment="the database is away")


class Ending:
    """The end of a desk, for those who would listen on and keep it waiting. For one event loop at a time."""

    def __init__(self) -> None:
        self._has_begun = False
        self._listening: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def begin(self) -> None:
        """Let everybody go who listens, and keep nobody from now on; from any thread."""
        self._has_begun = True
        for told, loop in list(self._listening.items()):
            with suppress(RuntimeError):  # that loop has ended, and so has everybody in it
                loop.call_soon_threadsafe(told.set)

    @contextmanager
    def told(self) -> Generator[asyncio.Event]:
        """Lend an event that is set when the end begins."""
        told = asyncio.Event()
        self._listening[told] = asyncio.get_running_loop()
        if self._has_begun:
            told.set()
        try:
            yield told
        finally:
            del self._listening[told]


async def until_the_end(request: Request, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what a stream does, until the service is told to end, or whoever listens is not let in any more.

    Nobody's stream keeps the service waiting, or is cut off: a listener comes back by itself, with the position that it
    had, to whichever service there is then, and is told there if it is not let in.
    """
    ending: Ending = request.app.state.ending
    with ending.told() as told, suppress(CutOff):
        async for part in while_admitted(request, stream, asyncio.ensure_future(told.wait())):
            yield part
