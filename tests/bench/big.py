"""A ledger of millions of claims is generated, replayed and asked; whatever was done is not done again."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bench import child
from bench.asking import VIEWS, milliseconds
from bench.asks import NEEDED, Asks, now
from bench.ledgers import ledger
from bench.loading import load, ready_made
from bench.measuring import machine
from services.bootstrap import open_newsroom
from services.facts import Facts
from services.store.asking import ViewReader
from services.store.connections import Connections
from services.store.embedded import Addresses, EmbeddedPostgres
from services.store.event_log import EventLog
from services.store.migrate import migrate
from services.store.places import LIVE
from support.database import SERVICE_ROLE

SMALL = 10_000
"""Claims of the ledger that the same is asked of."""
ASKED = 200
"""Questions of each kind, of each ledger."""
PATIENCE = 120.0
"""Seconds after which no further question of a kind is asked."""
_SIZES = """
SELECT schema.nspname || '.' || relation.relname, pg_table_size(relation.oid), pg_indexes_size(relation.oid)
  FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
 WHERE relation.relkind = 'r' AND schema.nspname IN ('ledger', 'views') AND pg_table_size(relation.oid) > 65536
 ORDER BY 1
"""
_INDEXES = """
SELECT schema.nspname || '.' || relation.relname, pg_relation_size(relation.oid)
  FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
 WHERE relation.relkind = 'i' AND schema.nspname IN ('ledger', 'views') AND pg_relation_size(relation.oid) > 65536
 ORDER BY 1
"""
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Big:
    """What is to be done: a ledger of so many claims in this home, with these views, built by so many processes."""

    home: Path
    claims: int
    workers: int
    views: tuple[str, ...]
    told: Told

    @property
    def notes(self) -> Path:
        """The file that says what was done already."""
        return self.home / "bench.json"

    def done(self) -> dict[str, Any]:
        """Return what was done."""
        return json.loads(self.notes.read_text()) if self.notes.exists() else {}

    def once(self, phase: str, do: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Do it unless it was done, and keep what it returns."""
        known = self.done()
        if phase not in known:
            self.told(f"{phase} …")
            found = do()
            known = {**self.done(), phase: found}
            draft = self.notes.with_suffix(".part")
            draft.write_text(json.dumps(known, indent=1))
            draft.replace(self.notes)
            self.told(f"{phase}: {json.dumps(found)[:300]}")
        return known[phase]

    def run(self, phases: tuple[str, ...]) -> dict[str, Any]:
        """Do what of these phases (generate, replay, ask) was not done yet, and return all that was found."""
        self.home.mkdir(parents=True, exist_ok=True)
        with EmbeddedPostgres(self.home / "database") as server:
            owner = server.start()
            for claims in dict.fromkeys((SMALL, self.claims)):
                addresses = _database(owner, claims)
                if "generate" in phases:
                    self.once(f"{claims}: generate", lambda a=addresses, n=claims: self._generate(a, n))
                if "replay" in phases:
                    self._replay(addresses, claims)
            if "ask" in phases:
                self._ask({claims: _database(owner, claims) for claims in (SMALL, self.claims)})
            self.once("machine", lambda: dict(machine(owner.owner)))
        return self.done()

    def _generate(self, addresses: Addresses, claims: int) -> dict[str, Any]:
        began, ticks = time.perf_counter(), [time.monotonic()]

        def tell(position: int) -> None:
            if time.monotonic() - ticks[0] > 30:
                ticks[0] = time.monotonic()
                self.told(f"  position {position:,} after {time.perf_counter() - began:,.0f} s")

        with EventLog(addresses.service) as log:
            before = log.head()
            head = load(log, ready_made(ledger(claims)), tell)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rate = (head - before) / seconds
        return {"events": head, "seconds": seconds, "events/s": rate, "peak MiB": peak, "disk": _disk(addresses)}

    def _replay(self, addresses: Addresses, claims: int) -> None:
        for name in self.views:
            self.once(f"{claims}: replay {name}", lambda name=name: self._replay_one(addresses, name))
        self.once(f"{claims}: analyze {', '.join(self.views)}", lambda: _analyze(addresses))
        self.once(f"{claims}: disk with {', '.join(self.views)}", lambda: _disk(addresses))

    def _replay_one(self, addresses: Addresses, name: str) -> dict[str, Any]:
        workers = ["--workers", str(self.workers)] if self.workers > 1 else []
        ran = child.run(addresses.service, "replay", name, *workers)
        seconds = ran.done["seconds"]
        return {**asdict(ran), "seconds": seconds, "events/s": ran.done["events"] / seconds, "workers": self.workers}

    def _ask(self, ledgers: dict[int, Addresses]) -> None:
        with ExitStack() as stack:
            asks: dict[int, Asks] = {}
            replayed = set(VIEWS)
            for claims, addresses in ledgers.items():
                log = stack.enter_context(EventLog(addresses.service))
                # Nobody follows: a view that was left out would be built meanwhile.
                room = stack.enter_context(open_newsroom(addresses, now=now, following=False))
                asking = stack.enter_context(Connections(addresses.service))
                views = ViewReader(asking.fetch)
                asks[claims] = Asks(room, log, claims, facts=Facts(views, room.projector))
                replayed &= {one.name for one in views.places() if one.place == LIVE and one.checkpoint >= log.head()}
            for kind in next(iter(asks.values())).kinds():
                if lacking := [name for name in NEEDED.get(kind, ()) if name not in replayed]:
                    self.told(f"ask {kind}: left out, for want of {', '.join(lacking)}")
                    continue
                self.once(f"ask {kind}", lambda kind=kind: _percentiles(asks, kind))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            self.once("asking: peak MiB of the process", lambda: peak)


def _percentiles(asks: dict[int, Asks], kind: str) -> dict[str, Any]:
    """Ask both in turn and return percentiles in milliseconds for each; the first questions warm up."""
    give_up = time.monotonic() + PATIENCE
    asked = {claims: one.of(kind) for claims, one in asks.items()}
    found: dict[int, list[float]] = {claims: [] for claims in asks}
    for _ in range(ASKED + 5):
        for claims, questions in asked.items():
            found[claims].append(milliseconds(next(questions)))
        if time.monotonic() > give_up:
            break
    return {str(claims): _points(times[5:] if len(times) > 10 else times) for claims, times in found.items()}


def _points(times: list[float]) -> dict[str, float]:
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    points = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(times)}
    return {"asked": len(times), **{name: round(value, 2) for name, value in points.items()}}


def _database(server: Addresses, claims: int) -> Addresses:
    """Return the database of the ledger of so many claims, made if it is not there."""
    name = f"ledger_{claims}"
    found = Addresses(
        owner=make_conninfo(server.owner, dbname=name), service=make_conninfo(server.service, dbname=name)
    )
    with psycopg.connect(server.owner, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
            connection.execute(grant.format(sql.Identifier(name), sql.Identifier(SERVICE_ROLE)))
    migrate(found.owner)
    return found


def _analyze(addresses: Addresses) -> float:
    """Do what autovacuum does by itself within minutes; return the seconds."""
    began = time.perf_counter()
    with psycopg.connect(addresses.service, autocommit=True) as connection:
        connection.execute("ANALYZE")
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return time.perf_counter() - began


def _disk(addresses: Addresses) -> dict[str, Any]:
    """Return the MiB of each table and of each index that has any to speak of."""
    with psycopg.connect(addresses.owner) as connection:
        tables = {
            name: {"table": round(table / 2**20, 1), "indexes": round(indexes / 2**20, 1)}
            for name, table, indexes in connection.execute(_SIZES)
        }
        indexes = {name: round(size / 2**20, 1) for name, size in connection.execute(_INDEXES)}
    return {"tables": tables, "indexes": indexes}
