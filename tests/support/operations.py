"""Every call of the API, from its routes, with an address on things that are not there."""

from __future__ import annotations

from api.access import operation_of
from api.app import ROUTES

Call = tuple[str, str, str]
"""Operation, method and path."""
CALLS: list[Call] = [
    (operation_of(route), method, route.path)
    for routes in ROUTES
    for route in routes.router.routes
    for method in route.methods
]


def path_of(call: Call) -> str:
    """Return the path of a call, with its parts filled in."""
    path = call[2]
    for name in ("position", "number", "level", "claim", "sha256"):
        path = path.replace(f"{{{name}}}", "7")
    return path.replace("{", "no-").replace("}", "").replace(":path", "")
