"""A key is shown once and kept as a hash, is known by its name for ever, and ends when it was said to or is revoked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.refusals import Problem, Refusal
from domain.times import show
from domain.values import Fact, Slug
from services.access.callers import Caller
from services.access.refused import NotAdmitted
from services.access.roles import Role, caller_of
from services.errors import StoreUnavailable, UnknownThing
from services.shown import Json
from services.side_by_side import NameTaken
from services.store.access import KeptKey, KeyStore

PREFIX = "onr_"
"""What every key begins with, so that one that leaked can be found by its looks."""
FIRST = "first"
"""The name of the key that a ledger in a home begins with."""
KEY_FILE = "access.key"
"""The file in the home that holds it."""
UNKNOWN = "this key is not known here"
"""What is said to whoever shows a key that nobody was given."""
_USED = timedelta(minutes=1)
"""A key in use is not written down more often."""


class AlreadyExpired(Refusal):
    """A key would have ended before it was made."""

    kind = "already-expired"
    title = "A key cannot expire before it is made."


class NewKey(Fact):
    """What is said of a key that is to be made; without `expires` it stands until it is revoked."""

    name: Slug
    role: Role
    expires: Annotated[AwareDatetime | None, Field(strict=False)] = None


class AccessKeys:
    """Makes keys, finds who has one, and revokes them."""

    def __init__(self, store: KeyStore, now: Callable[[], datetime], *, notes_use: bool = True) -> None:
        """Keep keys in a store; without `notes_use` it is not written down when one was used."""
        self._store = store
        self._now = now
        self._notes_use = notes_use

    def all(self) -> list[Json]:
        """Return all keys that ever were, by name. Raises StoreUnavailable."""
        return [self._json(key) for key in self._store.all()]

    def one(self, name: str) -> Json:
        """Return the key of this name. Raises UnknownThing."""
        found = self._store.named(name)
        if found is None:
            raise UnknownThing("key", name)
        return self._json(found)

    def make(self, wanted: NewKey, by: str) -> Json:
        """Make a key and show it, this once. Raises NameTaken, also for a revoked one's name, and AlreadyExpired."""
        return self._made(wanted, by, new_secret())

    def revoke(self, name: str, by: str) -> Json:
        """End a key for good; what its name recorded stays. Raises UnknownThing."""
        self._store.revoke(name, by)
        return self.one(name)

    def revoke_all(self, by: str) -> list[Json]:
        """End every key that nobody has revoked, and return them, by name."""
        return [self.revoke(key.name, by) for key in self._store.all() if key.revoked is None]

    def caller(self, secret: str) -> Caller:
        """Return who has the key. Raises NotAdmitted, which says more only to somebody who really had it."""
        key = self._store.of(_digest(secret))
        if key is None:
            raise NotAdmitted(UNKNOWN)
        if key.revoked is not None:
            raise NotAdmitted(f"the key {key.name!r} was revoked at {show(key.revoked)}")
        now = self._now()
        if key.expires is not None and key.expires <= now:
            raise NotAdmitted(f"the key {key.name!r} expired at {show(key.expires)}")
        if self._notes_use and (key.last_used is None or now - key.last_used > _USED):
            # Nobody is kept out because it cannot be written down, as on a standby.
            with suppress(StoreUnavailable):
                self._store.used(key.name)
        return caller_of(f"key:{key.name}", [key.role])

    def look_up(self, secret: str) -> None:
        """Take as long as it takes to find out who has a key, and tell nobody. Raises StoreUnavailable."""
        self._store.of(_digest(secret))

    def standing(self) -> set[str]:
        """Return the names of the keys by which anybody could be let in."""
        now = self._now()
        return {
            one.name for one in self._store.all() if one.revoked is None and (one.expires is None or one.expires > now)
        }

    def begin(self, home: Path) -> Path | None:
        """Make the first key of a ledger that never had one, and return the file that keeps it; else None."""
        if self._store.all():
            return None
        secret = new_secret()
        file = home / KEY_FILE
        # Written down first: a key that nobody has would be in the way of the next try.
        _write(secret, file)
        self._made(NewKey(name=FIRST, role="admin"), "the first start", secret)
        return file

    def _made(self, wanted: NewKey, by: str, secret: str) -> Json:
        if wanted.expires is not None and wanted.expires <= self._now():
            raise AlreadyExpired(Problem("/expires", "it is past", "an instant to come, or none"))
        if not self._store.add(wanted.name, wanted.role, _digest(secret), by, wanted.expires):
            raise NameTaken(Problem("/name", f"there is, or was, a key {wanted.name!r}", "another name"))
        return {**self.one(wanted.name), "key": secret}

    def _json(self, key: KeptKey) -> Json:
        return {
            "name": key.name,
            "role": key.role,
            "made": show(key.made),
            "made_by": key.made_by,
            "expires": show(key.expires),
            "revoked": show(key.revoked),
            "revoked_by": key.revoked_by,
            "last_used": show(key.last_used),
            "stands": key.revoked is None and (key.expires is None or key.expires > self._now()),
        }


def new_secret() -> str:
    """Return a key that nobody can guess: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def _digest(secret: str) -> bytes:
    # Plain SHA-256: slow hashes are for what people think up, and nobody tries out 256 random bits.
    return sha256(secret.encode()).digest()


def _write(secret: str, file: Path) -> None:
    """Write the key down for this user's eyes alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(f"{secret}\n")
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
