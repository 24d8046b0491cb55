"""Whatever becomes of the primary, nothing acknowledged is lost or doubled, and the service goes on by itself.

    .venv/bin/python tests/faults/cluster.py [--rounds 20] [--environment FOLDER] [--binaries FOLDER]

Three PostgreSQL under Patroni, by `deploy/patroni.yml`, and one service under writers and followers. In turn the
primary's PostgreSQL is killed, or its whole machine (Patroni too), or all its processes are frozen and go on when
another has taken its place. About 40 s a round. Patroni and etcd are installed into a folder of their own, unless one
is given.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from domain.events import ClaimRecorded  # noqa: E402 (found only now)
from services.store.event_log import EventLog  # noqa: E402
from support.ledger import uuid7  # noqa: E402
from support.patroni import Cluster, Node, make_environment, running_cluster  # noqa: E402
from support.terminal import command, environment, free_port  # noqa: E402

WRITERS = 8
KINDS = ("server killed", "machine killed", "machine frozen")
PLACES = 50
REGISTRY: tuple[dict[str, object], ...] = (
    {"type": "source", "slug": "agency", "kind": "wire", "name": "Agency"},
    *(
        {"type": "location", "slug": f"bridge-{number}", "names": [f"Bridge {number}"], "precision": "exact"}
        for number in range(PLACES)
    ),
)
FAILURES = (OSError, http.client.HTTPException, ValueError)


def tell(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def claim(name: str) -> dict[str, object]:
    place = f"bridge-{sum(name.encode()) % PLACES}"
    return {
        "id": uuid7(name),
        "key": name,
        "question": {"location": place, "aspect": "fighting"},
        "value": "ongoing",
        "chain": [{"source": "agency", "role": "speaker", "mode": "quote", "naming": "named"}],
        "valid": {"edtf": "2016-11-08"},
        "published": {"edtf": "2016-11-08"},
        "statement": f"Report {name}.",
    }


@dataclass
class Service:
    """A service on the address of the whole cluster."""

    cluster: Cluster
    folder: Path
    port: int = field(default_factory=free_port)

    @contextmanager
    def running(self) -> Generator[None]:
        given = environment(
            self.folder / "home",
            ONRECORD_DATABASE_URL=self.cluster.conninfo("onrecord_service"),
            ONRECORD_OWNER_URL=self.cluster.conninfo("onrecord_owner"),
        )
        subprocess.run(command("migrate"), env=given, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with (self.folder / "service.log").open("wb") as out:
            process = subprocess.Popen(
                command("serve", "--port", str(self.port)), env=given, cwd=ROOT, stdout=out, stderr=out
            )
        try:
            self.wait_until_ready()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def wait_until_ready(self, patience: float = 120) -> None:
        give_up = time.monotonic() + patience
        while True:
            with suppress(*FAILURES):
                if self.call("GET", "/readyz")[0] == 200:
                    return
            assert time.monotonic() < give_up, self.call("GET", "/readyz")
            time.sleep(0.2)

    def load(self, bodies: Sequence[dict[str, object]]) -> None:
        lines = b"".join(json.dumps(body).encode() + b"\n" for body in bodies)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        connection.request("POST", "/v1/imports", lines, {"Content-Type": "application/x-ndjson"})
        done = json.loads(connection.getresponse().read().splitlines()[-1])
        assert (done["accepted"], done["refused"]) == (len(bodies), 0), done

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, object] | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, object], http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            sent = json.dumps(body).encode() if isinstance(body, dict) else body
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}"), answer.headers
        finally:
            connection.close()


@dataclass
class Load:
    """Writers that send each claim until it is acknowledged, and two followers: one asks for pages, one listens."""

    service: Service
    acknowledged: dict[str, int] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    paged: list[int] = field(default_factory=list)
    listened: list[int] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    streams: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Generator[None]:
        works = [lambda number=number: self._write(number) for number in range(WRITERS)]
        threads = [threading.Thread(target=work) for work in (*works, self._page, self._listen)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self, many: int, patience: float = 180) -> None:
        goal, give_up = len(self.at) + many, time.monotonic() + patience
        while len(self.at) < goal:
            assert time.monotonic() < give_up, f"nothing is recorded any more: {self.told}"
            time.sleep(0.02)

    def _write(self, writer: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._record(f"{writer}-{number}")
            time.sleep(0.03)

    def _record(self, name: str) -> None:
        """Send a claim until it is recorded; if it was said before that it was not, it must not have been."""
        surely_not = True
        while True:
            try:
                status, answer, headers = self.service.call("POST", "/v1/claims", claim(name))
            except FAILURES as error:
                self.told[type(error).__name__] += 1
                surely_not = False
                continue
            if status in (200, 201):
                break
            unknown = bool(answer.get("outcome_unknown"))
            surely_not = surely_not and not unknown
            self.told[f"{status} {answer.get('detail')}"] += 1
            if status != 503 or "Retry-After" not in headers:
                self.wrong.append(f"{name}: {status} {answer}")
                return
            time.sleep(0.25)
        self.at.append(time.monotonic())
        self.acknowledged[name] = int(str(answer["position"]))
        if status == 200 and surely_not:
            self.wrong.append(f"{name}: it was said that it was not recorded, and it was: {answer}")

    def _page(self) -> None:
        while not self._stop.is_set():
            after = self.paged[-1] if self.paged else 0
            with suppress(*FAILURES):
                status, answer, _ = self.service.call("GET", f"/v1/events?after={after}&limit=1000")
                if status not in (200, 503):
                    self.wrong.append(f"events: {status} {answer}")
                for one in answer.get("events", []):  # pyright: ignore[reportGeneralTypeIssues]
                    self.paged.append(one["position"])
                    self.seen[one["position"]] = str(one["event"].get("key"))
            time.sleep(0.1)

    def _listen(self) -> None:
        """Listen to one stream, which should outlast whatever becomes of the database."""
        while not self._stop.is_set():
            with suppress(*FAILURES):
                self.streams += 1
                connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
                last = {"Last-Event-ID": str(self.listened[-1])} if self.listened else {}
                connection.request("GET", "/v1/events", headers={"Accept": "text/event-stream", **last})
                answer = connection.getresponse()
                while not self._stop.is_set() and (line := answer.readline()):
                    if line.startswith(b"id:"):
                        self.listened.append(int(line[3:]))
            time.sleep(0.1)


def strike(cluster: Cluster, load: Load, kind: str) -> tuple[float, Node, Node]:
    """Take the primary away and bring it back as another's follower; return the seconds without an acknowledgement."""
    victim = cluster.primary()
    assert victim is not None
    # So that a replay is under way, too; it may be the last one's still.
    load.service.call("POST", "/v1/projections/claims/replays", {})
    began = len(load.at) - 1
    if kind == "machine frozen":
        victim.send(signal.SIGSTOP)
    else:
        victim.send(signal.SIGKILL, patroni=kind == "machine killed")
    # More than were under way: so somebody takes writes again, perhaps the victim, whose PostgreSQL is soon back.
    load.wait_for_more(50)
    # What the others know of it comes a moment later.
    while (successor := cluster.primary(victim if kind == "machine frozen" else None)) is None:
        time.sleep(0.1)
    if kind == "machine frozen":
        victim.send(signal.SIGCONT)
        time.sleep(random.random() * 5)
    elif kind == "machine killed":
        victim.end()
        victim.start()
    cluster.wait_until_whole()
    load.wait_for_more(50)
    moments = load.at[began:]
    return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False)), victim, successor


def compare(cluster: Cluster, load: Load) -> list[str]:
    """Return what is not as it was told."""
    with EventLog(cluster.conninfo("onrecord_service")) as log:
        found = log.read(0, 10_000_000)
    wrong = list(load.wrong)
    kept = {one.position: str(one.event.claim.key) for one in found if isinstance(one.event, ClaimRecorded)}
    if [one.position for one in found] != list(range(1, len(found) + 1)):
        wrong.append("positions have gaps")
    if len(set(kept.values())) != len(kept):
        wrong.append("something was recorded twice")
    lost = [name for name, position in load.acknowledged.items() if kept.get(position) != name]
    wrong += [f"{len(lost)} acknowledged are not where they were said to be: {lost[:5]}"] if lost else []
    other = [at for at, name in load.seen.items() if kept.get(at, "None") != name]
    wrong += [f"{len(other)} that a reader saw are not there: {other[:5]}"] if other else []
    for name, followed in (("pages", load.paged), ("stream", load.listened)):
        if followed != list(range(1, len(followed) + 1)):
            wrong.append(f"the {name} had gaps, or brought something twice")
    if load.streams > 1:
        wrong.append(f"the stream broke off, and was opened {load.streams} times")
    tell(f"{len(found)} events, {len(load.acknowledged)} acknowledged, {len(load.paged)} and {len(load.listened)} read")
    return wrong


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--environment", type=Path, help="a virtual environment with Patroni and etcd")
    asked.add_argument("--binaries", type=Path, default=Path("/usr/lib/postgresql/15/bin"))
    asked.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="onrecord-cluster-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    folder.chmod(0o755)
    tell(f"logs in {folder}")
    found = given.environment or make_environment(folder / "environment")
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    try:
        with running_cluster(folder, found, given.binaries) as cluster:
            service = Service(cluster, folder)
            with service.running():
                service.load(REGISTRY)
                load = Load(service)
                with load.running():
                    for number in range(given.rounds):
                        load.wait_for_more(100)
                        kind = KINDS[number % len(KINDS)]
                        gap, victim, successor = strike(cluster, load, kind)
                        seconds[kind].append(gap)
                        tell(f"{number + 1}: {kind}, {victim.name} → {successor.name}: {gap:.1f} s without writes")
                service.wait_until_ready()
                last = str(max(load.acknowledged.values()))
                status, answer, _ = service.call("GET", "/v1/sources/agency", headers={"Ledger-Position": last})
                wrong = compare(cluster, load) + ([f"the views do not follow: {answer}"] if status != 200 else [])
            given_to = environment(folder / "home", ONRECORD_DATABASE_URL=cluster.conninfo("onrecord_service"))
            verified = subprocess.run(command("verify"), env=given_to, cwd=ROOT, capture_output=True, text=True)
            tell(verified.stdout.strip())
            wrong += [] if verified.returncode == 0 else [verified.stderr]
    finally:
        if not given.keep:
            shutil.rmtree(folder)
    for kind, gaps in seconds.items():
        if gaps:
            tell(f"{kind}: {len(gaps)} times, median {statistics.median(gaps):.1f} s, worst {max(gaps):.1f} s")
    for what, times in load.told.most_common():
        tell(f"told {times} times: {what}")
    tell("\n".join(wrong) or "Nothing acknowledged was lost, nothing is there twice, and no reader met a gap.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
