"""The ledger itself is open: its events in order, as pages, lines or live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.answers import accepted, event_page
from api.cursors import number_place
from api.operations import asks, content
from api.parameters import PAGE, ChosenPart, Limit, RecordedAt, Room
from api.refused import AskedOtherwise, NotAcceptable
from api.routed import AdmittedRoute
from api.waiting import away, listeners, until_the_end
from domain.events import EVENTS
from services.bootstrap import Newsroom
from services.chosen import Chosen
from services.errors import StoreUnavailable, Wrong

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
FORMS = ("application/json", "application/x-ndjson", "application/jsonl", "text/event-stream")
KEEP_ALIVE = 15.0
"""Seconds of silence until a comment tells proxies that the stream is alive."""
EVENTS_TOLD = asks("list_events", "The events of the ledger", "EventPage", fails=(406, 422, 503))
for form in FORMS[1:]:
    EVENTS_TOLD = content(EVENTS_TOLD, 200, form, "EventShown")
Names = Annotated[
    list[Annotated[str, Query(max_length=60)]] | None,
    Query(
        description="Only events of these stored names, such as `claim-recorded.v1`; may be repeated.", max_length=50
    ),
]
LastEventId = Annotated[
    int | None, Header(alias="Last-Event-ID", description="The last position that a stream brought.", ge=0, lt=2**63)
]


@router.get("/events", **EVENTS_TOLD)
def list_events(
    request: Request,
    room: Room,
    chosen: ChosenPart,
    after: Annotated[
        str | None, Query(description="A position, or the cursor of a `Link` header: go on behind it.", max_length=400)
    ] = None,
    types: Names = None,
    since: RecordedAt = None,
    until: RecordedAt = None,
    limit: Limit = PAGE,
    last: LastEventId = None,
) -> Response:
    """Every event in order: a page as JSON or NDJSON, or (`Accept: text/event-stream`) all of them, and then live.

    Events can be chosen, as for `GET /v1/exports`: the registry comes along whole, and with a claim what became of it.
    A page of chosen events may be short, or empty, and have a `Link` to the next one. `since` (exclusive) and `until`
    (inclusive) are instants of recording; a live stream has no `until`.
    """
    form = accepted(request, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    names = known_names(types or [])
    start, upto = room.feed.between(position_of(after), since, until)
    if form == FORMS[3]:
        if until is not None:
            raise AskedOtherwise(Wrong("until", "a stream that goes on has no end", "no `until`"))
        begin = start if last is None else last
        # What cannot be chosen is refused before the stream begins.
        room.feed.page(begin, min(begin, upto), 1, names, chosen)
        headers = {"Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            until_the_end(request, live(room, begin, names, chosen)),
            headers=headers,
            media_type=form,
        )
    part = room.feed.page(start, upto, limit, names, chosen)
    settled = chosen.everything and len(part.rows) == limit
    return event_page(request, form, part, upto, settled=settled)


def position_of(after: str | None) -> int:
    """Return the position behind which to go on."""
    if after is not None and after.isascii() and after.isdecimal() and len(after) <= 18:
        return int(after)
    return number_place(after) or 0


def known_names(types: list[str]) -> tuple[str, ...]:
    """Return the stored names; raises AskedOtherwise for one that no event has."""
    wrong = [
        Wrong("types", f"no event is called {name!r}", f"of {', '.join(EVENTS)}")
        for name in types
        if name not in EVENTS
    ]
    if wrong:
        raise AskedOtherwise(*wrong)
    return tuple(types)


async def live(room: Newsroom, after: int, names: tuple[str, ...], chosen: Chosen) -> AsyncIterator[bytes]:
    """Yield every event behind `after` as a server-sent event, its position as id, and go on as the ledger grows."""
    threads = listeners()
    while True:
        try:
            # Looked up first: what is recorded after it is not in the way of the events that are read next.
            head = await anyio.to_thread.run_sync(room.feed.head, limiter=threads)
            part = await anyio.to_thread.run_sync(room.feed.page, after, head, PAGE, names, chosen, limiter=threads)
        except StoreUnavailable:
            yield await away()
            continue
        for event in part.rows:
            yield format_sse_event(
                data_str=to_json(event).decode(), event=str(event["type"]), id=str(event["position"])
            )
        after = part.reached
        if not part.rows and after >= head:
            yield format_sse_event(comment="nothing new")
            await anyio.to_thread.run_sync(room.feed.wait, after, KEEP_ALIVE, limiter=threads, abandon_on_cancel=True)
