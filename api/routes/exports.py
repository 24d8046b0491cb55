"""The ledger, whole or in part, goes out as one file: lines for another ledger, or a table of claims for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.admitted import while_admitted, written_while_admitted
from api.answers import accepted, digest_header
from api.lanes import Lane
from api.operations import asks
from api.parameters import ChosenPart, RecordedAt, Room
from api.refused import NotAcceptable
from api.routed import AdmittedRoute
from services.claim_table import claim_rows

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
LINES = "application/x-ndjson"
TABLE = "text/csv"
LANE = Lane("exports", at_once=8)
"""Each export holds a thread while it reads."""
BUNDLE = 64 * 1024
"""Bytes that go out together."""
TOLD = asks("export_ledger", "The ledger as a file", "EventPage", fails=(406, 422, 503))
TOLD["responses"][200]["content"] = {
    LINES: {"schema": {"type": "object", "description": "A line, in a form that `POST /v1/imports` takes."}},
    TABLE: {"schema": {"type": "string"}},
}
WantDigest = Annotated[
    str | None,
    Header(
        alias="Want-Repr-Digest",
        description="`sha-256=1` asks for the digest of the whole in a header (RFC 9530): it is then written first, and"
        " sent when it is complete.",
        max_length=200,
    ),
]


@router.get("/exports", **TOLD)
def export_ledger(
    request: Request,
    room: Room,
    chosen: ChosenPart,
    after: Annotated[int, Query(description="Begin behind this position.", ge=0, lt=2**63)] = 0,
    since: RecordedAt = None,
    until: RecordedAt = None,
    digest: WantDigest = None,
) -> Response:
    """What was recorded, up to the `Ledger-Position` of the answer, in the form in which `POST /v1/imports` takes it.

    Taken in by an empty ledger, the whole makes the same ledger: every belief has the same digest. Of a part (`story`,
    `source`, `location` with its parts, `valid_at`) the registry comes along whole, so that the lines can be taken in
    elsewhere, and with a claim what became of it. `since` (exclusive) and `until` (inclusive) are instants of
    recording. With `Accept: text/csv` the claims come as a table for people. Should the key end meanwhile, the
    connection is closed before the file is complete.
    """
    form = accepted(request, (LINES, TABLE))
    if form is None:
        raise NotAcceptable((LINES, TABLE))
    first, last = room.feed.between(after, since, until)
    if form == LINES:
        lines = room.feed.export(first, last, chosen)
    else:
        lines = claim_rows(room.claims, room.feed.claims(first, last, chosen), last)
    ending = ".ndjson" if form == LINES else ".csv"
    headers = {
        "Ledger-Position": str(last),
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Content-Disposition": f'attachment; filename="onrecord-{first + 1}-{last}{ending}"',
    }
    chunks = bundled(lines)
    if wants_digest(digest):
        kept, told = written(written_while_admitted(request, chunks))
        headers.update(told)
        chunks = pieces(kept)
    return StreamingResponse(while_admitted(request, LANE.stream(chunks)), headers=headers, media_type=form)


def wants_digest(said: str | None) -> bool:
    """Tell whether the caller prefers SHA-256 at all; a preference of 0 means it does not."""
    for one in (said or "").split(","):
        name, _, weight = one.strip().partition("=")
        if name == "sha-256":
            return weight != "0"
    return False


def bundled(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield the lines, some together."""
    bundle = bytearray()
    for line in lines:
        bundle += line.encode()
        bundle += b"\n"
        if len(bundle) > BUNDLE:
            yield bytes(bundle)
            bundle.clear()
    if bundle:
        yield bytes(bundle)


def written(chunks: Iterable[bytes]) -> tuple[IO[bytes], dict[str, str]]:
    """Write the whole to a file without a name, for a digest goes out before it; return it and what is known of it."""
    digest = sha256()
    kept = TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    for chunk in chunks:
        digest.update(chunk)
        kept.write(chunk)
    length = kept.tell()
    kept.seek(0)
    # RFC 9530 means the bytes as they are sent, so they are not packed on the way.
    told = {
        "Repr-Digest": digest_header(digest.digest()),
        "Content-Length": str(length),
        "Content-Encoding": "identity",
    }
    return kept, told


def pieces(kept: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with kept:
        while piece := kept.read(BUNDLE):
            yield piece
