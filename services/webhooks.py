"""Whoever wants to be told names an address; the secret to check our signatures with is shown once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.claims import Question, Slugs
from domain.refusals import Problem, Refusal
from domain.times import show
from domain.values import Fact, Passage, Plain, Slug
from services.alerts import alert_json
from services.errors import UnknownThing
from services.posting import NotDelivered, Post, Reply, unfit
from services.shown import Json
from services.side_by_side import NameTaken
from services.signatures import Keys, NoKey, new_salt, signature, written
from services.store.alerts import Alert
from services.store.webhooks import Delivery, DeliveryState, Hook, HookStore

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TEST = "onrecord.alert.test.v1"
_SAID = 300


class UnfitWebhook(Refusal):
    """The address or a rule cannot be used for a webhook."""

    kind = "unfit-webhook"
    title = "A webhook cannot be so."


class NoWebhookKey(Refusal):
    """Webhooks are signed with secrets that are derived from a key, and there is none."""

    kind = "no-webhook-key"
    title = "There is no key for webhooks."


class Webhook(Fact):
    """Where alerts are to be sent: those that one of the rules wants, all if none is named."""

    name: Slug
    url: Annotated[Plain, Field(min_length=1, max_length=2_000)]
    rules: Slugs = ()
    enabled: bool = True
    note: Passage | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: the name by which a receiver knows it again, and the content."""

    name: str
    content: bytes


class Webhooks:
    """Keeps webhooks, and posts to them."""

    def __init__(self, store: HookStore, keys: Keys, post: Post, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._post = post
        self._now = now

    def all(self) -> list[Json]:
        """Return all webhooks, by name, each with how many alerts wait for it and how many were given up."""
        waiting = {one.webhook: one for one in self._store.counted()}
        rows: list[Json] = []
        for hook in self._store.hooks():
            known = waiting.get(hook.name)
            counts: Json = {
                "pending": known.fresh + known.failed if known else 0,
                "failing": known.failed if known else 0,
                "dead": known.dead if known else 0,
            }
            rows.append({**_hook_json(hook), **counts})
        return rows

    def one(self, name: str) -> Json:
        """Return the webhook of this name. Raises UnknownThing."""
        for row in self.all():
            if row["name"] == name:
                return row
        raise UnknownThing("webhook", name)

    def keep(self, webhook: Webhook) -> tuple[Json, bool]:
        """Make the webhook, or revise the one of its name, and tell whether it was made; then its secret is shown.

        A new one begins with the alerts to come. Raises UnfitWebhook and NoWebhookKey.
        """
        self._refuse_unfit(webhook)
        if self._store.revise(_given(webhook)):
            return self.one(webhook.name), False
        made = self._added(webhook)
        return (made, True) if made else self.keep(webhook)  # somebody was quicker

    def make(self, webhook: Webhook) -> Json:
        """Make the webhook and show its secret, this once. Raises NameTaken, and what `keep` raises."""
        self._refuse_unfit(webhook)
        made = self._added(webhook)
        if made is None:
            raise NameTaken(Problem("/name", f"there is a webhook {webhook.name!r} already", "another name"))
        return made

    def _added(self, webhook: Webhook) -> Json | None:
        """Return the webhook with its secret; None if there is one of its name."""
        salt = new_salt()
        secret = self._secret(salt)
        if not self._store.add({**_given(webhook), "salt": salt, "key_check": self._keys.check()}):
            return None
        return {**self.one(webhook.name), "secret": secret}

    def renew(self, name: str) -> Json:
        """Give the webhook a new secret and show it; the one before signs beside it for a day.

        Raises UnknownThing and NoWebhookKey.
        """
        salt = new_salt()
        secret = self._secret(salt)
        if not self._store.renew(name, salt, self._keys.check()):
            raise UnknownThing("webhook", name)
        return {**self.one(name), "secret": secret}

    def drop(self, name: str) -> None:
        """Drop the webhook, and all that waits for it. Raises UnknownThing."""
        if not self._store.drop(name):
            raise UnknownThing("webhook", name)

    def deliveries(self, name: str, state: DeliveryState | None, after: int, limit: int) -> list[Json]:
        """Return what became of the alerts behind a number at the webhook. Raises UnknownThing."""
        self._hook(name)
        return [_delivery_json(one) for one in self._store.deliveries(name, state, after, limit)]

    def resend(self, name: str, alerts: Sequence[int] | None) -> list[int]:
        """Try these alerts again, whatever became of them; all dead ones if none are named. Raises UnknownThing."""
        self._hook(name)
        return self._store.resend(name, alerts)

    def test(self, name: str) -> Json:
        """Post a message that says it is a test, once and now, and tell how that went. Raises UnknownThing."""
        hook = self._hook(name)
        salt = new_salt()
        moment = show(self._now())
        data: Json = {"webhook": name, "said": "This is a test; nothing has happened."}
        event = self._event(f"test-{salt}", TEST, name, moment, data)
        try:
            reply = self.send(hook, event)
        except NotDelivered as error:
            return {"webhook": name, "delivered": False, "status": None, "said": str(error)}
        is_taken = 200 <= reply.status < 300
        said = None if is_taken else f"it answered {reply.status}"
        return {"webhook": name, "delivered": is_taken, "status": reply.status, "said": said}

    def message_of(self, alert: Alert) -> Message:
        """Return the alert as a CloudEvent (1.0, structured, JSON): always the same bytes."""
        question = alert.body.get("question")
        about = Question.model_validate(question).name if question else ""
        subject = about or f"{alert.body.get('story')}/{alert.body.get('edition')}"
        kind = f"onrecord.alert.{alert.kind}.v1"
        return self._event(alert.id, kind, subject, show(alert.instant), alert_json(alert))

    def send(self, hook: Hook, message: Message) -> Reply:
        """Post a message with its signatures. Raises NotDelivered."""
        now = self._now()
        timestamp = int(now.timestamp())
        try:
            salts = [hook.salt]
            if hook.old_salt and hook.old_until and now < hook.old_until:
                salts.append(hook.old_salt)
            if self._keys.check() != hook.key_check:
                raise NotDelivered("the key of this service is not the one that the webhook's secret came from")
            signed = [signature(self._keys.secret(salt), message.name, timestamp, message.content) for salt in salts]
        except NoKey as error:
            raise NotDelivered(str(error)) from error
        headers = {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": "OnRecord",
            "webhook-id": message.name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signed),
        }
        return self._post.send(hook.url, headers, message.content)

    def _event(self, name: str, kind: str, subject: str, moment: str | None, data: Json) -> Message:
        event: Json = {
            "specversion": "1.0",
            "id": name,
            "source": self._store.source() or "urn:onrecord:no-alerts-yet",
            "type": kind,
            "subject": subject,
            "time": moment,
            "datacontenttype": "application/json",
            "data": data,
        }
        return Message(name, json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode())

    def _refuse_unfit(self, webhook: Webhook) -> None:
        problems: list[Problem] = []
        if (said := unfit(webhook.url)) is not None:
            problems.append(Problem("/url", said, "an http or https URL without user and fragment"))
        known = {rule.name for rule in self._store.rules()}
        problems += [
            Problem(f"/rules/{place}", f"no alert rule is called {name!r}", "the name of an alert rule")
            for place, name in enumerate(webhook.rules)
            if name not in known
        ]
        if problems:
            raise UnfitWebhook(*problems)

    def _secret(self, salt: str) -> str:
        try:
            return written(self._keys.secret(salt))
        except NoKey as error:
            raise NoWebhookKey(Problem("", str(error), "ONRECORD_WEBHOOK_KEY, or a home to keep a key in")) from error

    def _hook(self, name: str) -> Hook:
        found = self._store.hook(name)
        if found is None:
            raise UnknownThing("webhook", name)
        return found


def _given(webhook: Webhook) -> Json:
    return {**webhook.model_dump(), "rules": list(webhook.rules)}


def _hook_json(hook: Hook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "rules": list(hook.rules),
        "note": hook.note,
        "enabled": hook.enabled,
        "said": hook.said,
        "made": show(hook.made),
        "reached": hook.after,
    }


def _delivery_json(one: Delivery) -> Json:
    return {
        "number": one.number,
        "alert": one.id,
        "kind": one.kind,
        "state": one.state,
        "attempts": one.attempts,
        "due": show(one.due) if one.state == "pending" else None,
        "status": one.status,
        "said": one.said[:_SAID] if one.said else None,
        "ended": show(one.ended),
    }
