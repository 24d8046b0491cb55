"""Whatever a view keeps is open to whoever asks, that of a projection in somebody else's package too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import paged
from api.cursors import text_place
from api.operations import asks
from api.parameters import PAGE, After, Limit, RecordedCut, Room, SlugPath
from api.patterns import PLAIN
from api.routed import AdmittedRoute

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
Key = Annotated[
    str | None,
    Query(description="Only the row of this key, such as `fighting` or `sohr|minian/fighting`.", pattern=PLAIN),
]


@router.get(
    "/projections/{name}/rows", **asks("list_projection_rows", "What a view keeps", "ProjectionRows", tag="Running")
)
def list_projection_rows(
    request: Request,
    room: Room,
    name: SlugPath,
    cut: RecordedCut,
    key: Key = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """Every state in force by its key, now or as of a position: what a projection is read by that has no route."""
    start = text_place(after) or ""
    return paged(request, "rows", room.rows.rows(name, cut, key=key, after=start, limit=limit))
