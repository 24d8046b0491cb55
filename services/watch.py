"""Whoever keeps watch finds alerts and sends them out; everybody else only reads them and sets what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from services.affected_editions import AffectedEditions
from services.alert_finder import Finder
from services.alert_rules import AlertRules
from services.alerter import Alerter
from services.alerts import Alerts
from services.deliverer import Deliverer
from services.facts import Facts
from services.posting import Network, Post
from services.settings import Settings
from services.signatures import Keys
from services.store.alerts import AlertReader, AlertWriter
from services.store.connections import Connections
from services.store.event_log import EventLog
from services.store.picturing import PictureReader
from services.store.wakeups import Wakeups
from services.store.webhooks import HookStore, Waiting
from services.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Outward:
    """How alerts leave the house: the key that secrets are derived from, and networks that may be posted to."""

    keys: Keys = field(default_factory=Keys)
    allowed: tuple[Network, ...] = ()


def outward_of(settings: Settings) -> Outward:
    """Return what the settings say; without a key of its own the service keeps one in its home."""
    file = settings.folder / "webhook.key"
    return Outward(Keys(settings.webhook_key, file), settings.webhook_networks)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What there is to count: `position` is that which alerting has come to, None if it was never switched on."""

    position: int | None
    alerts: int
    waiting: list[Waiting]


@dataclass(frozen=True, slots=True)
class Watch:
    """Alerts, what of them is wanted, and who finds and sends them."""

    alerts: Alerts
    rules: AlertRules
    webhooks: Webhooks
    alerter: Alerter
    deliverer: Deliverer
    store: HookStore
    finds: bool = True

    @contextmanager
    def kept(self) -> Generator[None]:
        """Find alerts and send them out meanwhile, in threads, beside any number of others; if `finds` is not set, do
        nothing meanwhile."""
        if not self.finds:
            yield
            return
        self.alerter.start()
        self.deliverer.start()
        try:
            yield
        finally:
            self.deliverer.stop()
            self.alerter.stop()

    def numbers(self) -> Numbers:
        """Return what there is to count. Raises StoreUnavailable."""
        position, many = self.alerts.counted()
        return Numbers(position, many, self.store.counted())


@contextmanager
def open_watch(  # noqa: PLR0913 (what alerts are found in, how they leave, and whether they are found here at all)
    log: EventLog,
    connections: Connections,
    facts: Facts,
    outward: Outward,
    now: Callable[[], datetime],
    *,
    finds: bool = True,
) -> Generator[Watch]:
    """Lend the watch of a ledger; nothing is found or sent before it is kept."""
    reader, store = AlertReader(connections.fetch), HookStore(connections)
    wakeups = Wakeups(connections, reader.last)

    def open_writer() -> AlertWriter:
        return AlertWriter(connections)

    finder = Finder(facts, PictureReader(connections.fetch), reader, AffectedEditions(log, facts))
    alerts = Alerts(reader, facts, wakeups.wait)
    webhooks = Webhooks(store, outward.keys, Post(outward.allowed), now)
    try:
        yield Watch(
            alerts=alerts,
            rules=AlertRules(store),
            webhooks=webhooks,
            alerter=Alerter(log, facts, finder, reader, open_writer),
            deliverer=Deliverer(alerts, reader, store, webhooks, open_writer),
            store=store,
            finds=finds,
        )
    finally:
        wakeups.close()
