"""Editions are listed across stories, those affected by what came after them first of all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import paged
from api.cursors import text_place
from api.operations import asks
from api.parameters import PAGE, After, Limit, OneSlug, Order, RecordedCut, Room
from api.routed import AdmittedRoute
from services.editions import WantedEditions
from services.urgency import URGENCIES

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
ORDER = "; ".join(f"`{name}`: {told}" for name, told in URGENCIES.items())


@router.get("/editions", **asks("list_editions", "Editions across stories", "EditionPage"))
def list_editions(
    request: Request,
    room: Room,
    cut: RecordedCut,
    affected: Annotated[bool, Query(description=f"Only those affected, the most urgent first. {ORDER}.")] = False,
    story: OneSlug = None,
    after: After = None,
    order: Annotated[Order, Query(description="Which come first; with `affected` the most urgent do.")] = "oldest",
    limit: Limit = PAGE,
) -> Response:
    """All editions as they came out (or the newest first), or those affected by urgency: each with what changed, since
    when and why, and the editions that correct it."""
    wanted = WantedEditions(story, affected, newest=order == "newest")
    return paged(request, "editions", room.editions.editions(wanted, text_place(after) or "", limit, cut))
