"""A desk beside the main one answers below an address of its own, and its calls are told from there."""

from __future__ import annotations

from starlette.types import Scope

DESK = "onrecord.desk"
"""Where a request's scope holds the name of the desk that it is for; absent for the main one."""
COOKIE = "onrecord"
"""What a browser keeps of who is in, out of reach of any script; each desk has one of its own."""


def base_path(scope: Scope) -> str:
    """Return the path that the desk's addresses begin with, such as `/desks/sports`; empty for the main desk."""
    return scope.get("root_path", "")


def path_in(scope: Scope) -> str:
    """Return the path of a request as the contract has it."""
    return scope["path"].removeprefix(base_path(scope))


def cookie_of(scope: Scope) -> str:
    """Return the name of the cookie by which a browser is known at the desk."""
    # Not `__Host-`: browsers take that with `Path=/` alone, so that each desk's cookie would go to all desks, and over
    # https alone, which a service on this machine does not speak. Two of one name are refused (`credential_of`).
    desk = scope.get(DESK)
    return COOKIE if desk is None else f"{COOKIE}-{desk}"
