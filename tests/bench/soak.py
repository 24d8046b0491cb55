"""The real service is used for an hour at half of what it can bear, and nothing that it holds may grow meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from bench.crowd import Crowd
from bench.gauges import Gauges, Reading
from bench.ledgers import Sent, ledger
from bench.slopes import ALLOWED, points_of, slope_of
from bench.users import A_WRITE, answers_of
from services.store.embedded import running_addresses

CLAIMS = 100_000
"""Claims that the telling is made for, which decides how many places there are, and how much time lies between two."""
YEARS = 12
"""By so much what is told is moved, so that it bears on the present, and changes of it are told as alerts."""
BEFORE = 2_000
"""Claims that the ledger holds before anybody is measured."""
USERS = 8
EVERY = 10.0
"""Seconds between two readings."""
WINDOW = 300.0
"""Seconds of each row of percentiles."""
VIEWS = ("claims", "stances", "stories", "registry", "editions", "assessments", "picture")
ROLES = {"editor": 6, "reader": 6, "engineer": 1, "admin": 1}


@dataclass
class Soak:
    """One run: where it lives, how long it takes, and at most how many claims a second are recorded."""

    home: Path
    port: int
    minutes: float
    warm: float
    most: float
    told: Callable[[str], None]
    readings: list[Reading] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Return all that was found; it is kept in `soak.json` of the home as well."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._service() as (pid, url):
            found = asyncio.run(self._measure(pid, url))
        (self.home / "soak.json").write_text(json.dumps(found, indent=1))
        return found

    @contextmanager
    def _service(self) -> Generator[tuple[int, str]]:
        given = {
            "ONRECORD_HOME": str(self.home / "ledger"), "ONRECORD_PORT": str(self.port), "ONRECORD_LOG": "json",
            "ONRECORD_CHECKPOINT_EVERY": "60",
        }  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")} | given
        with (self.home / "service.log").open("ab") as log:
            words = [sys.executable, "-m", "services.cli", "serve"]
            with subprocess.Popen(words, stdout=log, stderr=log, env=environment) as process:
                try:
                    yield process.pid, f"http://127.0.0.1:{self.port}"
                finally:
                    process.send_signal(signal.SIGINT)

    async def _measure(self, pid: int, url: str) -> dict[str, Any]:
        limits = httpx2.Limits(max_connections=300, max_keepalive_connections=60)
        async with httpx2.AsyncClient(base_url=url, timeout=60, limits=limits, trust_env=False) as client:
            async with asyncio.timeout(120):
                async for status in answers_of(client, "/readyz"):
                    if status == 200:
                        break
            keys = await self._keys(client)
            lines = (_moved(one) for one in ledger(CLAIMS))
            await self._fill(client, keys, lines)
            users = Crowd(client, keys, lines)
            addresses = await asyncio.to_thread(running_addresses, self.home / "ledger")
            assert addresses is not None
            gauges = Gauges(pid, url, keys["admin"][0], addresses.owner)
            try:
                capacity = await self._capacity(users, gauges)
                rate = min(capacity / 2, self.most)
                self.told(f"{capacity:.1f} rounds a second with {USERS} users; {rate:.1f} claims a second from now on")
                await self._load(users, gauges, rate)
            finally:
                gauges.close()
        return self._found(users, capacity, rate)

    async def _keys(self, client: httpx2.AsyncClient) -> dict[str, list[str]]:
        own = (self.home / "ledger" / "access.key").read_text().strip()
        headers = {"Authorization": f"Bearer {own}"}
        made: dict[str, list[str]] = {}
        for role, many in ROLES.items():
            for number in range(many):
                body = {"name": f"{role}-{number}", "role": role}
                answer = await client.post("/v1/keys", json=body, headers=headers)
                made.setdefault(role, []).append(answer.raise_for_status().json()["key"])
        return made

    async def _fill(self, client: httpx2.AsyncClient, keys: dict[str, list[str]], lines: Iterator[Sent]) -> None:
        first: list[Sent] = []
        claims = 0
        while claims < BEFORE:
            first += islice(lines, 1)
            claims += first[-1].type == "claim"
        headers = {"Authorization": f"Bearer {keys['editor'][0]}", "Content-Type": "application/x-ndjson"}
        answer = await client.post(
            "/v1/imports", content=b"\n".join(one.line() for one in first), headers=headers, timeout=300
        )
        done = json.loads(answer.text.splitlines()[-1])
        assert done["accepted"] == len(first), answer.text[:2_000]
        self.told(f"{len(first):,} lines are recorded; the views take them in")

    async def _capacity(self, users: Crowd, gauges: Gauges) -> float:
        while (await asyncio.to_thread(gauges.read, 0.0))["projection lag"]:
            await asyncio.sleep(1)
        users.head = int((await asyncio.to_thread(gauges.read, 0.0))["ledger head"])
        users.begin_anew()
        await users.record(0.0)
        while not users.spoken:
            await users.record(0.0)
        users.begin_anew()
        return await users.work(USERS, self.warm)

    async def _load(self, users: Crowd, gauges: Gauges, rate: float) -> None:
        users.begin_anew()
        acts = [
            users.at_a_rate(rate, users.record),
            users.at_a_rate(rate * A_WRITE, users.ask),
            *(users.follow("/v1/events") for _ in range(4)),
            *(users.follow("/v1/alerts") for _ in range(4)),
            *(users.follow("/v1/events", seconds=20) for _ in range(2)),
            users.follow("/v1/alerts", seconds=20),
            users.misbehave(),
            users.rebuild(VIEWS),
            users.export(WINDOW),
            self._read(users, gauges),
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(self.minutes * 60), asyncio.TaskGroup() as group:
                for act in acts:
                    group.create_task(act)

    async def _read(self, users: Crowd, gauges: Gauges) -> None:
        with (self.home / "readings.ndjson").open("a") as kept:
            while True:
                began = users.kept.now
                reading = await asyncio.to_thread(gauges.read, began)
                self.readings.append(reading)
                kept.write(json.dumps(reading) + "\n")
                kept.flush()
                if len(self.readings) % 6 == 0:
                    self._tell(users)
                await asyncio.sleep(max(0.0, began + EVERY - users.kept.now))

    def _tell(self, users: Crowd) -> None:
        last = self.readings[-1]
        shown = ("service MiB", "service files", "service threads", "PostgreSQL MiB", "connections", "projection lag")
        recent = [one.milliseconds for one in users.kept.times["own belief"] if one.at > last["at"] - 60]
        told = ", ".join(f"{name} {last[name]:,.0f}" for name in shown)
        self.told(
            f"{last['at']:,.0f} s: head {last['ledger head']:,.0f}, {told}, own belief {points_of(recent)},"
            f" spin {last['spin ms']:.0f} ms, {users.kept.ends['complaints']} complaints"
        )
        late = users.kept.complaints[-1:]
        if late:
            self.told(f"  {late[0]}")

    def _found(self, users: Crowd, capacity: float, rate: float) -> dict[str, Any]:
        kept, end = users.kept, self.minutes * 60
        since = end / 4
        looked_at = [one for one in self.readings if one["at"] >= since]
        events = int(looked_at[-1]["ledger head"] - looked_at[0]["ledger head"])
        spins = [(one["at"], one["spin ms"]) for one in self.readings]
        windows = [
            {
                "from": start,
                "spin ms": median(spin for at, spin in spins if start <= at < start + WINDOW),
                **{
                    kind: points_of([one.milliseconds for one in times if start <= one.at < start + WINDOW])
                    for kind, times in sorted(kept.times.items())
                },
            }
            for start in range(0, int(end), int(WINDOW))
        ]
        slopes = [slope_of(name, [(one["at"], one[name]) for one in looked_at], events) for name in ALLOWED]
        return {
            "minutes": self.minutes,
            "capacity, rounds/s": round(capacity, 2),
            "claims/s": round(rate, 2),
            "questions/s": round(rate * (A_WRITE + 1), 2),
            "events at the end": int(self.readings[-1]["ledger head"]),
            "events while slopes were taken": events,
            "ends": dict(kept.ends),
            "complaints": kept.complaints,
            "whole": {kind: points_of([one.milliseconds for one in times]) for kind, times in kept.times.items()},
            "windows": windows,
            "slopes": [one.json() for one in slopes],
        }


def _moved(sent: Sent) -> Sent:
    text = re.sub(r"\b(20[12]\d)(?=-\d\d)", lambda year: str(int(year[0]) + YEARS), json.dumps(sent.body))
    return sent._replace(body=json.loads(text))


def summary(found: dict[str, Any]) -> list[str]:
    """Return the figures as Markdown, and a sentence for each reading."""
    kinds = [kind for kind in found["whole"] if not kind.startswith("replay") and kind != "export"]
    told = [
        f"{found['minutes']:g} minutes, {found['claims/s']} claims and {found['questions/s']} questions a second"
        f" (half of {found['capacity, rounds/s']} rounds), {found['events at the end']:,} events at the end",
        "",
        f"| minutes | spin, ms | {' | '.join(kinds)} |",
        "|---" * (len(kinds) + 2) + "|",
    ]
    for row in found["windows"]:
        figures = ["/".join(f"{row.get(kind, {}).get(p, 0):,.0f}" for p in ("p50", "p95", "p99")) for kind in kinds]
        told.append(f"| {row['from'] // 60:g} | {row['spin ms']:.0f} | {' | '.join(figures)} |")
    told += ["", *(one["verdict"] for one in found["slopes"]), ""]
    told += [f"{kind}: {points}" for kind, points in found["whole"].items() if kind not in kinds]
    told += [f"ends: {found['ends']}", *found["complaints"][:20]]
    return told
