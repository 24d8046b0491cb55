"""The pages that need no script: every call, and every kind of problem."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api import pages
from api.conditional import UNTIL_ASKED, answered
from api.placed import base_path
from api.problems import all_kinds
from api.refused import NotThere
from api.routed import AdmittedRoute

router = APIRouter(include_in_schema=False, route_class=AdmittedRoute)
HEADERS = {"Cache-Control": UNTIL_ASKED, **pages.HEADERS}
HTML = "text/html"


@router.get("/openapi.json")
def show_schema(request: Request) -> Response:
    """Answer with the OpenAPI document."""
    base = base_path(request.scope)
    servers = {"servers": [{"url": base}]} if base else {}
    return answered(
        request, to_json({**request.app.openapi(), **servers}), "application/json", {"Cache-Control": UNTIL_ASKED}
    )


@router.get("/docs")
def show_docs(request: Request) -> Response:
    """Show every call."""
    return answered(
        request, pages.docs(request.app.openapi(), all_kinds(), base_path(request.scope)).encode(), HTML, HEADERS
    )


@router.get("/problems/{name}")
def show_problem(request: Request, name: str) -> Response:
    """Explain a kind of problem."""
    kind = all_kinds().get(name)
    if kind is None:
        raise NotThere("name", f"no kind of problem is called {name[:60]!r}")
    return answered(request, pages.problem(kind, base_path(request.scope)).encode(), HTML, HEADERS)
