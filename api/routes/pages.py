"""The pages for people: what this is, every call, and every kind of problem."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api import pages
from api.conditional import UNTIL_ASKED, answered
from api.parameters import Room
from api.problems import all_kinds
from api.refused import NotThere
from services.cuts import Query

router = APIRouter(include_in_schema=False)
SHOWN = 50
HEADERS = {"Cache-Control": UNTIL_ASKED, "Content-Security-Policy": pages.POLICY}
HTML = "text/html"


@router.get("/")
def show_front(request: Request, room: Room) -> Response:
    """Show what this is and where to click."""
    now = Query()
    locations = [str(row["slug"]) for row in room.places.locations("", SHOWN, now).body.rows]
    stories = [str(row["slug"]) for row in room.stories.stories("", SHOWN, now).body.rows]
    return answered(request, pages.front(room.feed.head(), locations, stories).encode(), HTML, HEADERS)


@router.get("/openapi.json")
def show_schema(request: Request) -> Response:
    """Answer with the OpenAPI document."""
    return answered(request, to_json(request.app.openapi()), "application/json", {"Cache-Control": UNTIL_ASKED})


@router.get("/docs")
def show_docs(request: Request) -> Response:
    """Show every call."""
    return answered(request, pages.docs(request.app.openapi(), all_kinds()).encode(), HTML, HEADERS)


@router.get("/problems/{name}")
def show_problem(request: Request, name: str) -> Response:
    """Explain a kind of problem."""
    kind = all_kinds().get(name)
    if kind is None:
        raise NotThere("name", f"no kind of problem is called {name[:60]!r}")
    return answered(request, pages.problem(kind).encode(), HTML, HEADERS)
