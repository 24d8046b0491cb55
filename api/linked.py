"""Claims and beliefs come as JSON-LD to whoever names a form, or accepts no plain JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic_core import to_json

from api.answers import JSON, accepted, headers_of
from api.conditional import answered, varying
from api.operations import Told
from services.cuts import Answer
from services.linked import BeliefForm, ClaimForm
from services.shown import Json

LD = "application/ld+json"
AskedClaimForm = Annotated[
    ClaimForm | None,
    Query(description="As JSON-LD: `schema` (a schema.org Claim), `prov` (W3C PROV), `annotation` (its quote)."),
]
AskedBeliefForm = Annotated[
    BeliefForm | None,
    Query(description="As JSON-LD: `schema` (a schema.org ClaimReview), or `prov` (W3C PROV)."),
]


def as_linked(told: Told) -> Told:
    """Return what a route tells that also answers with JSON-LD."""
    ok = told["responses"][200]
    content = {**ok["content"], LD: {"schema": {"type": "object"}}}
    return {**told, "responses": {**told["responses"], 200: {**ok, "content": content}}}


def accepts_linked(request: Request) -> bool:
    """Tell whether the caller likes JSON-LD better than plain JSON."""
    return accepted(request, (JSON, LD)) == LD


def linked(request: Request, answer: Answer[Any], body: Json) -> Response:
    """Answer with a JSON-LD document, which has its context in it."""
    return varying(answered(request, to_json(body), LD, headers_of(answer)), "Accept")
