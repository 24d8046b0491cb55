"""Those who listen have threads of their own, apart from those who ask, and keep nobody waiting."""

from __future__ import annotations

import anyio

LISTENERS = 500
"""Streams at once; each is one thread while it waits."""
_threads: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("onrecord.listeners")


def listeners() -> anyio.CapacityLimiter:
    """Return the threads of those who listen, apart from those who ask: they wait, and must not keep others waiting."""
    try:
        return _threads.get()
    except LookupError:
        _threads.set(anyio.CapacityLimiter(LISTENERS))
        return _threads.get()
