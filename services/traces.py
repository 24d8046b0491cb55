"""What a call, a commit or a batch took is told to whoever collects traces; where nobody does, nothing is paid for it.

A span has names and numbers of this program's own: never a word of what was said, asked or shown, nor an error's text.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

    Here = Context | None
    """Where in a trace something happens."""

_LOG = logging.getLogger(__name__)
SERVICE = "onrecord"
"""What the service is called in traces, unless `OTEL_SERVICE_NAME` says otherwise."""
P = ParamSpec("P")
LAST = 2.0
"""Seconds, at most, that what is left is tried to be sent at the end."""
T = TypeVar("T")
Told = str | int
_NOTHING: AbstractContextManager[None] = nullcontext()


class _Sending:
    """Whom this process tells, if anybody; set once, before anybody is served."""

    tracer: Tracer | None = None


def sends_traces(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the standard variables name a collector that is reached as we can."""
    of_traces, of_all = "OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    if not (environment.get(f"{of_traces}ENDPOINT") or environment.get(f"{of_all}ENDPOINT")):
        return False
    protocol = environment.get(f"{of_traces}PROTOCOL") or environment.get(f"{of_all}PROTOCOL") or "http/protobuf"
    if protocol != "http/protobuf":
        _LOG.warning("no traces are sent: a collector is reached by http/protobuf here, and not by %s", protocol)
    return protocol == "http/protobuf"


@contextmanager
def traced(environment: Mapping[str, str] = os.environ) -> Generator[None]:
    """Send traces meanwhile, if somebody is named to collect them; what is left is sent at the end."""
    if not sends_traces(environment):
        yield
        return
    try:
        # Late, and only here: it takes a third of a second, and is an extra.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        # Whoever runs many services sets the variable for all of them, and none should stay away because of that.
        _LOG.warning("no traces are sent: that takes `pip install 'onrecord[traces]'`")
        yield
        return
    is_named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    resource = Resource.create({} if is_named else {"service.name": SERVICE})
    # Ours alone, and not that of the whole process: what other packages trace has words in it that ours has not.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _Sending.tracer = provider.get_tracer(SERVICE)
    try:
        yield
    finally:
        _Sending.tracer = None
        # A collector that is away would be tried again and again, and this process could not end.
        enough = threading.Timer(LAST, exporter.shutdown)
        enough.start()
        provider.shutdown()
        enough.cancel()


class Call:
    """The span of one call over HTTP, within the trace that its caller is in, if they say so."""

    def __init__(self, tracer: Tracer, traceparent: str | None) -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        within = TraceContextTextMapPropagator().extract({"traceparent": traceparent} if traceparent else {})
        self._span = tracer.start_span("call", context=within, kind=SpanKind.SERVER)
        found = self._span.get_span_context()
        self.trace = f"{found.trace_id:032x}"
        self.traceparent = f"00-{self.trace}-{found.span_id:016x}-{int(found.trace_flags):02x}"

    def kept(self) -> AbstractContextManager[object]:
        """Let what is told meanwhile, in this context, be part of the call."""
        from opentelemetry.trace import use_span

        return use_span(self._span, record_exception=False, set_status_on_exception=False)

    def end(self, name: str, told: Mapping[str, Told], *, failed: bool) -> None:
        """End it, under the name that is known by now."""
        from opentelemetry.trace import StatusCode

        self._span.update_name(name)
        self._span.set_attributes(told)
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def call(traceparent: str | None) -> Call | None:
    """Begin the span of a call; None where nobody collects traces."""
    return Call(_Sending.tracer, traceparent) if _Sending.tracer is not None else None


def here() -> Here:
    """Return where in a trace this is, to be told of later and by another thread."""
    if _Sending.tracer is None:
        return None
    from opentelemetry.context import get_current

    return get_current()


def part(name: str, **told: Told) -> AbstractContextManager[object]:
    """Tell how long something takes that is part of a call; outside of calls it is not told."""
    tracer = _Sending.tracer
    if tracer is None:
        return _NOTHING
    from opentelemetry.trace import get_current_span

    if not get_current_span().is_recording():
        return _NOTHING
    own = {f"onrecord.{key}": value for key, value in told.items()}
    # The text of an error may hold the words of a claim.
    return tracer.start_as_current_span(name, attributes=own, record_exception=False, set_status_on_exception=False)


def work(name: str, told: Mapping[str, Told], doing: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Do something behind the scenes, and tell how long it took; its parts are not told."""
    tracer = _Sending.tracer
    if tracer is None:
        return doing(*given, **named)
    span = tracer.start_span(name, attributes={f"onrecord.{key}": value for key, value in told.items()})
    try:
        return doing(*given, **named)
    except BaseException as error:
        _fail(span, error)
        raise
    finally:
        span.end()


def group(calls: Iterable[tuple[Here, float]], times: tuple[float, float], commands: int) -> None:
    """Tell of each call what its recording took, now that it has come to its end.

    `calls` are where in a trace each was handed in, and when; `times` when the writer took their group up, and when all
    was decided: instants of `time.monotonic`.
    """
    tracer = _Sending.tracer
    if tracer is None:
        return
    from opentelemetry.trace import set_span_in_context

    began = time.time_ns() - time.monotonic_ns()
    taken, decided = (began + int(one * 1e9) for one in times)
    now, known = time.time_ns(), list(calls)
    told = {"onrecord.commands": commands, "onrecord.calls": len(known)}
    for context, came in known:
        at = began + int(came * 1e9)
        recording = tracer.start_span("record", context, start_time=at, attributes=told)
        inside = set_span_in_context(recording)
        for name, start, end in (("wait", at, taken), ("decide", taken, decided), ("commit", decided, now)):
            tracer.start_span(name, inside, start_time=start).end(end)
        recording.end(now)


def _fail(span: Span, error: BaseException) -> None:
    from opentelemetry.trace import StatusCode

    span.set_attribute("error.type", type(error).__name__)
    span.set_status(StatusCode.ERROR)
