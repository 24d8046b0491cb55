"""An answer says how long it is good for, and is not sent again to a caller who has it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import Request, Response

from api import memento
from api.refused import PreconditionFailed

FOR_EVER = "private, max-age=31536000, immutable"
UNTIL_ASKED = "no-cache"


def tag_of(content: bytes) -> str:
    """Return the entity tag of an answer: weak, since the same answer may be sent compressed."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def guard_tag(position: int, content: bytes) -> str:
    """Return the entity tag of a registered thing, to be sent back in If-Match: the position of its own last change.

    The rest tells apart answers that differ in what others say of the thing, such as its ties.
    """
    return f'"{position}.{hashlib.sha256(content).hexdigest()[:16]}"'


def answered(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return the answer, or 304 if the caller's If-None-Match names its entity tag."""
    tag = headers.get("ETag") or tag_of(content)
    told = {**headers, "ETag": tag}
    known = request.headers.get("if-none-match")
    if known is not None and _names(known, tag):
        return memento.told(request, Response(status_code=304, headers=told))
    return memento.told(request, Response(content, headers=told, media_type=media_type))


def varying(answer: Response, header: str) -> Response:
    """Return the answer, saying that it depends on a header of the request."""
    answer.headers.add_vary_header(header)
    return answer


def _names(given: str, tag: str) -> bool:
    """Tell whether a list of entity tags names this one (weak comparison, RFC 9110 section 8.8.3.2)."""
    bare = tag.removeprefix("W/")
    return given.strip() == "*" or any(one.strip().removeprefix("W/") == bare for one in given.split(","))


def expected_position(if_match: str | None, if_none_match: str | None) -> int | None:
    """Return the position that a thing's last change must have for the caller to revise it, None for any.

    `If-None-Match: *` is position 0: there must be no such thing yet. Raises PreconditionFailed for an If-Match that
    no tag of ours can meet.
    """
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise PreconditionFailed("If-None-Match on a revision can only be *: there must be no such thing yet")
        return 0
    if if_match is None:
        return None
    digits = if_match.strip().strip('"').partition(".")[0]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        raise PreconditionFailed(f"If-Match {if_match[:60]!r} is not the entity tag of one state of this thing")
    return int(digits)
