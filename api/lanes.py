"""What takes long goes beside what does not, a few of a kind at once, so that no other call waits for one of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import anyio.to_thread

from services.errors import TookTooLong
from services.patience import ANSWERED_WITHIN

TURN_WITHIN = ANSWERED_WITHIN / 2
"""Seconds that a call waits for its turn: as much is left for the answer."""


class Lane:
    """So many of one kind go side by side; the next ones wait for their turn, and keep no thread meanwhile."""

    def __init__(self, name: str, at_once: int) -> None:
        self._at_once = at_once
        # A limiter belongs to one event loop, and this module may serve several, one after the other.
        self._limiters: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar(f"onrecord.{name}")

    async def stream(self, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield from a generator that reads the ledger or waits for its caller."""
        while (chunk := await anyio.to_thread.run_sync(next, chunks, None, limiter=self._limiter())) is not None:
            yield chunk

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Have a turn. Raises TookTooLong if none comes while there is time to make use of it."""
        limiter, who = self._limiter(), object()
        with anyio.move_on_after(TURN_WITHIN) as waiting:
            await limiter.acquire_on_behalf_of(who)
        if waiting.cancelled_caught:
            raise TookTooLong(TURN_WITHIN)
        try:
            yield
        finally:
            limiter.release_on_behalf_of(who)

    def _limiter(self) -> anyio.CapacityLimiter:
        try:
            return self._limiters.get()
        except LookupError:
            self._limiters.set(anyio.CapacityLimiter(self._at_once))
            return self._limiters.get()


MANY = Lane("questions", at_once=2)
"""What judges hundreds of questions. Each holds all that bears on them, and one interpreter judges no faster for more
of them at once, but every other call waits for each.
"""
LISTS = Lane("lists", at_once=2)
"""What reads a picture, and judges only under terms that none has: a map never waits for somebody's story."""
