"""An operator sees how many calls there are, how long they take, and how far every view is behind."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.bootstrap import Newsroom
from services.errors import StoreUnavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The numbers of one app, in a registry of its own."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(LedgerNumbers(newsroom))
        self._requests = Counter(
            "onrecord_requests",
            "Requests answered, by operation and status.",
            ("operation", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "onrecord_request_seconds", "Seconds to the end of the answer.", ("operation",), registry=self._registry
        )

    def count(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request; methods that nobody defined are counted together, so that there are never too many."""
        known = method if method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS") else "other"
        self._requests.labels(operation, known, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def text(self) -> bytes:
        """Return all numbers in the text form of Prometheus."""
        return generate_latest(self._registry)


class LedgerNumbers(Collector):
    """What the ledger and its views say of themselves when they are asked."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: the numbers are not looked up before somebody asks for them."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield the head of the ledger, and for each view its lag and whether it runs, and how replays go."""
        up = GaugeMetricFamily("onrecord_database_up", "1 if the database answers.")
        head = GaugeMetricFamily("onrecord_ledger_head", "The last position of the ledger.")
        lag = GaugeMetricFamily("onrecord_projection_lag", "Positions behind the head.", labels=["projection"])
        position = GaugeMetricFamily("onrecord_projection_position", "Its last position.", labels=["projection"])
        built = ["projection", "place"]
        share = GaugeMetricFamily("onrecord_replay_share", "How much is taken in, from 0 to 1.", labels=built)
        rate = GaugeMetricFamily("onrecord_replay_events_per_second", "Of the run under way.", labels=built)
        going = GaugeMetricFamily("onrecord_replay_running", "1 while a process has it in hand.", labels=built)
        running = GaugeMetricFamily("onrecord_projection_running", "1 unless it has stopped.", labels=["projection"])
        alerts = GaugeMetricFamily("onrecord_alerts", "Alerts found so far.")
        behind_by = GaugeMetricFamily("onrecord_alerts_lag", "Positions whose alerts are not found yet.")
        hook = ["webhook"]
        pending = GaugeMetricFamily("onrecord_deliveries_pending", "Alerts that wait to be sent.", labels=hook)
        failing = GaugeMetricFamily("onrecord_deliveries_failing", "Of these, tried and not taken.", labels=hook)
        dead = GaugeMetricFamily("onrecord_deliveries_dead", "Alerts that were given up.", labels=hook)
        try:
            last = self._newsroom.feed.head()
            head.add_metric([], last)
            for name, (behind, state) in self._newsroom.projections.lags().items():
                lag.add_metric([name], behind)
                position.add_metric([name], last - behind)
                running.add_metric([name], 0 if state == "stopped" else 1)
            for replay in self._newsroom.projections.unfinished():
                labels = [replay.name, replay.place]
                share.add_metric(labels, replay.share)
                rate.add_metric(labels, replay.rate)
                going.add_metric(labels, 1 if replay.state == "running" else 0)
            numbers = self._newsroom.watch.numbers()
            alerts.add_metric([], numbers.alerts)
            if numbers.position is not None:
                behind_by.add_metric([], max(last - numbers.position, 0))
            for waiting in numbers.waiting:
                pending.add_metric([waiting.webhook], waiting.fresh + waiting.failed)
                failing.add_metric([waiting.webhook], waiting.failed)
                dead.add_metric([waiting.webhook], waiting.dead)
            up.add_metric([], 1)
        except StoreUnavailable:
            up.add_metric([], 0)
        yield from (up, head, lag, position, running, share, rate, going, alerts, behind_by, pending, failing, dead)
