"""A file of any size is recorded line by line while it comes in, and the report goes out as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile, TemporaryFile
from time import monotonic
from typing import IO, Annotated

import anyio.from_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from api.access import Asker
from api.admitted import sent_while_admitted
from api.bodies import is_packed, lines_of
from api.forms import refuse_other_types
from api.lanes import Lane
from api.operations import imports
from api.parameters import Room
from api.problems import document, request_id_of
from api.routed import AdmittedRoute
from domain.refusals import Refusal
from services.access.refused import NotAdmitted, refuse_erasures
from services.errors import LedgerBusy, LedgerClosed, StoreUnavailable
from services.imports import MAX_LINE, import_all_or_nothing, import_lines
from services.shown import Json

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
LINES = "application/x-ndjson"
LANE = Lane("imports", at_once=8)
"""An import that waits for its sender holds a thread."""
TOLD_MEANWHILE = 128 * 1024
"""Bytes of the report that are sent while the file still comes in: a caller who sends all before it reads would
otherwise wait for us while we wait for it."""
BUNDLE = 32 * 1024
SOON = 0.2
"""Bytes and seconds after which a part of the report goes out."""
IN_MEMORY = 1024 * 1024


@router.post("/imports", **imports("import_lines", "Record many lines"))
async def take_in(
    request: Request,
    room: Room,
    asker: Asker,
    atomic: Annotated[
        bool, Query(description="Record all lines in one transaction, or none if one is refused.")
    ] = False,
) -> Response:
    """One JSON object a line, any mix of registry entries, claims and later events, gzip if you like, of any size.

    The report is NDJSON too: a line for each refused line with its number and reason, one for every thousand taken in,
    and one at the end. A line sent twice is a duplicate, so an import that was broken off is simply sent again.
    """
    refuse_other_types(request, LINES, "application/ndjson", "application/jsonl", "application/json")
    allow = partial(refuse_erasures, asker)
    body = Incoming(request, packed=is_packed(request))
    # Not compressed: the report is read line by line as it grows.
    headers = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
    if atomic:
        rows = at_once(body, lambda kept: import_all_or_nothing(room.ledger, lambda: from_start(kept), asker.by, allow))
    else:
        rows = held_back(import_lines(room.ledger, body.lines(), asker.by, allow), body)
    told = told_to_the_end(rows, request_id_of(request.scope))
    return Report(LANE.stream(bundled(told)), headers=headers, media_type=LINES)


class Report(StreamingResponse):
    """An answer that goes out while the body still comes in.

    The stock one listens for the end of the connection meanwhile, and so would eat the body.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await self.stream_response(send)


class Incoming:
    """A body as it comes in, read from a thread."""

    def __init__(self, request: Request, *, packed: bool) -> None:
        # It may come in for hours, and nobody is let in for longer than their key stands.
        self._chunks = aiter(sent_while_admitted(request))
        self._packed = packed
        self.ended = False

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the body, none kept longer than an import takes."""
        return lines_of(self._wait_for_chunks(), MAX_LINE, packed=self._packed)

    def _wait_for_chunks(self) -> Iterator[bytes]:
        while not self.ended:
            chunk = anyio.from_thread.run(anext, self._chunks, None)
            self.ended = chunk is None
            if chunk:
                yield chunk


def held_back(rows: Iterable[Json], body: Incoming) -> Iterator[bytes]:
    """Yield the report as lines; beyond `TOLD_MEANWHILE` it waits, on disk if it is long, until the body is in."""
    told = 0
    with SpooledTemporaryFile(IN_MEMORY) as waiting:
        for row in rows:
            line = to_json(row) + b"\n"
            told += len(line)
            if not body.ended and told > TOLD_MEANWHILE:
                waiting.write(line)
            else:
                yield from emptied(waiting)
                yield line


def emptied(waiting: IO[bytes]) -> Iterator[bytes]:
    """Yield what was held back, and leave nothing."""
    if waiting.tell():
        waiting.seek(0)
        yield from waiting
        waiting.seek(0)
        waiting.truncate()


def at_once(body: Incoming, work: Callable[[IO[bytes]], Iterable[Json]]) -> Iterator[bytes]:
    """Keep the whole body on disk first: the ledger waits for nobody's network while it holds everybody up."""
    with TemporaryFile() as kept:
        for line in body.lines():
            kept.write(line + b"\n")
        for row in work(kept):
            yield to_json(row) + b"\n"


def from_start(kept: IO[bytes]) -> Iterable[bytes]:
    """Return the lines of a file from its beginning."""
    kept.seek(0)
    return kept


def told_to_the_end(lines: Iterator[bytes], request_id: str) -> Iterator[bytes]:
    """Yield the report, with a last line `failed` in the place of a status that is sent already."""
    try:
        yield from lines
    except (Refusal, NotAdmitted, StoreUnavailable, LedgerBusy, LedgerClosed, ClientDisconnect) as error:
        # Where the caller has gone, nobody reads it; whoever sent too slowly does. What was recorded stays.
        yield to_json({"report": "failed", **document(error, request_id)}) + b"\n"


def bundled(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines that come quickly together: each time it goes out costs more than the line."""
    bundle = bytearray()
    since = monotonic()
    for line in lines:
        bundle += line
        if len(bundle) > BUNDLE or monotonic() - since > SOON:
            yield bytes(bundle)
            bundle.clear()
            since = monotonic()
    if bundle:
        yield bytes(bundle)
