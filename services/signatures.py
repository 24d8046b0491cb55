"""Who receives an alert can tell that it is ours: Standard Webhooks, HMAC-SHA256 under a secret that no table holds."""

from __future__ import annotations

import binascii
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_LENGTH = 32
"""Bytes of a key and of a secret; Standard Webhooks asks for 24 to 64."""


class NoKey(Exception):
    """There is no usable key to derive the secrets of webhooks from; says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Derives the secret of each webhook from one key, which is given or lies in a file that only its owner may read.

    Neither the key nor a secret is in the database: a copy of that, or a backup, is of no use to forge an alert.
    """

    given: str | None = None
    """The key in base64, from the environment."""
    file: Path | None = None
    """Where the key lies, made at its first use, if none is given."""

    def check(self) -> str:
        """Return a value by which the key is known, and that tells nothing of it. Raises NoKey."""
        return self._derived("check")[:16].hex()

    def secret(self, salt: str) -> bytes:
        """Return the secret that belongs to the salt. Raises NoKey."""
        return self._derived(f"secret\n{salt}")

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._key(), f"onrecord webhooks\n{purpose}".encode(), sha256)

    def _key(self) -> bytes:
        if self.given is not None:
            return _read(self.given, "ONRECORD_WEBHOOK_KEY")
        if self.file is None:
            raise NoKey("no key for webhooks is set")
        try:
            if not self.file.exists():
                _make(self.file)
            return _read(self.file.read_text(encoding="ascii"), str(self.file))
        except (OSError, UnicodeDecodeError) as error:
            raise NoKey(f"the key of the webhooks cannot be read or made at {self.file}: {error}") from error


def _read(text: str, where: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _LENGTH:
        raise NoKey(f"{where} holds no key: base64 of at least {_LENGTH} random bytes is expected")
    return key


def _make(file: Path) -> None:
    """Make a key; if two processes do so at once, both take the one that was there first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as writing:
        writing.write(b64encode(secrets.token_bytes(_LENGTH)) + b"\n")
        writing.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def new_salt() -> str:
    """Return a salt that no webhook had before."""
    return secrets.token_hex(16)


def written(secret: bytes) -> str:
    """Return the secret in the form in which receivers keep it."""
    return f"whsec_{b64encode(secret).decode()}"


def signature(secret: bytes, name: str, timestamp: int, content: bytes) -> str:
    """Return the signature of a message: version 1 of Standard Webhooks, over id, timestamp and content."""
    signed = f"{name}.{timestamp}.".encode() + content
    return f"v1,{b64encode(hmac.digest(secret, signed, sha256)).decode()}"
