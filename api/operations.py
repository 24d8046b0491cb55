"""Every operation says what it does, what it answers and how it can fail, in one way."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.problems import MEDIA_TYPE as PROBLEM

Told = dict[str, Any]
"""What a route's decorator is given."""
Responses = dict[int | str, dict[str, Any]]

ASKING = (404, 422, 503)
RECORDING = (404, 409, 413, 415, 422, 503)
PHRASES = {
    200: "Answered.",
    201: "Recorded.",
    202: "Begun; it goes on by itself.",
    304: "It is what the caller has: the entity tag of If-None-Match.",
    401: "There is no key or token, or it is not known here, expired or revoked.",
    403: "Who asks lacks the right, or a page of another origin asks through their browser.",
    404: "There is nothing of this name.",
    406: "The answer does not come in an accepted form.",
    409: "What the ledger holds stands against it.",
    412: "It is no longer what the caller saw.",
    413: "The body is longer than is taken in at once.",
    415: "The body is of a media type that is not read here.",
    422: "It cannot be taken as it is; `errors` say where and what was expected.",
    429: "Whoever asks has no calls left in this minute; `Retry-After` says when to try again.",
    503: "The database or the views are behind or away; `Retry-After` says when to try again.",
}


def asks(name: str, summary: str, answers: str, *, fails: tuple[int, ...] = ASKING, tag: str = "Asking") -> Told:
    """Return what a route that reads tells; `answers` is the schema of its answer."""
    responses: Responses = {200: _content("application/json", answers, 200), 304: {"description": PHRASES[304]}}
    return _operation(name, summary, tag, {**responses, **problems_told(fails)})


def records(name: str, summary: str, body: str | None, *, fails: tuple[int, ...] = RECORDING) -> Told:
    """Return what a route that records tells; `body` is the schema of what is sent."""
    responses: Responses = {
        201: _content("application/json", "Receipt", 201),
        200: {**_content("application/json", "Receipt", 200), "description": "It was recorded before."},
    }
    told = _operation(name, summary, "Recording", {**responses, **problems_told(fails)})
    return {**told, "status_code": 201, **(_body("application/json", body) if body else {})}


def tries(name: str, summary: str, answers: str, body: str) -> Told:
    """Return what a route tells that decides on what is sent as if to record it, and records nothing."""
    responses: Responses = {200: _content("application/json", answers, 200), **problems_told(RECORDING)}
    return {**_operation(name, summary, "Recording", responses), **_body("application/json", body)}


def starts(name: str, summary: str, answers: str, body: str) -> Told:
    """Return what a route that begins long work tells; `body` is the schema of what may be sent."""
    fails = (404, 409, 413, 415, 422, 503)
    responses: Responses = {202: _content("application/json", answers, 202), **problems_told(fails)}
    sent = _body("application/json", body)
    sent["openapi_extra"]["requestBody"]["required"] = False
    return {**_operation(name, summary, "Running", responses), "status_code": 202, **sent}


def does(name: str, summary: str, answers: str, *, fails: tuple[int, ...] = ASKING) -> Told:
    """Return what a route tells that does something for whoever runs the service, and is done when it answers."""
    responses: Responses = {200: _content("application/json", answers, 200), **problems_told(fails)}
    return _operation(name, summary, "Running", responses)


def _operation(name: str, summary: str, tag: str, responses: Responses) -> Told:
    return {
        "operation_id": name,
        "summary": summary,
        "tags": [tag],
        "response_model": None,
        "responses": responses,
    }


def content(told: Told, status: int, media_type: str, schema: str) -> Told:
    """Return the same operation with another form of its answer."""
    responses = {**told["responses"]}
    before = responses.get(status, {"description": PHRASES[status], "content": {}})
    responses[status] = {**before, "content": {**before["content"], media_type: {"schema": ref(schema)}}}
    return {**told, "responses": responses}


def ref(schema: str) -> Told:
    """Return the reference to a schema of `api/schemas.py`."""
    return {"$ref": f"#/components/schemas/{schema}"}


def _content(media_type: str, schema: str, status: int) -> Told:
    return {"description": PHRASES[status], "content": {media_type: {"schema": ref(schema)}}}


def _body(media_type: str, schema: str) -> Told:
    return {"openapi_extra": {"requestBody": {"required": True, "content": {media_type: {"schema": ref(schema)}}}}}


def problems_told(statuses: tuple[int, ...]) -> Responses:
    """Return how errors of these statuses are told."""
    return {
        status: {
            "description": PHRASES.get(status, HTTPStatus(status).phrase),
            "content": {PROBLEM: {"schema": ref("Problem")}},
        }
        for status in statuses
    }


def imports(name: str, summary: str) -> Told:
    """Return what the route that takes in many lines tells."""
    lines = "application/x-ndjson"
    responses: Responses = {200: {**_content(lines, "ReportLine", 200), "description": "The report, line by line."}}
    body: Told = {"requestBody": {"required": True, "content": {lines: {"schema": {"type": "string"}}}}}
    told = _operation(name, summary, "Recording", {**responses, **problems_told((415, 422, 503))})
    return {**told, "openapi_extra": body}
