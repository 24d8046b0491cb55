"""What changed is told page by page or live; which of it a desk wants to hear is its own to say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.answers import JSON, accepted, next_of, plain
from api.conditional import UNTIL_ASKED, answered
from api.cursors import number_place
from api.forms import JsonBody, model_of
from api.operations import asks
from api.parameters import PAGE, PAGE_MOST, Limit, OneSlug, Room, SlugPath
from api.refused import NotAcceptable
from api.routed import AdmittedRoute
from api.told_settings import acts, keeps, shows, streamed
from api.waiting import away, listeners, until_the_end
from domain.alerts import AlertKind, AlertRule
from domain.values import Agreement, Strength
from services.bootstrap import Newsroom
from services.errors import StoreUnavailable

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
FORMS = (JSON, "text/event-stream")
KEEP_ALIVE = 15.0
"""Seconds of silence until a comment tells proxies that the stream is alive."""
ALERTS_TOLD = streamed(asks("list_alerts", "What has changed", "AlertPage", fails=(404, 406, 422, 503)), "AlertShown")
Kinds = Annotated[
    list[AlertKind] | None, Query(description="Only alerts of these kinds; may be repeated.", max_length=4)
]
LastEventId = Annotated[
    int | None, Header(alias="Last-Event-ID", description="The last number that a stream brought.", ge=0, lt=2**63)
]


@router.get("/alerts", **ALERTS_TOLD)
def list_alerts(  # noqa: PLR0913 (each is one parameter of the query)
    request: Request,
    room: Room,
    after: Annotated[
        str | None, Query(description="A number, or the cursor of a `Link` header: go on behind it.", max_length=400)
    ] = None,
    rule: Annotated[OneSlug, Query(description="Only what this rule wants; see `/v1/alert-rules`.")] = None,
    kinds: Kinds = None,
    location: Annotated[OneSlug, Query(description="Only this place and its parts.")] = None,
    aspect: OneSlug = None,
    agreement: Annotated[
        Agreement | None, Query(description="Only beliefs that came to be, or ceased to be, so.")
    ] = None,
    strength: Annotated[
        Strength | None, Query(description="Only beliefs that came to be, or ceased to be, at least so strong.")
    ] = None,
    limit: Limit = PAGE,
    last: LastEventId = None,
) -> Response:
    """Each change of what is believed now, each edition that relied on it, each plan that lapsed and each claim that
    came to hold, once and in the order in which it was found: a page, or (`Accept: text/event-stream`) all, and live.

    The `Link` header leads on; a page of chosen alerts may be short, or empty, and have one.
    """
    form = accepted(request, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    rules = [room.watch.rules.named(rule)] if rule is not None else []
    aspects = (aspect,) if aspect else ()
    asked = AlertRule(
        name="asked",
        kinds=tuple(dict.fromkeys(kinds or ())),
        aspects=aspects,
        location=location,
        agreement=agreement,
        strength=strength,
    )
    both = (rules, [asked] if asked != AlertRule(name="asked") else [])
    start = _number(after)
    if form == FORMS[1]:
        begin = start if last is None else last
        headers = {"Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
        return StreamingResponse(until_the_end(request, live(room, begin, both)), headers=headers, media_type=form)
    page = room.watch.alerts.page(start, limit, *both)
    headers = {
        "Cache-Control": UNTIL_ASKED,
        "Vary": "Accept",
        **next_of(request, page.reached if page.more else None),
    }
    return answered(
        request,
        to_json({"alerts": page.rows, "reached": page.reached, "last": room.watch.alerts.last()}),
        form,
        headers,
    )


def _number(after: str | None) -> int:
    """Return the number behind which to go on."""
    if after is not None and after.isascii() and after.isdecimal() and len(after) <= 18:
        return int(after)
    return number_place(after) or 0


async def live(room: Newsroom, after: int, wanted: tuple[list[AlertRule], list[AlertRule]]) -> AsyncIterator[bytes]:
    """Yield every alert behind a number as a server-sent event, its number as id, and go on as more are found."""
    threads, alerts = listeners(), room.watch.alerts
    while True:
        try:
            page = await anyio.to_thread.run_sync(alerts.page, after, PAGE_MOST, *wanted, limiter=threads)
        except StoreUnavailable:
            yield await away()
            continue
        for alert in page.rows:
            yield format_sse_event(data_str=to_json(alert).decode(), event=str(alert["kind"]), id=str(alert["number"]))
        after = page.reached
        if not page.more:
            yield format_sse_event(comment="nothing new")
            with suppress(StoreUnavailable):
                await anyio.to_thread.run_sync(alerts.wait, after, KEEP_ALIVE, limiter=threads, abandon_on_cancel=True)


@router.get("/alert-rules", **shows("list_alert_rules", "The rules of the desk", "AlertRuleList", fails=(422, 503)))
def list_alert_rules(request: Request, room: Room) -> Response:
    """Every rule, by name."""
    return plain(request, {"rules": room.watch.rules.all()})


@router.get("/alert-rules/{rule}", **shows("get_alert_rule", "A rule", "AlertRuleShown"))
def get_alert_rule(request: Request, room: Room, rule: SlugPath) -> Response:
    """What the rule wants."""
    return plain(request, room.watch.rules.named(rule).model_dump(mode="json"))


@router.put("/alert-rules/{rule}", **keeps("keep_alert_rule", "Make or revise a rule", "AlertRuleShown", "AlertRule"))
def keep_alert_rule(request: Request, room: Room, rule: SlugPath, body: JsonBody) -> Response:
    """Keep a rule under this name, in place of the one that it had. It counts for alerts that are found from now on."""
    shown, is_new = room.watch.rules.keep(model_of(AlertRule, body, name=rule))
    answer = plain(request, shown)
    answer.status_code = 201 if is_new else 200
    return answer


@router.delete("/alert-rules/{rule}", **acts("drop_alert_rule", "Drop a rule", "Dropped"))
def drop_alert_rule(request: Request, room: Room, rule: SlugPath) -> Response:
    """Drop a rule; one that a webhook goes by stays."""
    room.watch.rules.drop(rule)
    return plain(request, {"dropped": rule})
