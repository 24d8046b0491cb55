"""The identity provider's keys are asked for when one is missing, not oftener than it can bear, and kept meanwhile."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import httpx2

from services.access.refused import IdentityProviderAway

AGAIN = 30.0
"""Seconds between two questions to the provider, whatever tokens come in."""
KEPT = 3600.0
"""Seconds after which keys are asked for again, so that one that the provider dropped is dropped here."""
DEADLINE = 5.0
MOST_READ = 1024 * 1024
Members = dict[str, Any]
Fetch = Callable[[str], Members]


def fetched(url: str) -> Members:
    """Return the JSON object at the URL. Raises IdentityProviderAway; redirects and proxies are not followed."""
    give_up = time.monotonic() + DEADLINE
    content = bytearray()
    try:
        with (
            httpx2.Client(timeout=DEADLINE, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != 200:  # noqa: PLR2004 (that of HTTP)
                raise IdentityProviderAway(f"{url} answers {answer.status_code}")
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST_READ or time.monotonic() > give_up:
                    raise IdentityProviderAway(f"{url} says too much, or too slowly")
        told: object = json.loads(content)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RecursionError) as error:
        raise IdentityProviderAway(f"{url}: {type(error).__name__}") from error
    if not isinstance(told, dict):
        raise IdentityProviderAway(f"{url} holds no JSON object")
    return cast("Members", told)


class Provider:
    """Who signs tokens: its name, and its keys by their ids."""

    def __init__(self, issuer: str, key_set: str | None, is_fit: Callable[[str], bool], fetch: Fetch = fetched) -> None:
        """Take the issuer, and where its keys are, if it is not to be asked; `is_fit` tells what URL may be asked."""
        self.issuer = issuer
        self._key_set = key_set
        self._is_fit = is_fit
        self._fetch = fetch
        self._keys: dict[str, Members] = {}
        self._lock = threading.Lock()
        self._asked: float | None = None
        self._failure: str | None = None

    def key(self, name: str) -> Members | None:
        """Return the key (JWK) of this id, None if the provider has none. Raises IdentityProviderAway."""
        found = self._keys.get(name)
        if found is not None and not self._is_due(KEPT):
            return found
        # Whoever has a key that is known waits for nobody, and nobody waits for a provider that did not answer before:
        # those who wait hold threads that others need.
        if self._lock.acquire(blocking=found is None and self._failure is None):
            try:
                if self._is_due(AGAIN if found is None else KEPT):
                    self._ask()
            finally:
                self._lock.release()
        found = self._keys.get(name)
        if found is None and self._failure is not None:
            raise IdentityProviderAway(self._failure)
        return found

    def _is_due(self, seconds: float) -> bool:
        rest = seconds if self._failure is None else AGAIN
        return self._asked is None or time.monotonic() - self._asked > rest

    def _ask(self) -> None:
        self._asked = time.monotonic()
        try:
            told = self._fetch(self._where())
            rows = told.get("keys")
            if not isinstance(rows, list):
                raise IdentityProviderAway("what it tells has no keys")
        except IdentityProviderAway as error:
            # What was known still lets in: it was the provider's own, and is asked for again soon.
            self._failure = error.why
            return
        self._failure = None
        self._keys = {str(row["kid"]): row for row in cast("list[Any]", rows) if _signs(row)}

    def _where(self) -> str:
        if self._key_set is not None:
            return self._key_set
        told = self._fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        where = told.get("jwks_uri")
        if told.get("issuer") != self.issuer or not isinstance(where, str) or not self._is_fit(where):
            raise IdentityProviderAway("what it tells of itself is not of this issuer, or names no keys at https")
        return where


def _signs(row: object) -> bool:
    """Tell whether it is a public key for signatures that has an id."""
    if not isinstance(row, dict):
        return False
    key = cast("Members", row)
    return isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig" and "d" not in key and "k" not in key
