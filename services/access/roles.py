"""A role is a name for some rights, and this is the whole list of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from services.access.callers import RIGHTS, Caller

Right = Literal["read", "record", "edit", "identify", "run", "admin"]
"""`read`: ask for anything that is kept, and try a claim. `record`: write down claims, what they relate to, texts,
sources and places. `edit`: judge what was recorded, end it, publish it, take files in, say what alerts are wanted.
`identify`: be told who a protected source is. `run`: build views and sign checkpoints. `admin`: keys, where alerts are
sent, and the erasure of texts."""
Role = Literal["reader", "reporter", "editor", "engineer", "admin"]
"""Whoever reports does not correct, since a second pair of eyes does that; whoever runs the service records nothing."""

RIGHTS_OF: dict[Role, frozenset[str]] = {
    "reader": frozenset({"read"}),
    "reporter": frozenset({"read", "record"}),
    "editor": frozenset({"read", "record", "edit", "identify"}),
    "engineer": frozenset({"read", "run"}),
    "admin": RIGHTS,
}


def roles_with(right: Right) -> list[Role]:
    """Return the roles that have a right."""
    return [role for role, rights in RIGHTS_OF.items() if right in rights]


def caller_of(by: str, roles: Iterable[Role]) -> Caller:
    """Return a caller with the rights of all these roles."""
    given = set(roles)
    held = {role: rights for role, rights in RIGHTS_OF.items() if role in given}
    return Caller(by, ", ".join(held), frozenset[str]().union(*held.values()))
