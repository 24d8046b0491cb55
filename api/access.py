"""One table says which right each call asks for, and one place holds every request against it."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limits import Limits, tell_limits
from api.operations import problems_told
from api.placed import COOKIE, cookie_of, path_in
from api.refused import FromElsewhere
from services.access.callers import OPEN, Caller
from services.access.gate import Access, Everybody, Gate
from services.access.refused import NotAdmitted, NotAllowed
from services.access.roles import Right
from services.errors import ReadingOnly
from services.one_server import begin_an_answer
from services.patience import answer_soon
from services.settings import is_loopback

_GRANTED: dict[Right | None, str] = {
    # Whatever describes and holds nothing, and what somebody without a key needs to come in.
    None: """
        get_health get_readiness show_schema show_docs show_problem get_verifier
        get_session begin_session end_session
    """,
    "read": """
        search_claims get_claim get_claim_changes preview_claim prove_claim
        list_sources get_source get_stances get_track_record get_timeline_of_source get_difference_of_source
        list_locations get_location get_timeline_of_location get_difference_of_location
        get_picture get_belief get_history get_words get_timemap prove_belief
        get_belief_on_subject get_history_on_subject get_words_on_subject get_timemap_on_subject
        list_stories get_story get_story_picture get_timeline get_difference get_timemap_of_story
        list_editions get_edition list_aspects get_aspect get_document get_passage
        list_beliefs list_belief_histories list_contradictions list_policies compare_pictures
        list_map_layers get_map_layer list_events prove_event export_ledger
        list_alerts list_alert_rules get_alert_rule
        list_projections get_projection list_projection_rows get_metrics
        list_checkpoints get_checkpoint prove_consistency get_tlog_checkpoint get_entries get_tile
    """,
    "record": """
        record_claim relate_claim archive_document register_source register_location
    """,
    "edit": """
        import_lines correct_claim withdraw_claim void_claim make_assessment
        tie_source end_tie declare_lean end_lean rate_source link_location end_link register_aspect
        register_story publish_edition keep_alert_rule drop_alert_rule
    """,
    "identify": """
        get_identity
    """,
    "run": """
        start_replay cancel_replay drop_projection drop_retired retry_projection make_checkpoint
    """,
    "admin": """
        list_keys make_key get_key revoke_key erase_text
        list_webhooks make_webhook get_webhook keep_webhook drop_webhook
        renew_webhook_secret test_webhook list_deliveries resend_alerts
    """,
}
RIGHT_OF: dict[str, Right | None] = {name: right for right, names in _GRANTED.items() for name in names.split()}
"""The right that each operation asks for; None: whoever reaches the service may."""

SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key, or a token of the desk's identity provider."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "What `POST /v1/session` sets."},
}
_SAFE = ("GET", "HEAD")
_AT_LENGTH = """
    export_ledger list_events list_alerts get_projection get_metrics prove_claim prove_belief prove_event
    list_checkpoints get_checkpoint prove_consistency get_tlog_checkpoint get_entries get_tile
"""
"""What is asked for and takes as long as it takes: what is streamed, and what is reckoned from the whole log."""
_LIVE = ("list_events", "list_alerts")
_KEYED = ("/v1/", "/tlog/", "/metrics")


def operation_of(route: Any) -> str:  # noqa: ANN401 (what the framework puts into the scope has no public type)
    """Return the name by which the table knows a route."""
    return route.operation_id or route.name


def right_at(request: Request) -> Right | None:
    """Return the right that the operation asks for here: whether a desk is ready tells that there is one."""
    name = operation_of(request.scope["route"])
    return "read" if name == "get_readiness" and not request.app.state.is_told_of else RIGHT_OF[name]


async def admit(request: Request) -> None:
    """Find out who asks and put them into `request.state.caller`, where the operation asks for a right.

    Raises NotAdmitted, NotAllowed, TooManyCalls, FromElsewhere, StoreUnavailable and IdentityProviderAway.
    """
    access: Access = request.app.state.access
    right = right_at(request)
    refuse_other_origins(request)
    if right is None:
        return
    if is_answered_soon(operation_of(request.scope["route"]), request.method):
        answer_soon()
    limits: Limits = request.app.state.limits
    if isinstance(access, Everybody):
        _refuse_false_names(request)
        limits.count(request, OPEN.by)
        request.state.caller = OPEN
        _refuse_changes(request, right)
        return
    credential = credential_of(request)
    if credential is None:
        raise NotAdmitted("a key is needed here: send it as `Authorization: Bearer …`", was_given=False)
    caller = await let_in(request, access, credential)
    limits.count(request, caller.by)
    if right not in caller.rights:
        raise NotAllowed(caller.by, right)
    request.state.caller = caller
    _refuse_changes(request, right)


def _refuse_changes(request: Request, right: Right) -> None:
    """Raise ReadingOnly where nothing is recorded or changed, and this would; what is asked there is of one server."""
    reading = request.app.state.newsroom.reading
    if reading is None:
        return
    if right != "read" and request.method not in _SAFE:
        raise ReadingOnly(reading.record_at)
    # A live stream goes on at another server, from where it was.
    if operation_of(request.scope["route"]) not in _LIVE:
        begin_an_answer()


def is_answered_soon(name: str, method: str) -> bool:
    """Tell whether an operation only asks, and is bounded in time."""
    return method in _SAFE and RIGHT_OF[name] == "read" and name not in _AT_LENGTH.split()


async def let_in(request: Request, gate: Gate, credential: str) -> Caller:
    """Return who has this. Raises what `Gate.caller` does, and TooManyCalls for one guess too many."""
    if found := gate.remembered(credential):
        return found
    limits: Limits = request.app.state.limits
    async with limits.turn(request):
        try:
            return await known(gate, credential)
        except NotAdmitted:
            limits.guessed(request)
            raise


async def known(gate: Gate, credential: str) -> Caller:
    """Return who has this. Raises what `Gate.caller` does."""
    return gate.remembered(credential) or await run_in_threadpool(gate.caller, credential)


def credential_of(request: Request) -> str | None:
    """Return what the caller shows: the header before the cookie.

    Raises NotAdmitted for a header of another scheme, and for two of a kind: who goes before us may have looked at the
    other one, and a host beside ours can put a cookie of its own before its neighbours' browsers.
    """
    headers = request.headers.getlist("authorization")
    if not headers:
        cookie = cookie_of(request.scope)
        if len(re.findall(rf"(?:^|;)\s*{cookie}\s*=", ";".join(request.headers.getlist("cookie")))) > 1:
            raise NotAdmitted(f"there are two cookies {cookie!r}, and one of them is not ours")
        return request.cookies.get(cookie) or None
    if len(headers) > 1:
        raise NotAdmitted("Authorization is there more than once")
    scheme, _, credential = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise NotAdmitted("what Authorization holds is not `Bearer` and a key")
    return credential.strip()


def refuse_other_origins(request: Request) -> None:
    """Raise FromElsewhere where a browser says that a page of another origin would change something.

    A cookie comes along by itself, so with one a browser has to say that it is our page.
    """
    if request.method in _SAFE:
        return
    said = _says_own_origin(request)
    by_cookie = cookie_of(request.scope) in request.cookies and "authorization" not in request.headers
    if said is False or (by_cookie and said is None):
        raise FromElsewhere("only a page of this very service may do that with somebody's browser")


def _says_own_origin(request: Request) -> bool | None:
    """Tell whether the browser says that our own page asks; None if nothing is said, as by programs."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    # Without the scheme: a proxy that ends TLS before us leaves http here.
    return None if origin is None else origin.partition("://")[2] == request.headers.get("host")


def _refuse_false_names(request: Request) -> None:
    """Raise FromElsewhere if we are called by a name that is not this machine's own.

    A page elsewhere can have its own name lead here (DNS rebinding), and is then of our origin as browsers see it.
    """
    host = request.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not is_loopback(name):
        raise FromElsewhere("where nobody is asked for a key, only localhost, 127.0.0.1 and [::1] are answered")


class ForOneCaller:
    """Tells caches that an answer is for whoever asked, and not for who comes after them with the same browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_for_one(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Authorization, Cookie")
            await send(message)

        # The pages themselves are the same for everybody.
        is_asked = scope["type"] == "http" and path_in(scope).startswith(_KEYED)
        await self.app(scope, receive, send_for_one if is_asked else send)


async def _caller(request: Request) -> Caller:
    return request.state.caller


Asker = Annotated[Caller, Depends(_caller)]
"""Who asks, where the operation asks for a right."""


def tell_access(operation: dict[str, Any], method: str) -> None:
    """Say in an operation of the OpenAPI document who may call it, and how it is told to whoever may not."""
    right = RIGHT_OF[operation["operationId"]]
    # To find out who asks, the database or the identity provider may be needed.
    refused = (401, 403, 429, 503) if right else (403,) * (method.upper() not in _SAFE)
    if operation["operationId"] in ("begin_session", "get_session"):
        refused = (401, 429, *refused)
    more = {str(status): told for status, told in problems_told(refused).items()}
    operation["responses"] = dict(sorted({**more, **operation["responses"]}.items()))
    tell_limits(operation)
    operation["security"] = [{scheme: [right]} for scheme in SCHEMES] if right else []
