"""Every request has an id, is counted and logged without its words, and HEAD is GET without the body."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admitted import CutOff
from services.named import of_desk
from services.traces import Call, call

_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACE = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
"""W3C Trace Context, version 00."""
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
"""Those that are told by their name: whoever calls may make up others, and there would be no end of them."""
_LINE = "%(method)s %(route)s %(status)d %(seconds).4f s %(request)s"
_access = logging.getLogger("onrecord.access")

Count = Callable[[str, str, int, float], None]
"""Called with operation, method, status and seconds of each request."""


class Open(Protocol):
    """Knows how many live streams there are."""

    def inc(self) -> None:
        """One more."""

    def dec(self) -> None:
        """One less."""


class _Request:
    """What is known of a request for the log: nothing that its caller wrote but a fit id."""

    def __init__(self, scope: Scope, make_id: Callable[[], str], desk: str | None) -> None:
        self._scope = scope
        self._call: Call | None = None
        self._below = "" if desk is None else f"/desks/{desk}"
        given = Headers(scope=scope)
        traced = _TRACE.fullmatch(given.get("traceparent", ""))
        asked = given.get("x-request-id", "")
        self.id = asked if _GIVEN.fullmatch(asked) else traced[1] if traced else make_id()
        self.told: dict[str, Any] = {"request": self.id, "method": scope["method"], "status": 500}
        self.says = {"X-Request-ID": self.id}
        self._call = call(traced[0] if traced else None)
        if self._call is not None:
            self.told["trace"] = self._call.trace
            self.says["traceparent"] = self._call.traceparent
        elif traced:
            self.told["trace"] = traced[1]
            self.says["traceparent"] = f"00-{traced[1]}-{make_id()[-16:]}-{traced[2]}"
        self.is_live = False

    def kept(self) -> AbstractContextManager[object]:
        """Let what is traced meanwhile be part of this request."""
        return self._call.kept() if self._call is not None else nullcontext()

    def begin(self, message: Message) -> None:
        """Say who it is in the head of the answer, and learn what that says."""
        headers = MutableHeaders(scope=message)
        for name, value in self.says.items():
            headers[name] = value
        # The pages run scripts of this host: no text that somebody archived may ever pass for one.
        headers["X-Content-Type-Options"] = "nosniff"
        self.told["status"] = message["status"]
        position = headers.get("ledger-position", "")
        if position.isdecimal():
            self.told["position"] = int(position)
        self.is_live = headers.get("content-type", "").startswith("text/event-stream")

    def end(self, seconds: float) -> str:
        """Return the operation, once the route is known."""
        route = self._scope.get("route")
        # The pattern of the address and no query: who is asked about, and for what, is nobody else's business.
        path = getattr(route, "path", None)
        self.told |= {"route": f"{self._below}{path}" if path else "none", "seconds": round(seconds, 6)}
        operation = getattr(route, "operation_id", None) or "none"
        if self._call is not None:
            method = self.told["method"] if self.told["method"] in METHODS else "OTHER"
            status, name = int(self.told["status"]), str(self.told["route"])
            told = {"http.request.method": method, "http.route": name, "http.response.status_code": status}
            told |= {"onrecord.operation": operation, "onrecord.request": self.id}
            told |= {"onrecord.position": self.told["position"]} if "position" in self.told else {}
            self._call.end(f"{method} {name}", told, failed=status >= 500)
        return operation


class RequestIds:
    """Gives each request an id, says it in the answer, counts and logs.

    A fit id that came with it is kept. So is the trace of a `traceparent`: without an id that is the id, and the answer
    names our own step of it.
    """

    def __init__(  # noqa: PLR0913 (what is told of requests, and to whom)
        self, app: ASGIApp, make_id: Callable[[], str], count: Count, streams: Open, desk: str | None = None
    ) -> None:
        self.app = app
        self._make_id = make_id
        self._count = count
        self._streams = streams
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(scope, self._make_id, self._desk)
        # In the scope itself, not in a copy: the handler of unforeseen errors answers from outside of here.
        scope["onrecord.request"] = request.id
        scope["onrecord.says"] = request.says
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.begin(message)
                if request.is_live:
                    self._streams.inc()
            await send(message)

        try:
            # Its last part never comes, so the server closes the connection, and logs that it did.
            with request.kept(), suppress(CutOff), of_desk(self._desk):
                await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            if request.is_live:
                self._streams.dec()
            operation = request.end(seconds)
            self._count(operation, scope["method"], request.told["status"], seconds)
            _access.info(_LINE, request.told, extra={"request": request.told})


class _Enough(Exception):
    """The headers are sent, and nothing more is wanted."""


class HeadAsGet:
    """Answers HEAD wherever GET is answered, with the same headers and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                # Whoever streams would go on for ever.
                raise _Enough

        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send_headers)
        except _Enough:
            return
        except ExceptionGroup as group:
            if group.split(_Enough)[1] is not None:
                raise
        finally:
            scope["route"] = as_get.get("route")
