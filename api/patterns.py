"""The forms of names in an address or a query are those of the domain, so that both refuse the same."""

from __future__ import annotations

from typing import get_args

from pydantic import StringConstraints

from domain import values


def _pattern(constrained: object) -> str:
    rule = get_args(constrained)[1]
    if not isinstance(rule, StringConstraints) or rule.pattern is None:
        raise TypeError(f"{constrained!r} has no pattern")
    return str(rule.pattern)


SLUG = _pattern(values.Slug)
CLAIM = _pattern(values.ClaimId)
EDGE = _pattern(values.EdgeId)
SHA256 = _pattern(values.Sha256)
PLAIN = r"^[^\x00]*$"
FORMS = {
    SLUG: "a slug: lower-case letters and digits, with single - or _ between them",
    CLAIM: "a UUID of version 7 in lower case",
    SHA256: "a SHA-256 in lower-case hexadecimal, 64 digits",
    PLAIN: "text without NUL",
}
"""What each of them is called where somebody has sent another one."""
