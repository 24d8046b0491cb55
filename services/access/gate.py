"""Whoever has a key, or a token of the desk's identity provider, is let in; or, on this machine alone, everybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from services.access.callers import Caller
from services.access.keys import PREFIX, UNKNOWN, AccessKeys
from services.access.refused import NotAdmitted

if TYPE_CHECKING:
    from services.access.tokens import Tokens

HOLDS = 2.0
"""Seconds for which it is remembered who somebody is: so much later a revocation takes effect, wherever it was made."""
_MOST_REMEMBERED = 10_000


class Everybody:
    """Lets everybody in, with all rights."""


class Gate:
    """Tells who somebody is by what they have."""

    def __init__(self, keys: AccessKeys, tokens: Tokens | None = None) -> None:
        self.keys = keys
        self._tokens = tokens
        self._found: dict[bytes, tuple[Caller, float]] = {}

    def remembered(self, credential: str) -> Caller | None:
        """Return who it was a moment ago; asks nobody."""
        found = self._found.get(_known_as(credential))
        return found[0] if found and found[1] > time.monotonic() else None

    def caller(self, credential: str) -> Caller:
        """Return who has this. Raises NotAdmitted, StoreUnavailable and IdentityProviderAway."""
        until = time.monotonic() + HOLDS
        caller = self._caller(credential)
        if len(self._found) >= _MOST_REMEMBERED:
            self._found.clear()
        self._found[_known_as(credential)] = caller, until
        return caller

    def _caller(self, credential: str) -> Caller:
        if credential.startswith(PREFIX):
            return self.keys.caller(credential)
        if self._tokens is not None:
            return self._tokens.caller(credential)
        raise NotAdmitted("this is no key of OnRecord")


class Nobody(Gate):
    """Lets nobody in, and says so as a gate does to whoever has no key for it: so it stands where there is nothing.

    What is shown is held against keys of another gate, so that the answer takes as long.
    """

    def remembered(self, credential: str) -> None:
        """Remember nobody."""

    def _caller(self, credential: str) -> Caller:
        if not credential.startswith(PREFIX):
            super()._caller(credential)
        self.keys.look_up(credential)
        raise NotAdmitted(UNKNOWN)


class Closed(Gate):
    """Cannot find out now who somebody is; `refuse` raises what says so."""

    def __init__(self, keys: AccessKeys, refuse: Callable[[], NoReturn]) -> None:
        super().__init__(keys)
        self._refuse = refuse

    def _caller(self, credential: str) -> Caller:
        self._refuse()


Access = Gate | Everybody


def _known_as(credential: str) -> bytes:
    # No key is kept in memory for longer than its request.
    return sha256(credential.encode()).digest()
