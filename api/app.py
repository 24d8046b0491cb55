"""The app is made around a newsroom that somebody else opened and will close."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import uuid_utils
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.access import ForOneCaller
from api.drafts import EditionDraft
from api.forms import Form
from api.limits import Guesses, Limits
from api.metrics import Metrics
from api.middleware import HeadAsGet, RequestIds
from api.patience import PatientBodies
from api.problems import tell_problems
from api.routed import refuse_unlisted
from api.routes import (
    alerts,
    beliefs,
    changes,
    claims,
    contradictions,
    desk,
    editions,
    exports,
    imports,
    keys,
    layers,
    ledger,
    locations,
    pages,
    projections,
    proofs,
    rows,
    running,
    session,
    sources,
    stories,
    timemaps,
    webhooks,
)
from api.schemas import described
from api.screens import BUILT, Built, Screens
from api.waiting import Ending
from services.access.gate import Access, Gate
from services.bootstrap import Newsroom

ROUTES = (
    claims,
    imports,
    sources,
    timemaps,
    locations,
    stories,
    changes,
    editions,
    desk,
    beliefs,
    contradictions,
    layers,
    ledger,
    exports,
    alerts,
    webhooks,
    keys,
    session,
    projections,
    rows,
    proofs,
    running,
    pages,
)
NAMED = {"AlertRule": ("name",), "Webhook": ("name",)}
"""Settings whose name stands in the address."""
API_VERSION = "1"
"""That of the contract, which is in every address; the product has a version of its own."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the app of a desk beside the main one has to know: what the log calls it, and who guesses keys at others."""

    desk: str
    guesses: Guesses


def create_app(
    newsroom: Newsroom, access: Access, built: Path = BUILT, calls_a_minute: int = 0, beside: Beside | None = None
) -> FastAPI:
    """Return the app of a desk, with the pages that were built into a folder; it opens and closes nothing.

    `access` tells who is let in, and each of them has so many calls a minute; 0 means any number. `beside` is None for
    the main desk; of any other nobody without a key is told whether it is ready, and so whether it is there.
    Raises NoRow if it is not said of every route who may call it.
    """
    app = _routed()
    app.state.newsroom = newsroom
    app.state.ending = Ending()
    app.state.access = access
    app.state.limits = Limits(calls_a_minute, beside.guesses if beside else Guesses())
    app.state.is_told_of = beside is None
    app.state.metrics = metrics = Metrics(newsroom)
    tell_problems(app)
    # Not routes: what is at an address of the API, whatever the method, is never a page.
    app.router.default = Screens(app.router.default, Built(built))
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(HeadAsGet)
    app.add_middleware(PatientBodies)
    if isinstance(access, Gate):
        app.add_middleware(ForOneCaller)
    # Added last, and so outermost: whatever is answered further in has an id and is counted.
    told = {"count": metrics.count, "streams": metrics.streams, "desk": beside.desk if beside else None}
    app.add_middleware(RequestIds, make_id=lambda: uuid_utils.uuid7().hex, **told)
    return app


@cache
def describe() -> dict[str, Any]:
    """Return the OpenAPI document, which is that of every desk."""
    addressed = {form.command.__name__: form.path for form in _forms()} | {EditionDraft.__name__: ("story",), **NAMED}
    return described(_routed(), addressed)


def _routed() -> FastAPI:
    routes = [route for module in ROUTES for route in module.router.routes]
    refuse_unlisted(routes)
    app = FastAPI(
        title="OnRecord",
        version=API_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Its spans hold the address and the query as they were sent; ours are made in the middleware, without.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # As they are: included, each router would be gone through for its own match, and then again.
        routes=routes,
    )
    app.openapi = describe
    return app


def _forms() -> list[Form[Any]]:
    return [form for routes in ROUTES for form in vars(routes).values() if isinstance(form, Form)]
