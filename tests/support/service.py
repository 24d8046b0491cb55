"""A newsroom over HTTP in memory: the real app on a real PostgreSQL, without a socket."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.examples import WORLD
from services.access.gate import Access, Everybody
from services.bootstrap import Newsroom, open_newsroom
from services.layers import Layer
from services.signatures import Keys
from services.signing import Signer
from services.store.embedded import Addresses
from services.watch import Outward

OUTWARD = Outward(Keys(b64encode(b"a key that only the tests know..").decode()), (ip_network("127.0.0.0/8"),))
"""Alerts may go to this machine."""
SIGNER = Signer("onrecord.test/desk", bytes(32))
"""What these ledgers sign with, and no others."""
BOUNDARIES = Layer(
    "boundaries",
    "The desk's own survey",
    json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": "the city limits"},
                    "geometry": {"type": "LineString", "coordinates": [[36.9, 36.1], [37.1, 36.2], [37.3, 36.3]]},
                }
            ],
        }
    ).encode(),
)
"""Newsrooms of tests have boundaries of their own."""
OPEN = Everybody()
"""Tests of everything but access ask without a key."""
HERE = "http://localhost"
"""Where they find the service: without keys it goes by no other name."""
Answer = Any
"""What a call answered: the response of the test client."""


class Desk:
    """A client of a newsroom that knows the stock phrases."""

    def __init__(self, newsroom: Newsroom, access: Access = OPEN) -> None:
        self.newsroom = newsroom
        self.app = create_app(newsroom, access)
        self.client = TestClient(self.app, HERE, raise_server_exceptions=False)

    @property
    def head(self) -> int:
        return self.newsroom.feed.head()

    def ask(self, path: str, headers: dict[str, str] | None = None, **parameters: str | int) -> Answer:
        """GET, from views that include everything recorded so far."""
        seen = {"Ledger-Position": str(self.head), **(headers or {})}
        return self.client.get(path, params=parameters or None, headers=seen)

    def send(self, path: str, body: object, headers: dict[str, str] | None = None) -> Answer:
        """POST a body as JSON."""
        return self.client.post(path, json=body, headers=headers)

    def put(self, path: str, body: object, headers: dict[str, str] | None = None) -> Answer:
        """PUT a body as JSON."""
        return self.client.put(path, json=body, headers=headers)

    def load(self, lines: list[dict[str, Any]] | tuple[dict[str, Any], ...] = WORLD) -> list[dict[str, Any]]:
        """Import lines and return the report; with none given, the world of the examples."""
        body = "".join(json.dumps(line) + "\n" for line in lines)
        return self.load_bytes(body.encode())

    def load_bytes(self, body: bytes, query: str = "", **headers: str) -> list[dict[str, Any]]:
        """Import bytes and return the report."""
        told = {"Content-Type": "application/x-ndjson", **headers}
        answer = self.client.post(f"/v1/imports{query}", content=body, headers=told)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


@contextmanager
def open_desk(addresses: Addresses) -> Generator[Desk, None, None]:
    """Open a newsroom on the database and lend a client of it."""
    with open_newsroom(addresses, outward=OUTWARD, signer=lambda: SIGNER, layers=(BOUNDARIES,)) as newsroom:
        yield Desk(newsroom)
