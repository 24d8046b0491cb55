"""Whoever runs the service sees where every view stands, has one built anew, and watches how that goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.answers import accepted, plain
from api.drafts import ReplayDraft
from api.forms import json_body, model_of
from api.operations import asks, content, does, starts
from api.parameters import Room, SlugPath
from api.refused import NotAcceptable
from api.routed import AdmittedRoute
from api.waiting import away, listeners, until_the_end
from services.bootstrap import Newsroom
from services.errors import StoreUnavailable
from services.side_by_side import WantedReplay

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
FORMS = ("application/json", "text/event-stream")
EVERY = 0.5
"""Seconds between two events of a stream."""
PROJECTION = content(
    asks("get_projection", "Where one view stands", "ProjectionShown", fails=(404, 406, 422, 503), tag="Running"),
    200,
    FORMS[1],
    "ReplayShown",
)


async def _sent(request: Request) -> bytes:
    """Return the body; none at all says as much as an empty object."""
    is_empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    return b"{}" if is_empty else await json_body(request)


Sent = Annotated[bytes, Depends(_sent)]


@router.get(
    "/projections",
    **asks(
        "list_projections", "Where the views of the ledger stand", "ProjectionList", fails=(422, 503), tag="Running"
    ),
)
def list_projections(request: Request, room: Room) -> Response:
    """Every view: its position, how far it is behind the head, its version and its state; what-ifs with their terms."""
    return plain(request, {"projections": room.side_by_side.all()})


@router.get("/projections/{name}", **PROJECTION)
def get_projection(request: Request, room: Room, name: SlugPath) -> Response:
    """The view or what-if, and how its replay goes if there is one; as server-sent events until that has ended."""
    form = accepted(request, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    body = room.side_by_side.one(name)
    if form == FORMS[1]:
        headers = {"Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
        return StreamingResponse(until_the_end(request, progress_of(room, name)), headers=headers, media_type=form)
    return plain(request, body)


async def progress_of(room: Newsroom, name: str) -> AsyncIterator[bytes]:
    """Yield how the replay goes, as events called `progress`; the last one is called by how it ended.

    `switched`, `stopped`, `refused`, `cancelled`, or `interrupted` if no process has it in hand; `none` if there is
    none.
    """
    ended = "none"
    while True:
        try:
            told = await anyio.to_thread.run_sync(room.side_by_side.progress, name, limiter=listeners())
        except StoreUnavailable:
            yield await away()
            continue
        if told is None:
            yield format_sse_event(data_str="null", event=ended)
            return
        event = "progress" if told.state == "running" else told.state
        yield format_sse_event(data_str=to_json(told.json()).decode(), event=event)
        if event != "progress":
            return
        ended = "cancelled"
        await anyio.sleep(EVERY)


@router.delete("/projections/{name}", **does("drop_projection", "Drop a what-if", "Dropped"))
def drop_projection(request: Request, room: Room, name: SlugPath) -> Response:
    """Drop a what-if, or cancel it while it is being built. A view in use cannot be dropped."""
    room.side_by_side.drop(name)
    return plain(request, {"dropped": name})


@router.post(
    "/projections/{name}/replays",
    **starts("start_replay", "Build a view anew, or a what-if", "ReplayShown", "ReplayDraft"),
)
def start_replay(request: Request, room: Room, name: SlugPath, body: Sent) -> Response:
    """Build the view from the first event on, beside the one in use, and switch when it has caught up; or, with `as`,
    build the picture under other terms, to stand beside the one in use and be asked by that name (`projection=`).

    `GET /v1/projections/{name}` shows how it goes. Whoever reads meanwhile notices nothing.
    """
    draft = model_of(ReplayDraft, body)
    wanted = WantedReplay(draft.as_, draft.policy, draft.without, draft.upto, draft.workers, draft.compare)
    answer = plain(request, room.side_by_side.start(name, wanted))
    answer.status_code = 202
    answer.headers["Location"] = f"/v1/projections/{draft.as_ or name}"
    return answer


@router.delete("/projections/{name}/replays", **does("cancel_replay", "Cancel a replay", "ProjectionShown"))
def cancel_replay(request: Request, room: Room, name: SlugPath) -> Response:
    """Cancel the view's replay, whoever runs it: nothing of it is left, and the view in use is as it was."""
    room.projections.cancel_replay(name)
    return plain(request, room.projections.one(name))


@router.delete("/projections/{name}/retired", **does("drop_retired", "Drop the version before", "ProjectionShown"))
def drop_retired(request: Request, room: Room, name: SlugPath) -> Response:
    """Drop the table that the last switch has put out of use."""
    room.projections.drop_old(name)
    return plain(request, room.projections.one(name))


@router.post("/projections/{name}/retries", **does("retry_projection", "Let a stopped view go on", "ProjectionShown"))
def retry_projection(request: Request, room: Room, name: SlugPath) -> Response:
    """Let the view try again the event that it stopped at, after its cause was mended."""
    room.projections.retry(name)
    return plain(request, room.projections.one(name))
