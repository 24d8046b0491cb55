"""What a thread does for a desk is logged under its name, since one process serves many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_desk: ContextVar[str | None] = ContextVar("desk", default=None)


def desk_here() -> str | None:
    """Return the desk for which this thread or call does something; None for the main one, and for all together."""
    return _desk.get()


@contextmanager
def of_desk(name: str | None) -> Generator[None]:
    """Let what is done meanwhile, and the threads that are made meanwhile, be for a desk."""
    token = _desk.set(name)
    try:
        yield
    finally:
        _desk.reset(token)


def named_thread(target: Callable[[], None], name: str) -> threading.Thread:
    """Return a thread, not started yet, for the desk for which it is made. It keeps no process from ending."""
    desk = desk_here()

    def run() -> None:
        # For good: what ends the thread is logged after its target has returned.
        _desk.set(desk)
        target()

    return threading.Thread(target=run, name=name, daemon=True)
