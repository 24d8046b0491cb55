"""An operator sees how many calls there are, how long they take, how recording goes, and how far views are behind."""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Callable, Iterable, Iterator
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from api.middleware import METHODS
from services.bootstrap import Newsroom
from services.errors import StoreUnavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The numbers of one app, in a registry of its own."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(LedgerNumbers(newsroom))
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "onrecord_requests",
            "Requests answered, by operation and status.",
            ("operation", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "onrecord_request_seconds", "Seconds to the end of the answer.", ("operation",), registry=self._registry
        )
        self.streams = Gauge("onrecord_streams_open", "Live streams under way.", registry=self._registry)
        """Raised and lowered by whoever sees streams begin and end."""

    def count(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request; methods that nobody defined are counted together, so that there are never too many."""
        known = method if method in METHODS else "other"
        self._requests.labels(operation, known, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def tell_desks(self, counted: Callable[[], tuple[int, int]]) -> None:
        """Tell also how many desks there are beside the main one, and how many of them are not open; no names."""
        told = Gauge("onrecord_desks", "Desks beside the main one.", registry=self._registry)
        told.set_function(lambda: counted()[0])
        shut = Gauge("onrecord_desks_not_open", "Of these, those that are not open.", registry=self._registry)
        shut.set_function(lambda: counted()[1])

    def text(self) -> bytes:
        """Return all numbers in the text form of Prometheus."""
        return generate_latest(self._registry)


class LedgerNumbers(Collector):
    """What the ledger and its views say of themselves when they are asked."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._found: Counted[str] = Counted()
        self._counted_to = 0
        self._counting = Lock()

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: the numbers are not looked up before somebody asks for them."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield what this process knows by itself, and then what only the database knows, as far as that answers."""
        yield from self._recording()
        yield from self._pools()
        up = GaugeMetricFamily("onrecord_database_up", "1 if the database answers.")
        try:
            known = [*self._views(), *self._alerts(), *self._deliveries(), *self._replica(), *self._followed()]
            up.add_metric([], 1)
        except StoreUnavailable:
            known = []
            up.add_metric([], 0)
        yield from (up, *known)

    def _recording(self) -> Iterator[Metric]:
        ledger = self._newsroom.ledger
        told = ledger.recording
        yield HistogramMetricFamily(
            "onrecord_append_seconds",
            "From when a call to record came in until it was committed.",
            buckets=told.seconds.buckets(),
            sum_value=told.seconds.total,
        )
        yield HistogramMetricFamily(
            "onrecord_commit_group_size",
            "Commands that were committed together.",
            buckets=told.together.buckets(),
            sum_value=told.together.total,
        )
        yield CounterMetricFamily("onrecord_events_recorded", "Events added by this process.", told.events)
        yield CounterMetricFamily("onrecord_append_failures", "Calls that could not be recorded.", told.failed)
        yield GaugeMetricFamily("onrecord_append_waiting", "Commands that wait to be recorded.", ledger.waiting)

    def _pools(self) -> Iterator[Metric]:
        lent = GaugeMetricFamily("onrecord_pool_connections_in_use", "Connections that are lent.", labels=["pool"])
        most = GaugeMetricFamily("onrecord_pool_connections_most", "Connections there may be.", labels=["pool"])
        waiting = GaugeMetricFamily("onrecord_pool_waiting", "Callers that wait for a connection.", labels=["pool"])
        for name, use in self._newsroom.pools().items():
            lent.add_metric([name], use.lent)
            most.add_metric([name], use.most)
            waiting.add_metric([name], use.waiting)
        yield from (lent, most, waiting)

    def _views(self) -> Iterable[Metric]:
        lag = GaugeMetricFamily("onrecord_projection_lag", "Positions behind the head.", labels=["projection"])
        position = GaugeMetricFamily("onrecord_projection_position", "Its last position.", labels=["projection"])
        running = GaugeMetricFamily("onrecord_projection_running", "1 unless it has stopped.", labels=["projection"])
        built = ["projection", "place"]
        share = GaugeMetricFamily("onrecord_replay_share", "How much is taken in, from 0 to 1.", labels=built)
        rate = GaugeMetricFamily("onrecord_replay_events_per_second", "Of the run under way.", labels=built)
        going = GaugeMetricFamily("onrecord_replay_running", "1 while a process has it in hand.", labels=built)
        last = self._newsroom.feed.head()
        for name, (behind, state) in self._newsroom.projections.lags().items():
            lag.add_metric([name], behind)
            position.add_metric([name], last - behind)
            running.add_metric([name], 0 if state == "stopped" else 1)
        for replay in self._newsroom.projections.unfinished():
            labels = [replay.name, replay.place]
            share.add_metric(labels, replay.share)
            rate.add_metric(labels, replay.rate)
            going.add_metric(labels, 1 if replay.state == "running" else 0)
        signed = self._newsroom.checkpoints.newest()
        yield GaugeMetricFamily("onrecord_ledger_head", "The last position of the ledger.", last)
        yield GaugeMetricFamily(
            "onrecord_checkpoint_size", "Events under the newest checkpoint.", signed.size if signed else 0
        )
        yield from (lag, position, running, share, rate, going)

    def _replica(self) -> Iterable[Metric]:
        if self._newsroom.reading is None:
            return
        told = self._newsroom.reading.told()
        fed = 0 if told["standby"] and not told["fed"] else 1
        yield GaugeMetricFamily("onrecord_replica_fed", "0 if a standby is asked that is sent nothing.", fed)
        behind = GaugeMetricFamily("onrecord_replica_behind_seconds", "How old the server's present is.")
        if told["behind_seconds"] is not None:
            behind.add_metric([], float(str(told["behind_seconds"])))
        yield behind

    def _followed(self) -> Iterable[Metric]:
        place = self._newsroom.followed.place()
        if place is not None:
            said = "Position of the followed desk up to which all was taken in."
            yield GaugeMetricFamily("onrecord_followed_position", said, place.position)
            stopped = 0 if place.refused is None else 1
            yield GaugeMetricFamily("onrecord_following_stopped", "1 if what comes next was refused.", stopped)

    def _alerts(self) -> Iterable[Metric]:
        found = CounterMetricFamily(
            "onrecord_alerts_found", "Alerts so far; edition-affected is of editions.", labels=["kind"]
        )
        for kind, many in self._kinds().items():
            found.add_metric([kind], many)
        yield found
        numbers = self._newsroom.watch.alerts.counted()
        yield GaugeMetricFamily("onrecord_alerts", "Alerts found so far.", numbers[1])
        behind = GaugeMetricFamily("onrecord_alerts_lag", "Positions whose alerts are not found yet.")
        if numbers[0] is not None:
            behind.add_metric([], max(self._newsroom.feed.head() - numbers[0], 0))
        yield behind

    def _kinds(self) -> dict[str, int]:
        """Return how many alerts of each kind there are; only what came since the last time is counted."""
        with self._counting:
            for kind, many, last in self._newsroom.watch.alerts.kinds_counted(self._counted_to):
                self._found[kind] += many
                self._counted_to = max(self._counted_to, last)
            return dict(self._found)

    def _deliveries(self) -> Iterable[Metric]:
        """Tell of all webhooks together: whom a desk tells is no affair of whoever reads numbers."""
        waiting = self._newsroom.watch.numbers().waiting
        failed = sum(one.failed for one in waiting)
        pending = sum(one.fresh for one in waiting) + failed
        yield GaugeMetricFamily("onrecord_deliveries_pending", "Alerts that wait to be sent.", pending)
        yield GaugeMetricFamily("onrecord_deliveries_failing", "Of these, tried and not taken.", failed)
        dead = sum(one.dead for one in waiting)
        yield GaugeMetricFamily("onrecord_deliveries_dead", "Alerts that were given up.", dead)
