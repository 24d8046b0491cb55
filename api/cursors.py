"""A cursor is opaque: what it holds is ours to change, and one that we did not make is refused."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from urllib.parse import urlencode

from api.refused import AskedOtherwise
from services.errors import Wrong

Place = int | str
_OURS = "c1"


def cursor(place: Place) -> str:
    """Return the cursor that goes on behind a row."""
    written = json.dumps([_OURS, place], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def place_of(given: str | None) -> Place | None:
    """Return what a cursor holds; raises AskedOtherwise for one that was not made here."""
    if given is None:
        return None
    try:
        mark, place = json.loads(base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise _refused(given) from None
    if mark != _OURS or not isinstance(place, int | str) or isinstance(place, bool):
        raise _refused(given)
    if isinstance(place, str) and not _is_text(place):
        raise _refused(given)
    return place


def text_place(given: str | None) -> str | None:
    """Return what a cursor over names holds."""
    place = place_of(given)
    if place is not None and not isinstance(place, str):
        raise _refused(given or "")
    return place


def number_place(given: str | None) -> int | None:
    """Return what a cursor over positions holds."""
    place = place_of(given)
    if place is not None and (not isinstance(place, int) or not 0 <= place < 2**63):
        raise _refused(given or "")
    return place


def next_link(path: str, parameters: Iterable[tuple[str, str]], place: Place) -> str:
    """Return the RFC 8288 link to the next page: the same question behind the last row."""
    kept = [(name, value) for name, value in parameters if name != "after"]
    return f'<{path}?{urlencode([*kept, ("after", cursor(place))])}>; rel="next"'


def _is_text(place: str) -> bool:
    """Tell whether the database takes it: JSON may also hold NUL and halves of surrogate pairs."""
    return "\0" not in place and not any("\ud800" <= letter <= "\udfff" for letter in place)


def _refused(given: str) -> AskedOtherwise:
    shown = given if len(given) <= 40 else f"{given[:40]}…"
    return AskedOtherwise(Wrong("after", f"{shown!r} is not a cursor of this list", "a cursor from a Link header"))
