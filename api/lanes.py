"""What is streamed for long is read in threads of its own kind, so that no other call waits for one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import anyio
import anyio.lowlevel
import anyio.to_thread


class Lane:
    """So many streams of one kind are read side by side; the next ones wait for their turn."""

    def __init__(self, name: str, at_once: int) -> None:
        self._at_once = at_once
        # A limiter belongs to one event loop, and this module may serve several, one after the other.
        self._limiters: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar(f"onrecord.{name}")

    async def stream(self, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield from a generator that reads the ledger or waits for its caller."""
        while (chunk := await anyio.to_thread.run_sync(next, chunks, None, limiter=self._limiter())) is not None:
            yield chunk

    def _limiter(self) -> anyio.CapacityLimiter:
        try:
            return self._limiters.get()
        except LookupError:
            self._limiters.set(anyio.CapacityLimiter(self._at_once))
            return self._limiters.get()
