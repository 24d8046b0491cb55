"""Every error is one shape (RFC 9457), and one table says which status it has."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.patterns import FORMS
from api.placed import path_in
from api.refused import (
    AskedOtherwise,
    CallKeyReused,
    FromElsewhere,
    HeadTooLong,
    NotAcceptable,
    NotADate,
    NotJson,
    NotThere,
    PreconditionFailed,
    TooLarge,
    TooSlow,
)
from domain import refusals
from domain.belief.judge import UnknownAspect
from domain.policies import UnknownPolicy
from domain.refusals import Refusal
from services import errors
from services.access.allowances import TooManyCalls
from services.access.refused import IdentityProviderAway, NotAdmitted, NotAllowed
from services.alert_rules import RuleInUse
from services.orders import ReplayBusy
from services.side_by_side import NameTaken, NotDroppable
from services.webhooks import NoWebhookKey

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("onrecord.api")
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its name in `/problems/NAME`, its title; `retry` is what Retry-After says."""

    status: int
    name: str
    title: str
    retry: int | None = None


CONFLICTS: tuple[type[Refusal], ...] = (
    refusals.AlreadyRecorded,
    refusals.AspectFixed,
    refusals.CarriedInACircle,
    refusals.EditionOutOfOrder,
    refusals.KeyReused,
    refusals.NotInForce,
    refusals.NotStanding,
    refusals.PartOfItself,
    refusals.TextNotHeld,
    refusals.WithdrawnByAnother,
    NameTaken,
    NotDroppable,
    NoWebhookKey,
    RuleInUse,
)
"""Refusals because of what the ledger already holds: 409. All others are 422."""

KINDS: dict[type[Exception], Kind] = {
    NotADate: Kind(400, "unreadable-datetime", "The date cannot be understood."),
    NotAdmitted: Kind(401, "not-admitted", "It is not known who asks."),
    NotAllowed: Kind(403, "not-allowed", "This is not for everybody to do."),
    errors.ReadingOnly: Kind(403, "reading-only", "Nothing is recorded or changed here."),
    FromElsewhere: Kind(403, "from-elsewhere", "The request comes from another page than ours."),
    NotThere: Kind(404, "not-found", "There is nothing of this name."),
    errors.UnknownThing: Kind(404, "not-found", "There is nothing of this name."),
    UnknownAspect: Kind(404, "not-found", "There is nothing of this name."),
    NotAcceptable: Kind(406, "not-acceptable", "There is no such form of this answer."),
    TooSlow: Kind(408, "too-slow", "The request came in too slowly."),
    CallKeyReused: Kind(409, refusals.KeyReused.kind, refusals.KeyReused.title),
    PreconditionFailed: Kind(412, "precondition-failed", "It is no longer what the caller saw."),
    TooLarge: Kind(413, "too-large", "This is more than is taken in at once."),
    NotJson: Kind(415, "unsupported-media-type", "The body is of a kind that is not read here."),
    HeadTooLong: Kind(431, "head-too-long", "Address and headers are more than is taken in."),
    TooManyCalls: Kind(429, "too-many-calls", "There were too many calls."),
    AskedOtherwise: Kind(422, "bad-query", "The question cannot be understood."),
    RequestValidationError: Kind(422, "bad-query", "The question cannot be understood."),
    errors.BadQuery: Kind(422, "bad-query", "The question cannot be understood."),
    UnknownPolicy: Kind(422, "unknown-policy", "There is no such policy."),
    ReplayBusy: Kind(409, "replay-busy", "A replay is under way."),
    errors.NotAsSigned: Kind(500, "not-as-signed", "The ledger is not what was signed."),
    errors.CorruptLedger: Kind(500, "not-as-recorded", "The ledger is not what was recorded."),
    errors.NotSignedYet: Kind(409, "not-signed-yet", "No checkpoint covers this yet."),
    errors.NoSigningKey: Kind(409, "no-signing-key", "There is no key to sign with."),
    errors.NotCaughtUp: Kind(503, "not-caught-up", "The answer does not include that position yet.", retry=1),
    errors.TookTooLong: Kind(503, "took-too-long", "The answer took too long.", retry=30),
    errors.LedgerBusy: Kind(503, "busy", "More is waiting to be recorded than is taken in.", retry=1),
    errors.LedgerClosed: Kind(503, "closing", "The service is shutting down.", retry=5),
    errors.StoreUnavailable: Kind(503, "store-unavailable", "The database is not available.", retry=5),
    IdentityProviderAway: Kind(503, "identity-provider-away", "Who asks cannot be found out now.", retry=30),
    errors.DeskNotOpen: Kind(503, "desk-not-open", "This desk is not open now.", retry=10),
    errors.NotMigrated: Kind(503, "not-migrated", "The database is not of this version.", retry=60),
}
"""Everything else that may be told to a caller."""

HTTP = {
    404: Kind(404, "not-found", "There is nothing at this address."),
    405: Kind(405, "method-not-allowed", "This address does not take this method."),
    413: KINDS[TooLarge],
}
UNFORESEEN = Kind(500, "unforeseen", "Something went wrong that nobody foresaw.")
GONE = Kind(400, "incomplete", "The request ended before it was complete.")


def kind_of(error: Exception) -> Kind:
    """Return the kind of an error; whatever is in no table is unforeseen."""
    if isinstance(error, errors.Moved):
        return Kind(412, error.kind, error.title)
    if isinstance(error, Refusal):
        return Kind(409 if isinstance(error, CONFLICTS) else 422, error.kind, error.title)
    if isinstance(error, HTTPException):
        return HTTP.get(error.status_code, Kind(error.status_code, "http", HTTPStatus(error.status_code).phrase))
    if isinstance(error, ClientDisconnect):
        return GONE
    return next((KINDS[base] for base in type(error).__mro__ if base in KINDS), UNFORESEEN)


def all_kinds() -> dict[str, Kind]:
    """Return every kind that has a page, by name."""
    found = {kind.kind: kind_of(kind.__new__(kind)) for kind in _below(Refusal)}
    listed = [*KINDS.values(), *HTTP.values(), UNFORESEEN, GONE]
    return dict(sorted({**{one.name: one for one in reversed(listed)}, **found}.items()))


def _below(kind: type[Refusal]) -> Iterable[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def document(error: Exception, request_id: str) -> Json:
    """Return the problem document of an error."""
    kind = kind_of(error)
    body: Json = {"type": f"/problems/{kind.name}", "title": kind.title, "status": kind.status}
    if kind is not UNFORESEEN:
        body["detail"] = _detail(error, kind)
        if found := list(_errors(error)):
            body["errors"] = found
        body |= _particulars(error)
    return {**body, "request": request_id}


def _detail(error: Exception, kind: Kind) -> str:
    if isinstance(error, Refusal):
        return "; ".join(problem.said for problem in error.problems) or error.title
    if isinstance(error, RequestValidationError | errors.BadQuery):
        return "; ".join(f"{one['parameter']}: {one['said']}" for one in _errors(error))
    if isinstance(error, errors.StoreUnavailable):
        if error.outcome_unknown:
            return "Whether it was recorded is not known: ask again with the same key."
        if isinstance(error, errors.AnotherServer):
            return "The answer was begun from another server of the database: ask again."
        why = "No server of the database takes writes now. " if error.read_only else ""
        return f"{why}Nothing was recorded; trying again later may help."
    if isinstance(error, HTTPException | ClientDisconnect):
        return kind.title
    return str(error)


def _errors(error: Exception) -> Iterable[Json]:  # noqa: C901 (one arm for each shape of an error)
    match error:
        case NotThere(parameter=parameter):
            yield _one("parameter", parameter, str(error), "a name that is recorded")
        case Refusal(problems=problems):
            for problem in problems:
                yield _one("pointer", problem.pointer, problem.said, problem.expected)
        case errors.BadQuery(wrong=wrong) | AskedOtherwise(wrong=wrong):
            for one in wrong:
                yield _one("parameter", one.parameter, one.said, one.expected)
        case RequestValidationError():
            for found in error.errors():
                yield _parameter_error(found)
        case UnknownPolicy(known=known):
            yield _one("parameter", "policy", str(error), f"one of {', '.join(known)}")
        case CallKeyReused():
            yield _one("parameter", "Idempotency-Key", str(error), "the same content, or another key")
        case TooLarge() | HeadTooLong() | NotJson() | NotAcceptable() | NotADate():
            yield _one(*error.place, str(error), error.expected)
        case _:
            return


def _one(where: str, place: str, said: str, expected: str | None) -> Json:
    return {where: place, "said": said, **({"expected": expected} if expected else {})}


def _parameter_error(found: Mapping[str, Any]) -> Json:
    """Return what pydantic says of a parameter, in our words where it names a pattern."""
    places = [str(step) for step in found["loc"][1:] if isinstance(step, str)]
    said = str(found["msg"])
    if found["type"] == "missing":
        said = f"{places[-1]!r} is missing"
    expected = FORMS.get(str(found.get("ctx", {}).get("pattern")))
    if expected is not None:
        given = str(found["input"])
        said = f"{given if len(given) <= 60 else given[:60] + '…'!r} does not have the form"
    return _one("parameter", places[-1] if places else "", f"{said[:1].lower()}{said[1:]}", expected)


def _particulars(error: Exception) -> Json:  # noqa: C901 (one arm for each shape of an error)
    """Return what a program can act on beside the sentences."""
    match error:
        case refusals.QuoteNotFound(nearest=(start, end)):
            return {"nearest": {"start": start, "end": end}}
        case refusals.NotStanding(ending=ending):
            return {"ended": ending.kind, "position": ending.position, "replacement": ending.replacement}
        case refusals.CarriedInACircle(line=line):
            return {"line": list(line)}
        case refusals.PartOfItself(path=path):
            return {"path": list(path)}
        case refusals.KeyReused(position=position) | CallKeyReused(position=position) | errors.Moved(actual=position):
            return {"position": position}
        case errors.NotCaughtUp(reached=reached):
            return {"position": reached}
        case NotAllowed(right=right, roles=roles):
            return {"right": right, "roles": list(roles)}
        case errors.ReadingOnly(record_at=record_at):
            return {"record_at": record_at}
        case errors.StoreUnavailable(outcome_unknown=unknown):
            return {"outcome_unknown": unknown}
        case _:
            return {}


def told(error: Exception, request_id: str) -> Response:
    """Return the answer that tells an error."""
    kind = kind_of(error)
    headers = {"Cache-Control": "no-store"}
    if kind.retry is not None:
        headers["Retry-After"] = str(kind.retry)
    if isinstance(error, TooManyCalls):
        headers["Retry-After"] = str(error.wait)
    if isinstance(error, TooSlow):
        headers["Connection"] = "close"
    if isinstance(error, NotAdmitted):
        # RFC 6750: nothing is said of an error to somebody who showed nothing.
        headers["WWW-Authenticate"] = 'Bearer realm="onrecord"' + ', error="invalid_token"' * error.was_given
    return Response(to_json(document(error, request_id)), kind.status, headers, MEDIA_TYPE)


def request_id_of(scope: Mapping[str, object]) -> str:
    """Return the id of a request, which the outermost part gave it."""
    return str(scope.get("onrecord.request", ""))


def tell_problems(app: FastAPI) -> None:
    """Make the app answer every error in this shape."""

    async def tell(request: Request, error: Exception) -> Response:
        return told(error, request_id_of(request.scope))

    async def tell_http(request: Request, error: Exception) -> Response:
        answer = told(error, request_id_of(request.scope))
        if answer.status_code == 405:
            answer.headers["Allow"] = ", ".join(_methods_at(app, path_in(request.scope)))
        return answer

    async def tell_unforeseen(request: Request, error: Exception) -> Response:
        request_id = request_id_of(request.scope)
        # The type alone: the text of an error may hold the words of a claim.
        _log.error("request %s failed: %s", request_id, type(error).__name__)
        answer = told(error, request_id)
        # This handler answers from outside of the part that gives the ids.
        answer.headers["X-Request-ID"] = request_id
        return answer

    handler: Callable[[Request, Exception], Awaitable[Response]] = tell
    for kind in (Refusal, ClientDisconnect, *KINDS):
        app.add_exception_handler(kind, handler)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(Exception, tell_unforeseen)


def _methods_at(app: FastAPI, path: str) -> list[str]:
    """Return all methods that an address takes; the framework names those of the first route alone."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path_regex.match(path):
            found |= route.methods or set()
    return sorted(found | {"HEAD"} if "GET" in found else found)
