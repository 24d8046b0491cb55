"""A service of one kind in a process of its own: ours, with keys, with no store, or the same with the stock library."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from pydantic import ConfigDict

from api.serve import server_of
from bench import stock
from domain.commands import RecordClaim, claim_of, with_ids
from domain.events import ClaimRecorded, Recorded
from services.access.gate import Access, Everybody, Gate
from services.access.keys import NewKey
from services.bootstrap import Newsroom, clock, open_newsroom
from services.ledger import Ledger, Receipt, Submission, make_claim_id
from services.store.embedded import Addresses

KINDS = ("ours", "ours with keys", "ours with views", "validating", "stock")
KEYS = 32
"""How many keys there are where one is asked for."""
UNCOUNTED = 10**8
"""Calls a minute that nobody uses up, though each is counted."""


class NoStore:
    """Stands for the ledger: it takes what was validated and answers at once, as if it were recorded."""

    def __init__(self) -> None:
        self._positions = count(1)

    def submit(self, given: Submission) -> Future[Receipt]:
        """Answer with the event that the command asks for."""
        command = cast("RecordClaim", with_ids(given.command, make_claim_id))
        position, now = next(self._positions), clock()
        made = Recorded(position, now, ClaimRecorded(claim=claim_of(command)))
        answer: Future[Receipt] = Future()
        answer.set_result(Receipt(position, now, (made,), False))
        return answer


class Form(RecordClaim):
    """The same form, read as FastAPI reads a body: from JSON that was parsed before, where a list is no tuple yet."""

    model_config = ConfigDict(strict=False)


def stock_app(conninfo: str) -> FastAPI:
    """Return a service as the library's users write it: a route that validates and saves one aggregate."""
    app = FastAPI()
    sayings = stock.Sayings(stock.environment(conninfo))

    @app.post("/v1/claims", status_code=201)
    def record_claim(claim: Form) -> dict[str, Any]:
        body = claim.model_dump(mode="json", exclude_none=True)
        return {"position": sayings.say(**stock.like(body)), "claim": body}

    return app


def _server(kind: str, conninfo: str, stack: ExitStack) -> tuple[uvicorn.Server, Sequence[str]]:
    """Return a server and the keys that it lets in, none where it lets in everybody."""
    if kind == "stock":
        config = uvicorn.Config(stock_app(conninfo), lifespan="off", access_log=False, log_level="warning")
        return uvicorn.Server(config), ()
    addresses = Addresses(owner=conninfo, service=conninfo)
    room = stack.enter_context(open_newsroom(addresses, following=kind == "ours with views"))
    if kind == "validating":
        room = replace(room, ledger=cast("Ledger", NoStore()))
    access: Access = Everybody()
    keys: list[str] = []
    if kind == "ours with keys":
        access = Gate(room.keys)
        wanted = [NewKey(name=f"caller-{number}", role="reporter") for number in range(KEYS)]
        keys = [str(room.keys.make(one, "the bench")["key"]) for one in wanted]
    return server_of(cast("Newsroom", room), access, "127.0.0.1", 0, calls_a_minute=UNCOUNTED if keys else 0), keys


def main(kind: str, conninfo: str, ready: Callable[[int, Sequence[str]], None]) -> None:
    """Serve on a free port, which `ready` is told with the keys, until the process is ended."""
    with ExitStack() as stack:
        server, keys = _server(kind, conninfo, stack)
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ready(listening.getsockname()[1], keys)
        server.run(sockets=[listening])


def _tell(port: int, keys: Sequence[str]) -> None:
    sys.stdout.write(f"{' '.join((str(port), *keys))}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], _tell)
