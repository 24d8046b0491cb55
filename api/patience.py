"""Nobody holds a connection by doing nothing: whoever sends or takes too slowly is told so, or let go."""

from __future__ import annotations

import asyncio
import time
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, document, kind_of
from api.refused import HeadTooLong, TooSlow

HEAD_WITHIN = 20.0
"""Seconds from the first byte (of a new connection: from its beginning) until the head of a request is complete."""
HEAD_MOST = 64 * 1024
"""Bytes of address and headers together."""
BODY_WITHIN = 30.0
"""Seconds that we wait for a body in all, and one more for each `BODY_PACE` bytes of it."""
BODY_PACE = 1024
TAKEN_WITHIN = 60.0
"""Seconds in which a caller who is behind has to take 48 KiB of an answer, and its rest."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, which by itself waits for ever for a head and for whoever does not read."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 (the server's affair)
        super().__init__(*given, **named)
        self._head: TimerHandle | None = None
        self._behind: TimerHandle | None = None
        self._is_in_head = False
        self._begun = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._head, self._behind = _ended(self._head), _ended(self._behind)

    def data_received(self, data: bytes) -> None:
        """Take what came in, and no head without end."""
        if self._head is None and (self.cycle is None or self.cycle.response_complete):
            # Also the rest of a body that nobody reads any more: it is taken off the line, but not for ever.
            self._wait_for_head()
        super().data_received(data)
        if self._is_in_head:
            self._begun += len(data)
            if self._begun > HEAD_MOST:
                self._refuse(HeadTooLong(HEAD_MOST))

    def on_message_begin(self) -> None:
        """Begin with a head."""
        super().on_message_begin()
        self._is_in_head, self._begun = True, 0

    def on_headers_complete(self) -> None:
        """Begin with the request."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_MOST:
            self._refuse(HeadTooLong(HEAD_MOST))
            return
        super().on_headers_complete()
        self._head = _ended(self._head)
        self._is_in_head = False

    def on_response_complete(self) -> None:
        """Let the caller take the rest, for a while."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_until_taken()

    def timeout_keep_alive_handler(self) -> None:
        """Close what nobody has used for a while."""
        super().timeout_keep_alive_handler()
        self._wait_until_taken()

    def pause_writing(self) -> None:
        """Wait for a caller who takes less than is sent."""
        super().pause_writing()
        self._wait_until_taken()

    def resume_writing(self) -> None:
        """Go on: the caller has caught up."""
        super().resume_writing()
        self._behind = _ended(self._behind)

    def _wait_for_head(self) -> None:
        self._head = self.loop.call_later(HEAD_WITHIN, self._give_up)

    def _give_up(self) -> None:
        if self._is_in_head:
            self._refuse(TooSlow())
        else:
            # Nothing was asked, or the answer was given long ago: there is nothing to say.
            self.transport.abort()

    def _wait_until_taken(self) -> None:
        if self._behind is None:
            self._behind = self.loop.call_later(TAKEN_WITHIN, self.transport.abort)

    def _refuse(self, error: Exception) -> None:
        """Say what is wrong with a head that no app ever sees."""
        if self.transport.is_closing():
            return
        status = kind_of(error).status
        body = to_json(document(error, ""))
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self.transport.close()
        self._wait_until_taken()


def _ended(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


class PatientBodies:
    """Waits for a body no longer than it may take: what comes in counts, and our own work on it does not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        left, is_whole, has_begun = BODY_WITHIN, False, False

        async def receive_soon() -> Message:
            nonlocal left, is_whole
            if is_whole:
                return await receive()
            began = time.monotonic()
            try:
                async with asyncio.timeout(left):
                    message = await receive()
            except TimeoutError:
                if has_begun:
                    return {"type": "http.disconnect"}
                raise TooSlow from None
            left += len(message.get("body", b"")) / BODY_PACE - (time.monotonic() - began)
            is_whole = not message.get("more_body", False)
            return message

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        await self.app(scope, receive_soon, send_on)
