"""What a desk sets, and can set otherwise, is no record: it is kept under its name, shown, revised and dropped."""

from __future__ import annotations

from api.operations import PHRASES, Told, asks, content, does, ref
from api.problems import MEDIA_TYPE as PROBLEM

_JSON = "application/json"


def keeps(name: str, summary: str, answers: str, body: str) -> Told:
    """Return what a route tells that makes a setting (201) or revises it (200)."""
    made = {"description": "Made.", "content": {_JSON: {"schema": ref(answers)}}}
    told = acts(name, summary, answers, body)
    return {**told, "responses": {201: made, **told["responses"]}, "status_code": 201}


def makes(name: str, summary: str, answers: str, body: str) -> Told:
    """Return what a route tells that makes a setting, and never revises one."""
    told = keeps(name, summary, answers, body)
    return {**told, "responses": {status: one for status, one in told["responses"].items() if status not in (200, 404)}}


def acts(name: str, summary: str, answers: str, body: str | None = None, *, required: bool = True) -> Told:
    """Return what a route tells that does something with a setting; `body` is the schema of what is sent."""
    told = does(name, summary, answers)
    more = {
        status: {"description": PHRASES[status], "content": {PROBLEM: {"schema": ref("Problem")}}}
        for status in ((409, 413, 415) if body else (409,))
    }
    sent = {"requestBody": {"required": required, "content": {_JSON: {"schema": ref(body)}}}} if body else {}
    return {**told, "responses": {**told["responses"], **more}, **({"openapi_extra": sent} if body else {})}


def shows(name: str, summary: str, answers: str, *, fails: tuple[int, ...] = (404, 422, 503)) -> Told:
    """Return what a route tells that shows settings."""
    return asks(name, summary, answers, fails=fails, tag="Running")


def streamed(told: Told, schema: str) -> Told:
    """Return the same operation with server-sent events as another form of its answer."""
    return content(told, 200, "text/event-stream", schema)
