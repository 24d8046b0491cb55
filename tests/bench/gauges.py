"""What a service and its database hold of the machine is read from outside, and beside it how busy the machine is."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import httpx2
import psutil
import psycopg

_MIB = 2**20
_SPUN = bytes(4 * _MIB)
_STATES = """
SELECT count(*),
       count(*) FILTER (WHERE state = 'active'),
       count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
       COALESCE(EXTRACT(EPOCH FROM max(now() - xact_start)), 0)::float
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_DATABASE = """
SELECT pg_database_size(current_database()),
       (SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'),
       (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'i') AND relpersistence <> 't'),
       (SELECT COALESCE(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables),
       (SELECT count(*) FROM pg_locks)
"""
_NUMBERS = ("append_waiting", "streams_open", "ledger_head", "alerts_lag", "alerts", "append_failures_total")
Reading = dict[str, float]


class Gauges:
    """One service by its process and its metrics, and its database by the processes and a connection of our own."""

    def __init__(self, pid: int, url: str, key: str, conninfo: str) -> None:
        self._service = psutil.Process(pid)
        self._client = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False)
        self._database = psycopg.connect(conninfo, autocommit=True, application_name="soak")

    def close(self) -> None:
        """Leave the database alone."""
        self._client.close()
        self._database.close()

    def read(self, at: float) -> Reading:
        """Return all readings of this moment, memory in MiB; `at` are the seconds of the run."""
        return {
            "at": round(at, 1),
            "spin ms": spin(),
            "load": os.getloadavg()[0],
            **self._process(),
            **self._backends(),
            **self._told_by_database(),
            **self._told_by_service(),
        }

    def _process(self) -> Reading:
        with self._service.oneshot():
            spent = self._service.cpu_times()
            return {
                "service MiB": self._service.memory_info().rss / _MIB,
                "service anonymous MiB": _anonymous(self._service.pid),
                "service files": self._service.num_fds(),
                "service threads": self._service.num_threads(),
                "service sockets": len(self._service.net_connections()),
                "service CPU s": spent.user + spent.system,
            }

    def _backends(self) -> Reading:
        sizes: list[float] = []
        files: Counter[str] = Counter()
        workers: list[tuple[float, float]] = []
        spent = 0.0
        for child in self._service.children(recursive=True):
            try:
                is_server = child.name() == "postgres"
                size = _anonymous(child.pid)
                files.update(_files(child.pid) if is_server else ())
                times, began, words = child.cpu_times(), child.create_time(), child.cmdline()
            except (psutil.NoSuchProcess, FileNotFoundError):
                continue
            if is_server:
                sizes.append(size)
                spent += times.user + times.system
            elif any("spawn_main" in word for word in words):
                workers.append((began, size))
        return {
            "PostgreSQL processes": len(sizes),
            "PostgreSQL MiB": sum(sizes),
            "PostgreSQL largest MiB": max(sizes, default=0),
            "PostgreSQL files": files.total(),
            "PostgreSQL files of dropped tables": files["dropped"],
            "PostgreSQL files beside tables": files["other"],
            "PostgreSQL CPU s": spent,
            "workers": len(workers),
            # Begun before any replay was; one that died would show by its successor's size.
            "carrier MiB": min(workers, default=(0.0, 0.0))[1],
        }

    def _told_by_database(self) -> Reading:
        states = self._database.execute(_STATES).fetchone() or (0, 0, 0, 0)
        size, schemas, relations, dead, locks = self._database.execute(_DATABASE).fetchone() or (0, 0, 0, 0, 0)
        return {
            "connections": states[0],
            "connections active": states[1],
            "connections idle in transaction": states[2],
            "oldest transaction s": states[3],
            "database MiB": size / _MIB,
            "schemas": schemas,
            "relations": relations,
            "dead rows": dead,
            "locks": locks,
        }

    def _told_by_service(self) -> Reading:
        began = time.perf_counter()
        told = self._client.get("/metrics", timeout=30).text
        lines = [line.rpartition(" ") for line in told.splitlines() if line.startswith("onrecord_")]
        found = {name.removeprefix("onrecord_"): float(value) for name, _, value in lines}
        pools = {name: value for name, value in found.items() if name.startswith("pool_")}
        return {
            "metrics ms": (time.perf_counter() - began) * 1_000,
            **{name.replace("_", " "): found.get(name, 0) for name in _NUMBERS},
            "projection lag": max((v for name, v in found.items() if name.startswith("projection_lag")), default=0),
            "pool in use": sum(v for name, v in pools.items() if name.startswith("pool_connections_in_use")),
            "pool waiting": sum(v for name, v in pools.items() if name.startswith("pool_waiting")),
            "metrics lines": len(lines),
        }


def _files(pid: int) -> Iterator[str]:
    """Yield what each open file of a backend is: a table or index, one that was dropped, or something else."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            name = os.readlink(one)
            is_table = "/base/" in name or "/global/" in name
            yield ("dropped" if name.endswith("(deleted)") else "table") if is_table else "other"


def spin() -> float:
    """Return the milliseconds of a fixed piece of work: the longer, the more others have of the machine."""
    began = time.perf_counter()
    for _ in range(5):
        sha256(_SPUN).digest()
    return (time.perf_counter() - began) * 1_000


def _anonymous(pid: int) -> float:
    """Return the MiB that a process has to itself: what backends share of buffers and programs is not counted."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next((line for line in status.splitlines() if line.startswith("RssAnon")), "RssAnon: 0 kB")
    return int(line.split()[1]) / 1024
