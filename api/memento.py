"""Any past answer is found by its date, as archives of the web are (RFC 7089): each address is its own timegate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders

from api.placed import path_in
from api.refused import NotADate

HTTP_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
WITH_TIMEMAP = re.compile(r"/v1/(locations/[^/]+/beliefs(/[^/]+){1,2}|stories/[^/]+/beliefs)")
"""Paths whose changes are listed; the list is at the path and `/timemap`."""
_WHOLE_SECOND = timedelta(seconds=1) - datetime.resolution


def known_at(request: Request, as_of: str | None, accepted: str | None) -> str | None:
    """Return what was asked of the past: `as_of`, which names a memento, else the date that the caller accepts.

    A date is its whole second, since a memento's own date has no finer parts and must lead back to it. Raises NotADate.
    """
    request.state.memento = as_of is not None or accepted is not None
    request.state.negotiated = as_of is None and accepted is not None
    if as_of is not None or accepted is None:
        return as_of
    return (_moment(accepted) + _WHOLE_SECOND).isoformat()


def _moment(given: str) -> datetime:
    try:
        found = parsedate_to_datetime(given) if HTTP_DATE.fullmatch(given) else None
    except ValueError:
        found = None
    if found is None or found.year < 2:
        raise NotADate(given)
    return found.astimezone(UTC)


def http_date(moment: datetime) -> str:
    """Return an instant in UTC as an HTTP date."""
    return format_datetime(moment, usegmt=True)


def told(request: Request, answer: Response) -> Response:
    """Return the answer with what a client of archives reads off it, if its call takes `as_of` at all."""
    if not hasattr(request.state, "memento") or request.url.path.endswith("/timemap"):
        return answer
    headers = answer.headers
    headers.add_vary_header("accept-datetime")
    original = address(request)
    links = [f'<{original}>; rel="original timegate"']
    if WITH_TIMEMAP.fullmatch(path_in(request.scope)):
        timemap = address(request, path=f"{request.url.path}/timemap")
        links.append(f'<{timemap}>; rel="timemap"; type="application/link-format"')
    if request.state.memento and "ledger-position" in headers:
        links += _memento(request, headers)
    # A line of its own: the link to the next page has one, too.
    headers.append("Link", ", ".join(links))
    return answer


def _memento(request: Request, headers: MutableHeaders) -> list[str]:
    """Tell when the ledger came to stand where the answer was computed, and return the link to that state."""
    position = headers["ledger-position"]
    recorded = request.app.state.newsroom.feed.recorded(int(position))
    if recorded is None:
        return []  # before the first event there is nothing to date
    moment, memento = http_date(recorded), address(request, as_of=position)
    headers["Memento-Datetime"] = moment
    if request.state.negotiated:
        headers["Content-Location"] = memento
    return [f'<{memento}>; rel="memento"; datetime="{moment}"']


def address(request: Request, as_of: str | None = None, path: str | None = None, left_out: tuple[str, ...] = ()) -> str:
    """Return the path of the same question, as known at a position or (None) now, without some parameters."""
    unkept = ("as_of", *left_out)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in unkept]
    given = urlencode([*kept, *([("as_of", as_of)] if as_of is not None else [])])
    return f"{path or request.url.path}{f'?{given}' if given else ''}"
