"""Alerts, rules and webhooks are shown in these shapes."""

from __future__ import annotations

from pydantic import Field, JsonValue

from api.wire import Instant, Rows, Shown
from domain.alerts import AlertKind
from domain.values import Position, Slug


class AlertShown(Shown):
    """Something that changed: of a belief, `question`, `before`, `after` and `rule`; of an edition, `story`, `edition`,
    and the `beliefs` and `claims` that it relied on; of a plan, its `question`, `value` and `claims`; of a claim, it.
    """

    number: int = Field(description="Its place among all alerts; what a stream goes on behind.")
    id: str = Field(description="Its name for ever, which follows from the ledger alone.")
    kind: AlertKind
    position: Position
    instant: Instant
    cause: dict[str, JsonValue] = Field(description="The event, or the passing of an instant (`type` is `time`).")


class AlertPage(Shown):
    """Alerts in the order in which they were found; the next page is in the `Link` header."""

    alerts: list[AlertShown]
    reached: int = Field(description="The number to ask behind when there is no next page yet.")
    last: int = Field(description="The number of the newest alert; 0 when there is none.")


class AlertRuleShown(Shown):
    """Which alerts a rule wants: each member that is given must fit."""

    name: Slug
    kinds: list[AlertKind]
    aspects: list[Slug]


class AlertRuleList(Shown):
    """The rules, by name."""

    rules: list[AlertRuleShown]


class WebhookShown(Shown):
    """Where alerts are sent, and how that goes."""

    name: Slug
    url: str
    rules: list[Slug]
    enabled: bool
    said: str | None = Field(description="Why it was switched off, if its receiver did that.")
    secret: str | None = Field(default=None, description="`whsec_…`; in the answer that makes it, and nowhere else.")
    pending: int
    failing: int
    dead: int


class WebhookList(Shown):
    """The webhooks, by name."""

    webhooks: list[WebhookShown]


class WebhookTested(Shown):
    """How a test went."""

    webhook: Slug
    delivered: bool
    status: int | None
    said: str | None


class DeliveryPage(Shown):
    """What became of alerts at a webhook, by number; the next page is in the `Link` header."""

    webhook: Slug
    deliveries: Rows


class Resent(Shown):
    """The numbers of the alerts that are tried again."""

    webhook: Slug
    alerts: list[int]
