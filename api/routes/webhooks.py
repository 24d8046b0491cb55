"""Webhooks are made, tried out, revised and dropped; what they did not take can be listed and sent again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic_core import to_json

from api.answers import JSON, next_of, plain
from api.conditional import UNTIL_ASKED, answered
from api.cursors import number_place
from api.drafts import NewWebhook, Resend
from api.forms import JsonBody, json_body, model_of
from api.parameters import PAGE, After, Limit, Room, SlugPath
from api.routed import AdmittedRoute
from api.told_settings import acts, keeps, makes, shows
from services.webhooks import DeliveryState, Webhook

router = APIRouter(prefix="/v1/webhooks", route_class=AdmittedRoute)


async def _sent(request: Request) -> bytes:
    """Return the body; none at all says as much as an empty object."""
    is_empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    return b"{}" if is_empty else await json_body(request)


@router.get("", **shows("list_webhooks", "Where alerts are sent", "WebhookList", fails=(422, 503)))
def list_webhooks(request: Request, room: Room) -> Response:
    """Every webhook with how many alerts wait for it, fail and were given up. Secrets are not shown."""
    return plain(request, {"webhooks": room.watch.webhooks.all()})


@router.post("", **makes("make_webhook", "Make a webhook", "WebhookShown", "NewWebhook"))
def make_webhook(room: Room, body: JsonBody) -> Response:
    """Send alerts to an address from now on: those that one of the rules wants, all if none is named.

    The answer shows its `secret`, this once. Messages are CloudEvents, signed by Standard Webhooks.
    """
    shown = room.watch.webhooks.make(model_of(NewWebhook, body))
    headers = {"Cache-Control": "no-store", "Location": f"/v1/webhooks/{shown['name']}"}
    return Response(to_json(shown), 201, headers, JSON)


@router.get("/{webhook}", **shows("get_webhook", "A webhook", "WebhookShown"))
def get_webhook(request: Request, room: Room, webhook: SlugPath) -> Response:
    """The webhook with how many alerts wait for it, fail and were given up. Its secret is not shown."""
    return plain(request, room.watch.webhooks.one(webhook))


@router.put("/{webhook}", **keeps("keep_webhook", "Make or revise a webhook", "WebhookShown", "Webhook"))
def keep_webhook(request: Request, room: Room, webhook: SlugPath, body: JsonBody) -> Response:
    """Send alerts to an address: those that one of the rules wants, all if none is named, from now on.

    The answer to the call that makes it shows its `secret`, this once. Messages are CloudEvents, signed by Standard
    Webhooks.
    """
    shown, is_new = room.watch.webhooks.keep(model_of(Webhook, body, name=webhook))
    answer = Response(to_json(shown), headers={"Cache-Control": "no-store"}, media_type=JSON)
    answer.status_code = 201 if is_new else 200
    return answer


@router.delete("/{webhook}", **acts("drop_webhook", "Drop a webhook", "Dropped"))
def drop_webhook(request: Request, room: Room, webhook: SlugPath) -> Response:
    """Drop a webhook and whatever waits for it."""
    room.watch.webhooks.drop(webhook)
    return plain(request, {"dropped": webhook})


@router.post("/{webhook}/secrets", **acts("renew_webhook_secret", "Give a webhook a new secret", "WebhookShown"))
def renew_webhook_secret(room: Room, webhook: SlugPath) -> Response:
    """Show a new secret, this once; for a day messages are signed with the one before as well."""
    return Response(to_json(room.watch.webhooks.renew(webhook)), headers={"Cache-Control": "no-store"}, media_type=JSON)


@router.post("/{webhook}/tests", **acts("test_webhook", "Try a webhook out", "WebhookTested"))
def test_webhook(request: Request, room: Room, webhook: SlugPath) -> Response:
    """Post a message that says it is a test, at once and once, and tell how it went."""
    return plain(request, room.watch.webhooks.test(webhook))


@router.get("/{webhook}/deliveries", **shows("list_deliveries", "What became of alerts at a webhook", "DeliveryPage"))
def list_deliveries(
    request: Request,
    room: Room,
    webhook: SlugPath,
    state: Annotated[
        DeliveryState | None, Query(description="Only those that wait, were taken, or were given up (`dead`).")
    ] = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """Each alert that the webhook wanted, by number: how often it was tried, what was answered, when it is next."""
    rows = room.watch.webhooks.deliveries(webhook, state, number_place(after) or 0, limit)
    place = int(str(rows[-1]["number"])) if len(rows) == limit else None
    headers = {"Cache-Control": UNTIL_ASKED, **next_of(request, place)}
    return answered(request, to_json({"webhook": webhook, "deliveries": rows}), JSON, headers)


@router.post("/{webhook}/resends", **acts("resend_alerts", "Send alerts again", "Resent", "Resend", required=False))
def resend_alerts(request: Request, room: Room, webhook: SlugPath, body: Annotated[bytes, Depends(_sent)]) -> Response:
    """Try the named alerts again, whatever became of them, or (without a body) all that were given up.

    They go out under the ids that they had, so that a receiver that has one already can tell.
    """
    wanted = model_of(Resend, body).alerts
    return plain(request, {"webhook": webhook, "alerts": room.watch.webhooks.resend(webhook, wanted)})
