"""A browser comes in once, and its pages then ask under a cookie that no script can read."""

from __future__ import annotations

from typing import Literal, TypedDict

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.access import credential_of, let_in
from api.answers import JSON
from api.drafts import Credential
from api.forms import JsonBody, model_of
from api.placed import base_path, cookie_of
from api.routed import AdmittedRoute
from api.told_settings import acts, shows
from services.access.allowances import TooManyCalls
from services.access.callers import OPEN, Caller
from services.access.gate import Access, Everybody
from services.access.refused import NotAdmitted
from services.shown import Json

router = APIRouter(prefix="/v1/session", route_class=AdmittedRoute)
LASTS = 7 * 24 * 3600
"""Seconds after which a browser is asked for its key again."""


@router.get("", **shows("get_session", "Who asks", "SessionShown", fails=(422, 503)))
async def get_session(request: Request) -> Response:
    """By which name what the caller records is kept, and with which rights they ask; by none if they are not known.

    A key in the header that is not known is told as everywhere; a cookie that is not is only passed over.
    """
    access: Access = request.app.state.access
    if isinstance(access, Everybody):
        return _shown(OPEN, request)
    try:
        credential = credential_of(request)
        return _shown(await let_in(request, access, credential) if credential else None, request)
    except (NotAdmitted, TooManyCalls):
        if "authorization" in request.headers:
            raise
        return _shown(None, request)


@router.post("", **acts("begin_session", "Come in with a browser", "SessionShown", "Credential"))
async def begin_session(request: Request, body: JsonBody) -> Response:
    """Keep the key in a cookie of this browser, for a week; pages of this service alone can use it."""
    access: Access = request.app.state.access
    credential = model_of(Credential, body).key.strip()
    if isinstance(access, Everybody):
        return _shown(OPEN, request)
    answer = _shown(await let_in(request, access, credential), request)
    answer.set_cookie(cookie_of(request.scope), credential, LASTS, **_kept(request))
    return answer


@router.delete("", **acts("end_session", "Go out with a browser", "SessionShown"))
async def end_session(request: Request) -> Response:
    """Have the browser forget its cookie, and all answers. The key stands: to end that, it has to be revoked."""
    access: Access = request.app.state.access
    answer = _shown(OPEN if isinstance(access, Everybody) else None, request)
    # What was answered before is for nobody who comes after.
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(cookie_of(request.scope), **_kept(request))
    return answer


def _shown(caller: Caller | None, request: Request) -> Response:
    access, reading = request.app.state.access, request.app.state.newsroom.reading
    rights = caller.rights if caller else frozenset[str]()
    told: Json = {
        "access": "open" if isinstance(access, Everybody) else "keys",
        "by": caller.by if caller else None,
        "role": caller.role if caller else None,
        # Where nothing is recorded, nobody has to be shown a form for it.
        "rights": sorted(rights if reading is None else rights & {"read"}),
    }
    return Response(to_json(told), headers={"Cache-Control": "no-store"}, media_type=JSON)


class _Kept(TypedDict):
    path: str
    httponly: bool
    samesite: Literal["strict"]
    secure: bool


def _kept(request: Request) -> _Kept:
    """Return how a browser keeps the cookie of a desk: for that desk's addresses alone."""
    path = base_path(request.scope) or "/"
    return {"path": path, "httponly": True, "samesite": "strict", "secure": _by_https(request)}


def _by_https(request: Request) -> bool:
    # Said by whoever asks, perhaps, and then it binds only their own cookie to https.
    # Of several proxies the first one is whom the browser reached.
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").partition(",")[0].strip())
