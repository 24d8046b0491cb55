"""Thirty-two callers record one claim after the other over HTTP, each waiting for its own answer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice

import psutil

from bench.ledgers import ledger
from bench.loading import load, ready_made
from bench.measuring import Bench, Row, compared, stopwatch
from bench.serving import KEYS, KINDS
from services.store.event_log import EventLog

CALLERS = KEYS

_HEAD = b"POST /v1/claims HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"


class RecordingFailed(Exception):
    """A call was not answered with 201."""


class Service:
    """A service in a process of its own, and what is to be sent to it."""

    def __init__(self, process: int, port: int, keys: Sequence[str], lines: Sequence[bytes], a_round: int) -> None:
        self._process = psutil.Process(process)
        self._port = port
        self._shown = [f"Authorization: Bearer {key}\r\n".encode() for key in keys] or [b""] * CALLERS
        self._requests = iter(lines)
        self._a_round = a_round
        self.spent: list[float] = []
        """Microseconds of processor that a record took the service, for each round; without those of the database."""

    def record(self) -> float:
        """Send a round of claims and return how many were recorded a second."""
        share = -(-self._a_round // CALLERS)
        before = self._process.cpu_times()
        with stopwatch() as seconds:
            asyncio.run(self._all_call([list(islice(self._requests, share)) for _ in range(CALLERS)]))
        after = self._process.cpu_times()
        spent = after.user + after.system - before.user - before.system
        self.spent.append(spent * 1_000_000 / (share * CALLERS))
        return share * CALLERS / seconds()

    async def _all_call(self, shares: list[list[bytes]]) -> None:
        await asyncio.gather(*(self._call(*one) for one in zip(self._shown, shares, strict=True)))

    async def _call(self, shown: bytes, bodies: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for body in bodies:
            writer.write(_HEAD % (shown, len(body)) + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            told = await reader.readexactly(length)
            if not answer.startswith(b"HTTP/1.1 201"):
                raise RecordingFailed(answer.decode() + told.decode())
        writer.close()


@contextmanager
def open_service(bench: Bench, kind: str, claims: int, a_round: int) -> Generator[Service]:
    """Start a service of a kind on a database that knows the sources and places of the claims."""
    sent = list(ledger(claims))
    with bench.database() as addresses:
        with EventLog(addresses.service) as log:
            load(log, ready_made(one for one in sent if one.type not in ("claim", *_LATER)))
        conninfo = addresses.owner if kind == "stock" else addresses.service
        words = [sys.executable, "-m", "bench.serving", kind, conninfo]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            try:
                assert process.stdout is not None
                port, *keys = process.stdout.readline().decode().split()
                yield Service(
                    process.pid, int(port), keys, [one.line() for one in sent if one.type == "claim"], a_round
                )
            finally:
                process.terminate()


_LATER = (
    "correct", "withdraw", "void", "relation", "assess", "edition", "lean_ended", "affiliation_ended", "rating",
    "location_link_ended",
)  # fmt: skip
"""What comes after the first claim and is not needed by claims; the sources and ties in between do no harm."""


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the rows of single records."""
    a_round = max(CALLERS * 4, bench.size // 5)
    claims = (bench.rounds + 1) * (a_round + CALLERS)
    with ExitStack() as stack:
        services = {kind: stack.enter_context(open_service(bench, kind, claims, a_round)) for kind in KINDS}
        contenders = {kind: service.record for kind, service in services.items()}
        for first in contenders.values():
            first()
        found = bench.take_turns(contenders)
    spent = {kind: service.spent[1:] for kind, service in services.items()}
    what, note = f"single records over HTTP, {CALLERS} callers, durable", f"{a_round:,} a round"
    yield Row("http", what, "the same route with validation and no store", **compared(found, "ours", "validating"),
              bar=0.4, aim=0.7, at_most=False, unit="claims/s", note=note)  # fmt: skip
    yield Row("http", what, "one stock Application.save per request", **compared(found, "ours", "stock"),
              bar=3, aim=5, at_most=False, unit="claims/s", note=note)  # fmt: skip
    yield Row("http", "the same with a key, looked up and its calls counted", "open to everybody",
              **compared(found, "ours with keys", "ours"), bar=None, aim=None, at_most=False, unit="claims/s",
              note=note)  # fmt: skip
    yield Row("http", "processor of the service with a key", "open to everybody",
              **compared(spent, "ours with keys", "ours"), bar=None, aim=None, at_most=True, unit="µs a claim",
              note=note)  # fmt: skip
    yield Row("http", "the same while its views are carried forward beside", "without",
              **compared(found, "ours with views", "ours"), bar=None, aim=None, at_most=False, unit="claims/s",
              note=note)  # fmt: skip
