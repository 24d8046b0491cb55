"""What changed comes as JSON for programs, as Markdown for a note, or as a page to print, as the caller accepts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from api.answers import JSON, accepted
from api.conditional import UNTIL_ASKED, answered
from api.operations import Told, ref
from api.pages import HEADERS
from api.refused import NotAcceptable
from services.cuts import Answer
from services.sheet import Sheet
from services.sheet_forms import html, markdown

FORMS = (JSON, "text/markdown", "text/html")
WRITTEN: dict[str, Callable[[Sheet], str]] = {"text/markdown": markdown, "text/html": html}


def as_sheets(told: Told) -> Told:
    """Return what a route tells that also answers with sheets."""
    responses = {**told["responses"]}
    content = {**responses[200]["content"], **{form: {"schema": {"type": "string"}} for form in WRITTEN}}
    responses[200] = {**responses[200], "content": content}
    responses[406] = {
        "description": "The answer does not come in an accepted form.",
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
    return {**told, "responses": responses}


def form_of(request: Request) -> str:
    """Return the form that the caller likes best; raises NotAcceptable."""
    form = accepted(request, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    return form


def base_of(request: Request) -> str:
    """Return the address of the service as the caller knows it, without a slash at the end."""
    return str(request.base_url).rstrip("/")


def written(request: Request, form: str, answer: Answer[Any], sheet: Sheet) -> Response:
    """Answer with a sheet. It shows words that may have to be erased, so nobody is told to keep it."""
    headers = {
        "Ledger-Position": str(answer.position),
        "Cache-Control": UNTIL_ASKED,
        **HEADERS,
        "Vary": "Accept",
    }
    if answer.projection is not None:
        headers["Ledger-Projection"] = answer.projection
    return answered(request, WRITTEN[form](sheet).encode(), form, headers)
