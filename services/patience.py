"""Whoever asks has an answer within a while, or is told that there is none: one question cannot keep the others out."""

from __future__ import annotations

import time
from contextvars import ContextVar

from services.errors import TookTooLong

ANSWERED_WITHIN = 30.0
"""Seconds after which no statement is begun for a question, and after which one under way is broken off."""

_until: ContextVar[float | None] = ContextVar("until", default=None)


def answer_soon() -> None:
    """Bound whatever is asked from now on in this context, and in the threads that it is handed to."""
    _until.set(time.monotonic() + ANSWERED_WITHIN)


def most_milliseconds() -> int:
    """Return how long a statement may take, 0 without a bound. Raises TookTooLong where there is no time left."""
    until = _until.get()
    if until is None:
        return 0
    if time.monotonic() > until:
        raise TookTooLong(ANSWERED_WITHIN)
    # The same for each statement: to tell a connection of another one would take longer than most statements do.
    return max(1, int(ANSWERED_WITHIN * 1_000))
