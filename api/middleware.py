"""Every request has an id, is counted and logged without its words, and HEAD is GET without the body."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_access = logging.getLogger("onrecord.access")

Count = Callable[[str, str, int, float], None]
"""Called with operation, method, status and seconds of each request."""


class RequestIds:
    """Gives each request an id (or keeps a fit one that came with it), says it in the answer, counts and logs."""

    def __init__(self, app: ASGIApp, make_id: Callable[[], str], count: Count) -> None:
        self.app = app
        self._make_id = make_id
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GIVEN.fullmatch(given) else self._make_id()
        # In the scope itself, not in a copy: the handler of unforeseen errors answers from outside of here.
        scope["onrecord.request"] = request_id
        began = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                # The pages run scripts of this host: no text that somebody archived may ever pass for one.
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            operation = getattr(scope.get("route"), "operation_id", None) or "none"
            self._count(operation, scope["method"], status, seconds)
            # Without the query: what somebody searches for is nobody else's business.
            _access.info("%s %s %d %.1f ms %s", scope["method"], scope["path"], status, seconds * 1000, request_id)


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
