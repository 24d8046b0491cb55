"""A call of an app without a client, for tests that make thousands."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

import anyio
from starlette.types import ASGIApp, Message, Scope


class Answered(NamedTuple):
    """What an app answered; header names are in lower case."""

    status_code: int
    headers: dict[str, str]
    text: str


async def answered(app: ASGIApp, method: str, address: str, given: dict[str, str]) -> Answered:
    """Send a request without a body, and take all of the answer."""
    parts = urlsplit(address)
    headers = {"host": "localhost", "accept": "*/*", **{name.lower(): value for name, value in given.items()}}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    heads: list[Message] = []
    body = bytearray()
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await anyio.sleep_forever()  # whoever asks stays until all is answered
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            heads.append(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    told = {name.decode().lower(): value.decode("latin-1") for name, value in heads[0]["headers"]}
    return Answered(int(heads[0]["status"]), told, body.decode())
