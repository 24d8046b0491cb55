"""Beside the desk that is measured stand another desk, whose people work too, and a receiver of its alerts."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DESK = "sports"
NETWORKS = {"ONRECORD_WEBHOOK_NETWORKS": "127.0.0.0/8"}
"""The receiver is at this machine, where a service sends nothing by itself."""
_TAKEN = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def second_desk(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Make the desk in the home of a service that runs, and a key of each role that is needed there."""
    _onrecord(environment, "desks", "make", DESK)
    roles = ("editor", "reader", "admin")
    return {role: [_onrecord(environment, "--desk", DESK, "keys", "make", role, "--role", role)] for role in roles}


def _onrecord(environment: Mapping[str, str], *words: str) -> str:
    """Return the last word that the command line prints."""
    told = subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        env=dict(environment),
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.split()[-1]


class Receiver:
    """Takes every message that is posted to it, and counts them."""

    def __init__(self) -> None:
        self.url = ""
        self.taken = 0

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
            length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
            await reader.readexactly(length)
            self.taken += 1
            writer.write(_TAKEN)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[Receiver]:
        """Listen at this machine."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        async with server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alerts"
            yield self
