"""Each answer says how many calls its caller has left, and who has none is told when there is one again."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from fastapi import Request

from services.access.allowances import MINUTE, Allowance, Left, TooManyCalls

GUESSES = 60
"""Keys that are not known, a minute and address."""
TURNS = 4
"""How many of those who come from where more were shown are looked up at a time: each holds a thread meanwhile."""
HEADERS = {
    "Retry-After": {"description": "Seconds until one call may be made.", "schema": {"type": "integer"}},
    "RateLimit-Policy": {"description": "How many (`q`) in how many seconds (`w`).", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "How many are left (`r`), and seconds until all are (`t`).",
        "schema": {"type": "string"},
    },
}


class Guesses:
    """Counts the keys that were none by the address that they came from, whichever desk they were shown to."""

    def __init__(self) -> None:
        self.counted = Allowance(GUESSES)
        self.turns = asyncio.Semaphore(TURNS)


class Limits:
    """Counts the calls of each caller, and of each address the keys that were none; with 0 a minute nothing."""

    def __init__(self, a_minute: int, guesses: Guesses) -> None:
        self._calls = Allowance(a_minute) if a_minute else None
        self.guesses = guesses
        """Shared with other apps, perhaps; counted if calls are."""
        self._guesses = guesses.counted if a_minute else None
        self._turns = guesses.turns

    def count(self, request: Request, who: str) -> None:
        """Count a call, and have the answer say what is left. Raises TooManyCalls."""
        if self._calls is None:
            return
        left = self._calls.take(who)
        _tell(request, "calls", left)
        if left.wait:
            raise TooManyCalls(f"{who} asks too often", left)

    def turn(self, request: Request) -> AbstractAsyncContextManager[object]:
        """Have an address that has shown too many keys that were none wait while others like it are looked up.

        It is not refused: behind a proxy all come from one address, and one who guesses must not lock out the others.
        """
        return self._turns if self._guesses and self._guesses.is_used_up(_address(request)) else nullcontext()

    def guessed(self, request: Request) -> None:
        """Count a key that was none. Raises TooManyCalls where there were too many."""
        if self._guesses is None:
            return
        left = self._guesses.take(_address(request))
        if left.wait:
            _tell(request, "unknown keys", left)
            raise TooManyCalls("too many keys that are not known came from this address", left)


def _tell(request: Request, policy: str, left: Left) -> None:
    says: dict[str, str] | None = request.scope.get("onrecord.says")
    if says is not None:
        says["RateLimit-Policy"] = f'"{policy}";q={left.most};w={MINUTE:.0f}'
        says["RateLimit"] = f'"{policy}";r={left.left};t={left.full_in}'


def _address(request: Request) -> str:
    """Return where a request comes from; with IPv6 the network, of which one machine has all addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network(f"{host}/64", strict=False)) if isinstance(address, IPv6Address) else host


def tell_limits(operation: dict[str, Any]) -> None:
    """Say in an operation of the OpenAPI document how it is told to whoever asks too often."""
    if "429" in operation["responses"]:
        operation["responses"]["429"]["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
