"""The same belief is the same bytes everywhere: RFC 8785 (JSON Canonicalization Scheme) for JSON without fractions."""

from __future__ import annotations

import hashlib
import json
from typing import cast

from pydantic import JsonValue


def canonical(value: JsonValue) -> bytes:
    """Return the RFC 8785 form: no spaces, members sorted by their UTF-16 code units, UTF-8.

    Raises ValueError for a float or for an integer beyond 2^53, whose form RFC 8785 takes from ECMAScript: a ledger
    writes such numbers as text.
    """
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_sorted(part) for part in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > 2**53):
        raise ValueError(f"{value!r} has no canonical form here: write it as text")
    return value


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value's canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(cast("JsonValue", value))).hexdigest()
