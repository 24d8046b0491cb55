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
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from bench.beside import DESK, NETWORKS, Receiver, second_desk
from bench.crowd import Crowd
from bench.gauges import Gauges, Reading
from bench.ledgers import Sent, ledger
from bench.slopes import ALLOWED, pace_of, points_of, slope_of
from bench.users import A_WRITE, Kept, answers_of
from services.store.embedded import running_addresses

CLAIMS = 100_000
"""Claims, at least, that the telling is made for: it decides how many places there are, and how far apart in time."""
TOLD = 8
"""The telling is of so many times the claims that the ledger begins with: these are of its first 15 months."""
YEARS = 10
"""By so much it is moved: what stands bears on the present, changes of it are alerts, and none is yet to come."""
AT_ONCE = 5_000
"""Lines of each import that fills a ledger before anybody is measured."""
BESIDE = 0.2
"""What the other desk does, measured by what the first one does."""
BESIDE_CLAIMS = 200
USERS = 8
EVERY = 10.0
"""Seconds between two readings."""
WINDOW = 300.0
"""Seconds of each row of percentiles."""
VIEWS = ("claims", "stances", "stories", "registry", "editions", "assessments", "picture")
ROLES = {"editor": 6, "reader": 6, "engineer": 1, "admin": 1}


@dataclass
class Soak:
    """One run: where it lives, how long it takes, at most how many claims a second are recorded, and on how many."""

    home: Path
    port: int
    minutes: float
    warm: float
    most: float
    claims: int
    told: Callable[[str], None]
    readings: list[Reading] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Return all that was found; it is kept in `soak.json` of the home as well."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._service() as (pid, url):
            found = asyncio.run(self._measure(pid, url))
        (self.home / "soak.json").write_text(json.dumps(found, indent=1))
        return found

    @property
    def _environment(self) -> dict[str, str]:
        given = {
            "ONRECORD_HOME": str(self.home / "ledger"), "ONRECORD_PORT": str(self.port), "ONRECORD_LOG": "json",
            "ONRECORD_CHECKPOINT_EVERY": "60", **NETWORKS,
        }  # fmt: skip
        return {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")} | given

    @contextmanager
    def _service(self) -> Generator[tuple[int, str]]:
        with (self.home / "service.log").open("ab") as log:
            words = [sys.executable, "-m", "services.cli", "serve"]
            with subprocess.Popen(words, stdout=log, stderr=log, env=self._environment) as process:
                try:
                    yield process.pid, f"http://127.0.0.1:{self.port}"
                finally:
                    process.send_signal(signal.SIGINT)

    async def _measure(self, pid: int, url: str) -> dict[str, Any]:
        limits = httpx2.Limits(max_connections=300, max_keepalive_connections=60)
        async with (
            httpx2.AsyncClient(base_url=url, timeout=60, limits=limits, trust_env=False) as client,
            httpx2.AsyncClient(base_url=f"{url}/desks/{DESK}", timeout=60, limits=limits, trust_env=False) as beside,
            Receiver().listening() as receiver,
        ):
            async with asyncio.timeout(120):
                await _answering(client, "/readyz")
            keys = await self._keys(client)
            users = Crowd(client, keys, self._lines(1))
            await self._fill(users, self.claims)
            addresses = await asyncio.to_thread(running_addresses, self.home / "ledger")
            assert addresses is not None
            gauges = Gauges(pid, url, keys["admin"][0], addresses.owner)
            try:
                await self._caught_up(users, gauges)
                others = await self._another_desk(beside)
                await users.call("admin", "PUT", "/v1/webhooks/soak", json={"url": receiver.url})
                capacity = await self._capacity(users)
                rate = min(capacity / 2, self.most)
                self.told(f"{capacity:.1f} rounds a second with {USERS} users; {rate:.1f} claims a second from now on")
                await self._load(users, others, gauges, rate)
                hook = (await users.call("admin", "GET", "/v1/webhooks/soak")).json()
            finally:
                gauges.close()
        told = {name: hook[name] for name in ("pending", "failing", "dead")}
        return self._found(users, others, capacity, rate) | {"webhook": {"taken": receiver.taken, **told}}

    def _lines(self, seed: int) -> Iterator[Sent]:
        return (_moved(one) for one in ledger(max(CLAIMS, TOLD * self.claims), seed))

    async def _another_desk(self, client: httpx2.AsyncClient) -> Crowd:
        keys = await asyncio.to_thread(second_desk, self._environment)
        async with asyncio.timeout(120):
            await _answering(client, "/v1/sources", keys["reader"][0])
        others = Crowd(client, keys, self._lines(2))
        await self._fill(others, BESIDE_CLAIMS)
        while not others.spoken:
            await others.record(0.0)
        return others

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

    async def _fill(self, users: Crowd, claims: int) -> None:
        for left in range(claims, 0, -AT_ONCE):
            first: list[Sent] = []
            claimed = 0
            while claimed < min(left, AT_ONCE):
                first += islice(users.lines, 1)
                claimed += first[-1].type == "claim"
            answer = await users.call(
                "editor", "POST", "/v1/imports", content=b"\n".join(one.line() for one in first),
                headers={"Content-Type": "application/x-ndjson"}, timeout=600,
            )  # fmt: skip
            done = json.loads(answer.text.splitlines()[-1])
            assert done["accepted"] == len(first), answer.text[:2_000]
            self.told(f"{len(first):,} lines are recorded")

    async def _caught_up(self, users: Crowd, gauges: Gauges) -> None:
        for seconds in count():
            reading = await asyncio.to_thread(gauges.read, 0.0)
            if not reading["projection lag"]:
                break
            if seconds % 20 == 0:
                self.told(f"the views take them in: {reading['projection lag']:,.0f} positions are left")
            await asyncio.sleep(1)
        users.head = int(reading["ledger head"])

    async def _capacity(self, users: Crowd) -> float:
        users.begin_anew()
        while not users.spoken:
            await users.record(0.0)
        users.begin_anew()
        return await users.work(USERS, self.warm)

    async def _load(self, users: Crowd, others: Crowd, gauges: Gauges, rate: float) -> None:
        users.begin_anew()
        others.begin_anew()
        acts = [
            others.at_a_rate(rate * BESIDE, others.record),
            others.at_a_rate(rate * BESIDE * A_WRITE, others.ask),
            others.follow("/v1/events"),
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
        shown = (
            "service MiB",
            "carrier MiB",
            "service files",
            "service threads",
            "PostgreSQL MiB",
            "connections",
            "projection lag",
        )
        recent = [one.milliseconds for one in users.kept.times["own belief"] if one.at > last["at"] - 60]
        told = ", ".join(f"{name} {last[name]:,.0f}" for name in shown)
        self.told(
            f"{last['at']:,.0f} s: head {last['ledger head']:,.0f}, {told}, own belief {points_of(recent)},"
            f" spin {last['spin ms']:.0f} ms, {users.kept.ends['complaints']} complaints"
        )
        late = users.kept.complaints[-1:]
        if late:
            self.told(f"  {late[0]}")

    def _found(self, users: Crowd, others: Crowd, capacity: float, rate: float) -> dict[str, Any]:
        kept, beside, end = users.kept, others.kept, self.minutes * 60
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
            "complaints": kept.complaints + [f"{DESK}: {said}" for said in beside.complaints],
            "whole": _whole(kept),
            "another desk": {"ends": dict(beside.ends), **_whole(beside)},
            "windows": windows,
            "slopes": [one.json() for one in slopes],
            "pace": [pace_of(kind, times, end) for kind, times in kept.times.items()],
        }


async def _answering(client: httpx2.AsyncClient, path: str, key: str = "") -> None:
    """Return when the path is answered well."""
    async for status in answers_of(client, path, key):
        if status == 200:
            return


def _whole(kept: Kept) -> dict[str, Any]:
    return {kind: points_of([one.milliseconds for one in times]) for kind, times in kept.times.items()}


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
    told += ["", *(one["verdict"] for one in found["slopes"]), "", *found["pace"], ""]
    told += [f"{kind}: {points}" for kind, points in found["whole"].items() if kind not in kinds]
    told += [f"{name}: {found[name]}" for name in ("another desk", "webhook", "ends")]
    told += found["complaints"][:20]
    return told
