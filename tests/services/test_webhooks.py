"""Whoever wants to be told is told each alert that a rule wants, signed, and again until it is taken or given up."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import count

import pytest

from domain.alerts import AlertRule
from services.alert_rules import AlertRules, RuleInUse
from services.deliverer import ATTEMPTS, Deliverer, pause_after
from services.errors import UnknownThing
from services.posting import Post
from services.signatures import Keys
from services.store.alerts import AlertWriter
from services.store.embedded import Addresses
from services.store.webhooks import HookStore
from services.webhooks import CONTENT_TYPE, UnfitWebhook, Webhook, Webhooks
from support.builders import small_world
from support.receiving import Receiver, hangs, receiving
from support.receiving import says as answers
from support.watching import Watching, chapters, watching

KEY = Keys(b64encode(b"a key that only the tests know..").decode())


@dataclass
class Sending:
    """A ledger with its alerts, and who sends them out to a receiver."""

    watching: Watching
    receiver: Receiver
    most: int = 3
    told: Iterator[int] = field(default_factory=count)

    @property
    def store(self) -> HookStore:
        return HookStore(self.watching.connections)

    @property
    def rules(self) -> AlertRules:
        return AlertRules(self.store)

    @property
    def hooks(self) -> Webhooks:
        post = Post([ip_network("127.0.0.0/8")], deadline=0.4)
        return Webhooks(self.store, KEY, post, lambda: datetime.now(UTC))

    def happens(self) -> None:
        """Record some more, and find its alerts."""
        self.watching.tell(*chapters(self.told, 1))
        self.watching.catch_up(batch=100)

    def send(self) -> None:
        """Send what is due until there is nothing more, failures being tried again at once."""
        pause = lambda attempts, asked: 0.0 if attempts < self.most else None  # noqa: E731 (it is one value)
        reader, feed = self.watching.reader, self.watching.feed
        holder = lambda: AlertWriter(self.watching.connections)  # noqa: E731 (as above)
        deliverer = Deliverer(feed, reader, self.store, self.hooks, holder, pause)
        while deliverer.step():
            deliverer.settle()
        deliverer.stop()

    def states(self, hook: str = "desk") -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row in self.hooks.deliveries(hook, None, 0, 1_000):
            found.setdefault(str(row["state"]), []).append(int(str(row["number"])))
        return found


@pytest.fixture
def sending(addresses: Addresses) -> Iterator[Sending]:
    with watching(addresses) as ready, receiving() as receiver:
        ready.paper = small_world()
        ready.log.append([one.event for one in ready.paper.history])
        yield Sending(ready, receiver)


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a message as a receiver does that has read the standard and none of our code."""
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(told, expected) for version, _, told in given)


def test_each_alert_comes_once_in_order_signed_and_as_a_cloud_event(sending: Sending) -> None:
    shown, is_new = sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
    assert is_new
    sending.happens()
    sending.send()
    sending.send()
    alerts = sending.watching.alerts()
    assert sending.receiver.ids == [one.id for one in alerts]
    secret = str(shown["secret"])
    assert all(verified(secret, one.headers, one.body) for one in sending.receiver.got)
    assert not verified(secret, sending.receiver.got[0].headers, sending.receiver.got[1].body)
    event = json.loads(sending.receiver.got[0].body)
    assert sending.receiver.got[0].headers["content-type"] == CONTENT_TYPE
    assert abs(int(sending.receiver.got[0].headers["webhook-timestamp"]) - time.time()) < 60
    assert (event["specversion"], event["id"], event["type"]) == (
        "1.0",
        alerts[0].id,
        "onrecord.alert.belief-changed.v1",
    )
    assert event["source"].startswith("urn:uuid:")
    assert (event["subject"], event["data"]["number"]) == ("minian/control", 1)
    assert sending.states() == {"delivered": [one.number for one in alerts]}


def test_a_webhook_begins_with_the_alerts_to_come_and_gets_only_what_its_rules_want(sending: Sending) -> None:
    sending.happens()
    before = len(sending.watching.alerts())
    sending.rules.keep(AlertRule(name="counted", aspects=("casualties",)))
    sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url, rules=("counted",)))
    sending.happens()
    sending.send()
    alerts = sending.watching.alerts()[before:]
    wanted = [one.id for one in alerts if "casualties" in str(one.body["question"])]
    assert sending.receiver.ids == wanted != [one.id for one in alerts]
    with pytest.raises(RuleInUse):
        sending.rules.drop("counted")
    with pytest.raises(UnfitWebhook):
        sending.hooks.keep(Webhook(name="other", url="ftp://here", rules=("nobody",)))
    sending.hooks.drop("desk")
    sending.rules.drop("counted")
    with pytest.raises(UnknownThing):
        sending.rules.drop("counted")


def test_what_fails_is_tried_again_and_then_dead_and_can_be_sent_again(sending: Sending) -> None:
    sending.receiver.answer = lambda call: answers(call, 500)
    sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
    sending.happens()
    sending.send()
    numbers = [one.number for one in sending.watching.alerts()]
    assert sending.states() == {"dead": numbers}
    assert len(sending.receiver.got) == 3 * len(numbers)
    row = sending.hooks.deliveries("desk", "dead", 0, 1)[0]
    assert (row["attempts"], row["status"], row["said"]) == (3, 500, "it answered 500")
    assert sending.hooks.one("desk")["dead"] == len(numbers)
    sending.receiver.answer = lambda call: answers(call, 200)
    sending.receiver.got.clear()
    assert sending.hooks.resend("desk", numbers[:1]) == numbers[:1]
    assert sending.hooks.resend("desk", None) == numbers[1:]
    sending.send()
    assert sending.states() == {"delivered": numbers}
    assert sending.receiver.ids == [one.id for one in sending.watching.alerts()]


def test_a_receiver_that_fails_now_and_then_gets_everything(sending: Sending) -> None:
    calls = iter((hangs, *(lambda call, status=status: answers(call, status) for status in [503, 204, 500] * 100)))
    sending.receiver.answer = lambda call: next(calls)(call)
    sending.most = 20
    sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
    sending.happens()
    sending.send()
    assert set(sending.receiver.ids) == {one.id for one in sending.watching.alerts()}
    assert list(sending.states()) == ["delivered"]


def test_one_receiver_that_hangs_keeps_no_other_waiting(sending: Sending) -> None:
    with receiving() as slow:
        slow.answer = hangs
        sending.most = 1
        sending.hooks.keep(Webhook(name="slow", url=slow.url))
        sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
        sending.happens()
        began = time.monotonic()
        sending.send()
        assert (list(sending.states()), list(sending.states("slow"))) == (["delivered"], ["dead"])
        assert time.monotonic() - began < 60


def test_a_receiver_that_is_gone_gets_nothing_more(sending: Sending) -> None:
    sending.receiver.answer = lambda call: answers(call, 410)
    sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
    sending.happens()
    sending.send()
    assert len(sending.receiver.got) == 1
    assert (sending.hooks.one("desk")["enabled"], "410" in str(sending.hooks.one("desk")["said"])) == (False, True)


def test_a_secret_can_be_renewed_while_the_old_one_still_serves(sending: Sending) -> None:
    old = sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))[0]["secret"]
    new = sending.hooks.renew("desk")["secret"]
    told = sending.hooks.test("desk")
    assert (told["delivered"], told["status"], old != new) == (True, 204, True)
    got = sending.receiver.got[0]
    assert verified(str(old), got.headers, got.body)
    assert verified(str(new), got.headers, got.body)
    assert "secret" not in sending.hooks.one("desk")
    stored = sending.watching.connections.fetch("SELECT row_to_json(w)::text FROM ledger.webhooks AS w")[0][0]
    assert str(new).removeprefix("whsec_") not in stored


def test_without_the_key_nothing_is_signed_otherwise(sending: Sending) -> None:
    sending.hooks.keep(Webhook(name="desk", url=sending.receiver.url))
    other = Keys(b64encode(b"another key than the one before.").decode())
    strange = Webhooks(sending.store, other, Post([ip_network("127.0.0.0/8")]), lambda: datetime.now(UTC))
    assert "not the one" in str(strange.test("desk")["said"])
    assert sending.receiver.got == []


def test_pauses_grow_by_chance_and_end() -> None:
    least = [pause_after(attempts, chance=lambda: 0.0) for attempts in range(1, ATTEMPTS)]
    most = [pause_after(attempts, chance=lambda: 1.0) for attempts in range(1, ATTEMPTS)]
    assert (least[:3], most[:3]) == ([2.5, 7.5, 22.5], [5.0, 15.0, 45.0])
    assert most[-1] == 6 * 3_600
    assert pause_after(ATTEMPTS) is None
    assert pause_after(1, asked=100.0, chance=lambda: 0.0) == 100.0
