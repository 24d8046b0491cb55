"""An answer is made of many statements, and all of them are answered by the same server, or it is no answer."""

from __future__ import annotations

from contextvars import ContextVar

from services.errors import AnotherServer


class Asked:
    """Of an answer under way: the server that its first statement went to."""

    __slots__ = ("server",)

    def __init__(self) -> None:
        self.server: str | None = None


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def begin_an_answer() -> None:
    """Let whatever is asked from now on in this context, and in the threads that it is handed to, be of one server."""
    _asked.set(Asked())


def keep_to(server: str) -> None:
    """Note that this server is asked next. Raises AnotherServer if the answer was begun at another one.

    Of two copies of a ledger one is ahead: a position that was read at one must not meet rows of the other.
    """
    asked = _asked.get()
    if asked is None:
        return
    if asked.server is None:
        asked.server = server
    elif asked.server != server:
        raise AnotherServer
