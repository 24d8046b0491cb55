"""What is contested is listed as a desk works it off: by what was printed of it, and by how long it has been."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import paged
from api.cursors import text_place
from api.operations import asks
from api.parameters import PAGE, After, FullCut, Limit, OneSlug, Room
from api.routed import AdmittedRoute

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)


@router.get("/contradictions", **asks("list_contradictions", "What is contested", "ContradictionPage"))
def list_contradictions(
    request: Request,
    room: Room,
    cut: FullCut,
    story: OneSlug = None,
    aspect: OneSlug = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """Every contested question, those first that most editions in force rest on, then those contested for longest.

    An edition rests on a question if it pinned what was reported of it (`printed`), or cites a claim on it that stands
    (`cites`); it is in force until another one corrects it. `since` is the event with which the question became
    contested, `claims` are those that the sides rest on. Under another policy than the default, or without somebody,
    2,000 questions are judged at most: name a story or an aspect, or ask a what-if.
    """
    found = room.contradictions.contradictions(story, aspect, text_place(after) or "", limit, cut)
    return paged(request, "contradictions", found)
