"""A standby of an embedded server on this machine, as `pg_basebackup` makes it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from services.store.embedded import Addresses, EmbeddedPostgres
from services.store.embedded_binaries import binaries_for
from services.store.embedded_home import DATABASE, SUPERUSER, Home
from services.store.migrate import migrate
from support.database import open_folder
from support.patroni import as_nobody, lend

_QUIET = ("listen_addresses=", "fsync=off", "max_standby_streaming_delay=0", "wal_receiver_status_interval=1s")
_PATIENCE = 60.0


@dataclass
class Pair:
    """A primary, and a standby that follows it; each is reached by a socket in a folder of its own."""

    primary: Addresses
    programs: Path
    folder: Path
    sockets: Path
    login: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def service(self) -> str:
        """How the service reaches the standby."""
        return make_conninfo(self.primary.service, host=str(self.folder))

    @property
    def both(self) -> str:
        """How it reaches whichever of them: the primary comes first."""
        return make_conninfo(self.primary.service, host=f"{self.sockets},{self.folder}")

    def run(self, statement: LiteralString, *, at_primary: bool = False) -> list[tuple[object, ...]]:
        """Run a statement as the superuser."""
        host = str(self.sockets if at_primary else self.folder)
        with psycopg.connect(make_conninfo(self.login, host=host, dbname=DATABASE), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Follow the primary, and return when questions are answered."""
        # With fewer than the primary has it would not follow it.
        ((most,),) = self.run("SHOW max_connections", at_primary=True)
        words = [word for setting in (*_QUIET, f"max_connections={most}") for word in ("-c", setting)]
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-p", "5432", *words]
        with (self.folder.parent / "standby.log").open("ab") as out:
            self.process = subprocess.Popen[bytes](command, cwd="/", stdout=out, stderr=out, **as_nobody())
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                self.run("SELECT")
                return
            except psycopg.OperationalError:
                assert time.monotonic() < give_up, (self.folder.parent / "standby.log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        """Be gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.process = None


@contextmanager
def standing_by() -> Generator[Pair]:
    """Lend a primary with the tables of a ledger, and its standby."""
    with open_folder() as folder, EmbeddedPostgres(folder / "home", durable=False) as server:
        primary = server.start()
        migrate(primary.owner)
        home = Home(folder / "home")
        login = make_conninfo(user=SUPERUSER, password=home.passwords()[SUPERUSER], port=5432)
        programs = binaries_for(home.server_user(), home.folder, None).folder
        pair = Pair(primary, programs, lend(folder / "standby"), home.sockets, login)
        copied = [programs / "pg_basebackup", "-d", make_conninfo(login, host=str(home.sockets)), "--no-sync"]
        copied += ["-D", pair.folder / "data", "-R", "-X", "stream", "-c", "fast"]
        subprocess.run(copied, check=True, cwd="/", env={"PATH": os.environ["PATH"]}, **as_nobody())
        pair.start()
        try:
            yield pair
        finally:
            pair.stop()
