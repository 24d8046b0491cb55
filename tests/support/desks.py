"""Desks beside a main one, over HTTP in memory: the real apps under one roof, each on a database of its own."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from fastapi.testclient import TestClient
from jwt import PyJWS
from jwt.algorithms import OKPAlgorithm
from psycopg.conninfo import conninfo_to_dict
from pydantic_core import to_json

from api.app import create_app
from api.desks import Desks
from services.access.gate import Access, Everybody, Gate, Nobody
from services.access.keys import AccessKeys, NewKey
from services.access.opening import NO_DESK
from services.access.provider import Provider
from services.access.roles import RIGHTS_OF, Role
from services.access.tokens import Tokens
from services.bootstrap import Newsroom, open_newsroom
from services.desks import addresses_of, listed, make_desk
from services.store.embedded import Addresses
from support.database import Cluster
from support.service import HERE, OUTWARD, SIGNER

ISSUER, AUDIENCE = "https://id.example.org", "https://ledger.example.org"
_VOUCHES = ed25519.Ed25519PrivateKey.generate()
_KEY_SET = {"keys": [{**OKPAlgorithm.to_jwk(_VOUCHES.public_key(), as_dict=True), "kid": "ours"}]}
PROVIDER = Provider(ISSUER, f"{ISSUER}/keys", lambda url: True, lambda url: _KEY_SET)


def token(*roles: str) -> str:
    """Return a token of the identity provider that names these roles."""
    present = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "7f3a", "iat": present, "exp": present + 3_600, "roles": roles}
    return PyJWS().encode(to_json(said), _VOUCHES, "EdDSA", {"kid": "ours"})


def gate(keys: AccessKeys, desk: str | None) -> Gate:
    """Return how a desk lets in: by keys of its own, and by tokens that name it."""
    return Gate(keys, Tokens(PROVIDER, AUDIENCE, "roles", desk))


class Roof:
    """A service of several desks; `rooms` has the newsrooms by name, and that of the main desk as `main`."""

    def __init__(self, main: Newsroom, addresses: Addresses, names: Any) -> None:  # noqa: ANN401 (a callable of names)
        self.addresses = addresses
        self.rooms: dict[str, Newsroom] = {"main": main}
        nobody = Nobody(main.keys, Tokens(PROVIDER, AUDIENCE, "roles", NO_DESK))
        self.main = create_app(main, gate(main.keys, None))
        self.desks = Desks(self.main, names, self._opened, nobody, 0)
        # Kept in one event loop, as a server is, which also makes a thousand calls quicker.
        self.client = TestClient(self.desks, HERE, raise_server_exceptions=False)

    @contextmanager
    def _opened(self, name: str) -> Generator[tuple[Newsroom, Access]]:
        with open_newsroom(
            addresses_of(self.addresses, name), outward=OUTWARD, signer=lambda: SIGNER.of_desk(name)
        ) as room:
            self.rooms[name] = room
            yield room, gate(room.keys, name)

    @contextmanager
    def opened_to_all(self, name: str) -> Generator[tuple[Newsroom, Access]]:
        """Open a desk where nobody is asked for a key."""
        with open_newsroom(addresses_of(self.addresses, name), following=False) as room:
            yield room, Everybody()

    def keys(self, desk: str) -> dict[Role, str]:
        """Make a key for each role at a desk, and return them."""
        made = self.rooms[desk].keys
        return {role: str(made.make(NewKey(name=role, role=role), "a test")["key"]) for role in RIGHTS_OF}


@contextmanager
def open_roof(cluster: Cluster, addresses: Addresses, *names: str) -> Generator[Roof]:
    """Make the desks of these names beside the database, and serve all; the desks are dropped at the end."""
    with ExitStack() as stack:
        for name in names:
            made = conninfo_to_dict(addresses_of(addresses, name).owner)["dbname"]
            stack.callback(cluster.drop, str(made))
            make_desk(addresses, name)
        main = stack.enter_context(open_newsroom(addresses, outward=OUTWARD, signer=lambda: SIGNER))
        roof = Roof(main, addresses, stack.enter_context(listed(addresses)))
        stack.enter_context(roof.desks.kept())
        stack.enter_context(roof.client)
        for name in names:
            assert roof.client.get(f"/desks/{name}/healthz").status_code == 200
        yield roof
