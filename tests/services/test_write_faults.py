"""Whatever is cut, killed or full: what was acknowledged is there, once, and behind no hole that a reader could skip.

A few rounds by default; `ONRECORD_FAULTS=200` makes it that many.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.commands import RegisterLocation, RegisterSource
from domain.events import ClaimRecorded
from services.errors import StoreUnavailable
from services.ledger import Ledger
from services.store.embedded import EmbeddedPostgres, running_addresses
from services.store.event_log import EventLog
from services.store.migrate import migrate
from support.database import open_folder
from support.ledger import uuid7
from support.terminal import Terminal, command, environment, free_port

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("ONRECORD_FAULTS", "2"))
WRITERS = 32
REGISTRY = (
    {"type": "source", "slug": "agency", "kind": "wire", "name": "Agency"},
    {"type": "location", "slug": "bridge", "names": ["Bridge"], "precision": "exact"},
)


def claim(name: str) -> dict[str, object]:
    return {
        "id": uuid7(name),
        "key": name,
        "question": {"location": "bridge", "aspect": "fighting"},
        "value": "ongoing",
        "chain": [{"source": "agency", "role": "speaker", "mode": "quote", "naming": "named"}],
        "valid": {"edtf": "2016-11-08"},
        "published": {"edtf": "2016-11-08"},
        "statement": f"Report {name}.",
    }


def line(body: object) -> bytes:
    return json.dumps(body).encode() + b"\n"


@dataclass
class Service:
    """A service on a home of its own, which can be killed and started again."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        out = (self.home.parent / "service.log").open("ab")
        arguments = command("serve", "--port", str(self.port))
        self.process = subprocess.Popen(arguments, env=environment(self.home), stdout=out, stderr=out)
        give_up = time.monotonic() + 120
        while self.get("/healthz") != 200:
            assert time.monotonic() < give_up, (self.home.parent / "service.log").read_text()[-2_000:]
            time.sleep(0.2)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_database(self) -> None:
        pid = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def get(self, path: str) -> int:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", path)
            return connection.getresponse().status
        return 0

    def post(self, path: str, body: bytes, form: str = "application/json") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": form})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def load(self, body: bytes) -> dict[str, int]:
        """Import bytes and return the last line of the report."""
        status, answer = self.post("/v1/imports", body, "application/x-ndjson")
        assert status == 200, answer
        return json.loads(answer.splitlines()[-1])

    def recorded(self) -> list[str]:
        """The names of all claims in their order; no position is missing."""
        addresses = running_addresses(self.home)
        assert addresses is not None
        with EventLog(addresses.service) as log:
            found = log.read(0, 1_000_000)
        assert [one.position for one in found] == list(range(1, len(found) + 1))
        return [str(one.event.claim.key) for one in found if isinstance(one.event, ClaimRecorded)]


@pytest.fixture
def service() -> Iterator[Service]:
    with open_folder() as folder:
        running = Service(folder / "home")
        running.start()
        running.load(b"".join(map(line, REGISTRY)))
        try:
            yield running
        finally:
            assert running.process is not None
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(60)


class Writing:
    """Many callers at once; `acknowledged` holds what each of them was told is recorded."""

    def __init__(self, service: Service, round_: int) -> None:
        self.service = service
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.followed: list[int] = []
        self._round = round_
        self._stop = threading.Event()

    def __enter__(self) -> Writing:
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        self._threads.append(threading.Thread(target=self._follow))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def is_under_way(self) -> None:
        """Wait until some were told that their claims are recorded."""
        give_up = time.monotonic() + 300
        while len(self.acknowledged) < WRITERS // 2:
            assert time.monotonic() < give_up
            time.sleep(0.01)

    def _write(self, writer: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            name = f"{self._round}-{writer}-{number}"
            self.sent.append(name)
            with suppress(OSError, http.client.HTTPException):
                if self.service.post("/v1/claims", line(claim(name)))[0] in (200, 201):
                    self.acknowledged.append(name)

    def _follow(self) -> None:
        """Read on behind the last position seen, as any follower does."""
        while not self._stop.is_set():
            after = self.followed[-1] if self.followed else 0
            with suppress(OSError, http.client.HTTPException, ValueError):
                connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=20)
                connection.request("GET", f"/v1/events?after={after}&limit=1000")
                self.followed += [one["position"] for one in json.load(connection.getresponse()).get("events", [])]
            time.sleep(0.02)


@pytest.mark.parametrize("victim", ["service", "database"])
def test_killed_under_many_writers_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    service: Service, victim: str
) -> None:
    chance = random.Random(f"kills of the {victim}")
    sent: list[str] = []
    acknowledged: list[str] = []
    for round_ in range(ROUNDS):
        with Writing(service, round_) as writing:
            writing.is_under_way()
            time.sleep(chance.random() * 2)
            if victim == "service":
                service.kill()
            else:
                service.kill_database()
                time.sleep(2)
        if victim == "service":
            service.start()
        else:
            wait_until_it_takes_claims(service, f"after {round_}")
            sent.append(f"after {round_}")
        sent += writing.sent
        acknowledged += writing.acknowledged
        assert writing.followed == list(range(1, len(writing.followed) + 1))
        names = service.recorded()
        assert len(names) == len(set(names))
        assert set(acknowledged) <= set(names) <= set(sent)
    assert len(acknowledged) > ROUNDS
    done = service.load(b"".join(line(claim(name)) for name in sent))
    assert (done["accepted"] + done["duplicates"], done["refused"]) == (len(sent), 0)
    assert sorted(service.recorded()) == sorted(sent)
    verified = Terminal(service.home).run("verify")
    assert verified.status == 0, verified.out + verified.error


def wait_until_it_takes_claims(service: Service, name: str) -> None:
    give_up = time.monotonic() + 120
    while True:
        with suppress(OSError, http.client.HTTPException):
            if service.post("/v1/claims", line(claim(name)))[0] in (200, 201):
                return
        assert time.monotonic() < give_up
        time.sleep(0.5)


def test_an_import_cut_at_any_byte_is_sent_again_and_each_line_is_there_once(service: Service) -> None:
    names = [f"cut {number}" for number in range(3_000)]
    body = b"".join(line(claim(name)) for name in names)
    chance = random.Random("cuts")
    for _ in range(ROUNDS * 5):
        send_and_cut(service.port, body, chance.randrange(len(body)))
        # What arrived before the cut is still being recorded, in the order of the file.
        recorded = service.recorded()
        assert recorded == names[: len(recorded)]
    done = service.load(body)
    assert (done["accepted"] + done["duplicates"], done["refused"]) == (len(names), 0)
    assert service.recorded() == names


def send_and_cut(port: int, body: bytes, at: int) -> None:
    told = (
        "POST /v1/imports HTTP/1.1",
        "Host: x",
        "Content-Type: application/x-ndjson",
        f"Content-Length: {len(body)}",
    )
    head = "\r\n".join((*told, "", ""))
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(head.encode() + body[:at])
        # The connection is reset, not closed in order.
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Lend a disk of this size; skips the test where none can be had."""
    with open_folder() as folder:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", str(folder)], capture_output=True
        )
        if made.returncode != 0:
            pytest.skip(f"a small disk cannot be had here: {made.stderr.decode().strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_with_room_again_the_ledger_goes_on() -> None:
    with small_disk(220) as disk, EmbeddedPostgres(disk / "home") as server:
        addresses = server.start()
        migrate(addresses.owner)
        with EventLog(addresses.service) as log, Ledger(log) as ledger:
            ledger.record(RegisterSource.model_validate_json(json.dumps(REGISTRY[0])))
            ledger.record(RegisterLocation.model_validate_json(json.dumps(REGISTRY[1])))
            with (disk / "filler").open("wb") as filler, suppress(OSError):
                while True:
                    filler.write(b"\0" * 65_536)
                    filler.flush()
            acknowledged = write_until_refused(ledger)
            (disk / "filler").unlink()
            server.start()
            again = record_again(ledger, "and on")
            assert again > len(acknowledged)
            names = [str(one.event.claim.key) for one in log.read(2, 100_000) if isinstance(one.event, ClaimRecorded)]
            assert set(acknowledged) <= set(names)
            assert len(names) == len(set(names))


def write_until_refused(ledger: Ledger) -> list[str]:
    """Record claims with long statements until the disk has no room; the error says so."""
    from domain.commands import parse_command

    acknowledged: list[str] = []
    with pytest.raises(StoreUnavailable, match=r"No space left|not available"):
        for number in range(20_000):
            body = {**claim(f"long {number}"), "statement": f"{number} " + "word " * 3_000}
            ledger.record(parse_command(line(body)))
            acknowledged.append(f"long {number}")
    return acknowledged


def record_again(ledger: Ledger, name: str) -> int:
    from domain.commands import parse_command

    give_up = time.monotonic() + 60
    while True:
        try:
            return ledger.record(parse_command(line(claim(name)))).position
        except StoreUnavailable:
            assert time.monotonic() < give_up
            time.sleep(1)
