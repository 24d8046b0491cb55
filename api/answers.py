"""An answer tells what it was computed from, how long it is good for and where the next page is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

from fastapi import Request, Response
from pydantic_core import to_json

from api.conditional import FOR_EVER, UNTIL_ASKED, answered, guard_tag
from api.cursors import Place, next_link
from services.comparison import ComparedPage
from services.courses import CoursesPage
from services.cuts import Answer, Page
from services.feed import Slice
from services.shown import Json

JSON = "application/json"
T = TypeVar("T")


def headers_of(answer: Answer[T]) -> dict[str, str]:
    """Return the headers of every answer that reads: position, caching, and the projection if one was named."""
    told = {
        "Ledger-Position": str(answer.position),
        "Cache-Control": FOR_EVER if answer.immutable else UNTIL_ASKED,
    }
    return told if answer.projection is None else {**told, "Ledger-Projection": answer.projection}


def _source_of(answer: Answer[T]) -> dict[str, object]:
    """Return what every list tells of where it comes from."""
    told: dict[str, object] = {"position": answer.position}
    return told if answer.projection is None else {**told, "projection": answer.projection}


def one(request: Request, answer: Answer[Json]) -> Response:
    """Answer with one thing as the service shows it."""
    return answered(request, to_json(answer.body), JSON, headers_of(answer))


def told_once(answer: Answer[Json]) -> Response:
    """Answer with what is worked out for this caller alone, and kept by nobody."""
    headers = {"Ledger-Position": str(answer.position), "Cache-Control": "no-store"}
    return Response(to_json(answer.body), 200, headers, JSON)


def registered(request: Request, answer: Answer[Json]) -> Response:
    """Answer with a registered thing; its entity tag guards a revision."""
    headers, content = headers_of(answer), to_json(answer.body)
    revised = answer.body.get("revised")
    if isinstance(revised, int):
        headers["ETag"] = guard_tag(revised, content)
    return answered(request, content, JSON, headers)


def listed(
    request: Request, name: str, answer: Answer[list[Json]], more: Mapping[str, object] | None = None
) -> Response:
    """Answer with a whole list under its name."""
    body = {**_source_of(answer), **(more or {}), name: answer.body}
    return answered(request, to_json(body), JSON, headers_of(answer))


def paged(request: Request, name: str, answer: Answer[Page], vary: str | None = None) -> Response:
    """Answer with a page of a list, and a link to the next one."""
    body = {**_source_of(answer), name: answer.body.rows}
    headers = {**headers_of(answer), **next_of(request, answer.body.next)}
    if vary is not None:
        headers["Vary"] = vary
    return answered(request, to_json(body), JSON, headers)


def compared_page(request: Request, answer: Answer[ComparedPage]) -> Response:
    """Answer with a page of differences, and a link to the next one."""
    headers = {**headers_of(answer), **next_of(request, answer.body.next)}
    return answered(request, to_json({"position": answer.position, **answer.body.body}), JSON, headers)


def courses_page(request: Request, answer: Answer[CoursesPage]) -> Response:
    """Answer with the columns of a page of courses, and a link to the next one."""
    headers = {**headers_of(answer), **next_of(request, answer.body.next)}
    return answered(request, to_json({**_source_of(answer), **answer.body.body}), JSON, headers)


def next_of(request: Request, place: Place | None) -> dict[str, str]:
    """Return the header with the link to the next page, if there is one."""
    if place is None:
        return {}
    return {"Link": next_link(request.url.path, request.query_params.multi_items(), place)}


def plain(request: Request, body: Json) -> Response:
    """Answer with something that is so now, and may be otherwise in a moment."""
    return answered(request, to_json(body), JSON, {"Cache-Control": UNTIL_ASKED})


def event_page(request: Request, form: str, part: Slice, head: int, *, settled: bool) -> Response:
    """Answer with a page of events as JSON or as lines; `settled` says that it is never another one."""
    events = part.rows
    headers = {
        "Ledger-Position": str(head),
        "Cache-Control": FOR_EVER if settled and form != JSON else UNTIL_ASKED,
        "Vary": "Accept",
        **next_of(request, part.reached if part.full else None),
    }
    if form == JSON:
        return answered(request, to_json({"head": head, "events": events}), form, headers)
    lines = b"".join(to_json(event) + b"\n" for event in events)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        # RFC 9530 means the bytes as they are sent, and packing comes after us.
        headers["Repr-Digest"] = digest_header(sha256(lines).digest())
    return answered(request, lines, form, headers)


def digest_header(sha256_digest: bytes) -> str:
    """Return the value of a digest header (RFC 9530)."""
    return f"sha-256=:{b64encode(sha256_digest).decode()}:"


def features(request: Request, answer: Answer[Page]) -> Response:
    """Answer with a page of beliefs as GeoJSON (RFC 7946): one feature a belief, at its place."""
    # A foreign member (RFC 7946, section 6.1), as far as it is told in lists.
    named = {} if answer.projection is None else {"projection": answer.projection}
    body = {"type": "FeatureCollection", **named, "features": [_feature(row) for row in answer.body.rows]}
    headers = {**headers_of(answer), **next_of(request, answer.body.next), "Vary": "Accept"}
    return answered(request, to_json(body), "application/geo+json", headers)


def _feature(row: Json) -> Json:
    place = row.get("place")
    geometry = place.get("geometry") if isinstance(place, Mapping) else None
    kept = {key: value for key, value in place.items() if key != "geometry"} if isinstance(place, Mapping) else place
    return {"type": "Feature", "geometry": geometry, "properties": {**row, "place": kept}}


def accepted(request: Request, offered: Sequence[str]) -> str | None:
    """Return the media type that the caller likes best of those offered, the first in doubt; None if it likes none."""
    ranked = [(_liking(request.headers.get("accept", "*/*"), kind), -place, kind) for place, kind in enumerate(offered)]
    liking, _, kind = max(ranked)
    return kind if liking > 0 else None


def _liking(accept: str, kind: str) -> float:
    """Return the quality that an Accept header gives a media type: that of its most specific range."""
    best: tuple[int, float] = (-1, 0.0)
    for given in accept.split(","):
        wanted, *settings = [part.strip() for part in given.lower().split(";")]
        breadth = _breadth(wanted, kind)
        if breadth > best[0]:
            best = (breadth, _quality(settings))
    return best[1]


def _breadth(wanted: str, kind: str) -> int:
    ranges = ["*/*", f"{kind.partition('/')[0]}/*", kind]
    return ranges.index(wanted) if wanted in ranges else -1


def _quality(settings: Sequence[str]) -> float:
    for setting in settings:
        name, _, value = setting.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
