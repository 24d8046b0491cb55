"""No call waits for ever on a database that is gone, and none fails because of one that came back."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple, Self, TypeVar

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from services.errors import AnotherServer, NotMigrated, StoreUnavailable, TookTooLong
from services.one_server import keep_to
from services.patience import most_milliseconds
from services.store.dialled import Dialled
from services.store.leaving import Leaving, servers
from services.store.queries import Statements

if TYPE_CHECKING:
    from services.store.one_server import OneServer

SERVICE_ROLE = "onrecord_service"
"""The role every connection of the service works as, whoever logs in."""

PATIENCE = 5.0
"""How long a call waits for a connection, and how long it tries again after a lost one, in seconds."""
READ_ONLY_PATIENCE = 1.0
"""How long it is tried to write to whoever takes no writes, in seconds."""

_SQL = Statements("connections.sql")
Params = Mapping[str, object]
Query = LiteralString | sql.Composed
"""A statement of a `.sql` file, perhaps with quoted names put in for its braces."""
Row = tuple[Any, ...]
T = TypeVar("T")

_NETWORK = {
    "connect_timeout": "5",
    # A peer that vanished without a word is noticed within half a minute, also while we wait for its answer.
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
_SEVERAL = {
    # Of several servers one takes writes; which, is found out anew by whoever connects.
    "target_session_attrs": "read-write",
    # One that does not answer comes first for as long as it is down, and what waits for a connection has five seconds.
    "connect_timeout": "2",
}
READ_ONLY = (psycopg.errors.ReadOnlySqlTransaction,)
"""What a server says that is a standby, or takes no writes for another reason."""
_NO_WRITER = "session is read-only"
"""What libpq says of a server that takes no writes, if one is asked for that does."""
LOST = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    *READ_ONLY,
)
"""The driver's errors that are the database's fault: it is gone, or not the one that it was."""
_READING = {"default_transaction_read_only": "on"}
_SESSION = {
    "TimeZone": "UTC",
    # A stopped process must not keep the order lock: after this the server ends its transaction.
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "30s",
}


def service_conninfo(conninfo: str, *, reading: bool = False, **session: str) -> str:
    """Return the connection string with our timeouts, and with SET ROLE to the service's role.

    What the string itself says wins, but for the role. `session` adds settings of PostgreSQL. With `reading` the server
    refuses to write, be it a standby or a primary.
    """
    found = to_whoever_answers(conninfo) if reading else to_whoever_writes(conninfo)
    given = {name: str(value) for name, value in conninfo_to_dict(found).items()}
    own = {**_SESSION, **session, **(_READING if reading else {})}
    settings = " ".join(f"-c {name}={value}" for name, value in own.items())
    options = f"{settings} {given.pop('options', '')} -c role={SERVICE_ROLE}"
    return make_conninfo(**{"application_name": "onrecord", **_NETWORK, **given, "options": options})


def to_whoever_writes(conninfo: str) -> str:
    """Return the connection string so that of several servers the one is taken that takes writes; what it says wins."""
    given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    return make_conninfo(**{**(_SEVERAL if len(servers(given)) > 1 else {}), **given})


def to_whoever_answers(conninfo: str) -> str:
    """Return the connection string so that of several servers a standby is taken, if there is one.

    The address of whoever records does as well: of a server that takes writes nothing is asked.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    if given.get("target_session_attrs") == "read-write":
        del given["target_session_attrs"]
    several = {**_SEVERAL, "target_session_attrs": "prefer-standby"} if len(servers(given)) > 1 else {}
    return make_conninfo(**{**several, **given})


class Use(NamedTuple):
    """Of a pool: how many connections are lent, how many there may be, and how many callers wait for one."""

    lent: int
    most: int
    waiting: int


class Connections:
    """A pool of connections to one database, all in autocommit mode and under the service's role."""

    def __init__(
        self,
        conninfo: str,
        *,
        most: int = 10,
        session: Mapping[str, str] | None = None,
        reading: OneServer | None = None,
    ) -> None:
        """Open a pool of at most `most` connections; `session` adds settings of PostgreSQL to each.

        With `reading` nothing is written, and all connections of all pools that share it lead to one server.

        Raises StoreUnavailable if the database cannot be reached now, and NotMigrated if it lacks the service's role.
        """
        self.conninfo = service_conninfo(conninfo, reading=reading is not None, **(session or {}))
        self._reading = reading
        self._leaving = Leaving(self.conninfo)
        # Once by hand: a pool would try for seconds and then not say why.
        self.connect().close()
        self.pool: ConnectionPool[Dialled] = ConnectionPool(
            self.conninfo,
            connection_class=Dialled,
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=most,
            timeout=PATIENCE,
            max_idle=300.0,
            # The pool doubles its pauses while the server is away; a new caller starts over.
            reconnect_timeout=2.0,
            configure=self._configure,
            check=reading.check if reading else None,
            open=True,
            name="onrecord",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; those in use when they are given back."""
        self._leaving.close()
        self.pool.close()

    def use(self) -> Use:
        """Return how much of the pool is in use."""
        told = self.pool.get_stats()
        lent = told.get("pool_size", 0) - told.get("pool_available", 0)
        return Use(lent, told.get("pool_max", 0), told.get("requests_waiting", 0))

    def connect(self) -> psycopg.Connection[DictRow]:
        """Return a new connection outside the pool, for who keeps one for long; the caller closes it."""
        with translated():
            connection = Dialled.connect(self.conninfo, autocommit=True, row_factory=dict_row)
            self._leaving.watch(connection)
            return connection

    def _configure(self, connection: Dialled) -> None:
        self._leaving.watch(connection)
        if self._reading is not None:
            self._reading.meet(connection)

    @contextmanager
    def connection(self) -> Generator[psycopg.Connection[DictRow], None, None]:
        """Lend a connection; what fails because of the database raises StoreUnavailable or NotMigrated."""
        with translated(), self.pool.connection() as connection:
            keep_to(connection.server)
            _bound(connection, 0)
            try:
                yield connection
            except READ_ONLY:
                # It would be lent again and refuse again, while another server has long taken its place.
                connection.close()
                raise

    def fetch(self, query: Query, params: Params | None = None) -> list[Row]:
        """Return the rows of one reading statement; asked again on another connection if the first was lost."""

        def ask() -> list[Row]:
            most = most_milliseconds()
            with translated(), self.pool.connection() as connection:
                keep_to(connection.server)
                _bound(connection, most)
                with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
                    try:
                        return cursor.execute(query, params).fetchall()
                    except psycopg.errors.QueryCanceled as cancelled:
                        if most:
                            raise TookTooLong(most / 1_000) from cancelled
                        raise

        return self.patiently(ask)

    def patiently(self, reading: Callable[[], T]) -> T:
        """Do something that may be done twice, again and again while connections turn out to be lost."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return reading()
            except AnotherServer:
                raise  # for this answer the first one does not come back
            except StoreUnavailable as lost:
                # Who asks a standby is told so soon: until there is another primary seconds go by.
                if time.monotonic() > give_up - (PATIENCE - READ_ONLY_PATIENCE if lost.read_only else 0):
                    raise self._told_of(lost) from lost
                # A restarted server leaves a pool full of dead connections; this sorts them out at once.
                self.pool.check()
                time.sleep(0.05)

    def _told_of(self, lost: StoreUnavailable) -> StoreUnavailable:
        """Return what the servers say, where the pool knows only that it got no connection."""
        if isinstance(lost.__cause__, PoolTimeout):
            try:
                self.connect().close()
            except StoreUnavailable as told:
                return told
        return lost


def _bound(connection: Dialled, milliseconds: int) -> None:
    """Tell the server how long a statement may take, if this is not what it was told last."""
    if connection.most_milliseconds != milliseconds:
        connection.execute(_SQL["bound"], {"milliseconds": str(milliseconds)})
        connection.most_milliseconds = milliseconds


def careless_settings(conninfo: str) -> list[str]:
    """Return the settings by which this database may lose what it has committed when it crashes; none should be.

    Raises StoreUnavailable.
    """
    with translated(), psycopg.connect(service_conninfo(conninfo)) as connection:
        rows = connection.execute(Statements("event_log.sql")["careless_settings"]).fetchall()
    return [str(name) for (name,) in rows]


@contextmanager
def translated() -> Generator[None, None, None]:
    """Turn the driver's errors that callers can do something about into ours; the others are defects and pass."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction) as error:
        raise NotMigrated(str(error)) from error
    except LOST as error:
        # Of several servers each has its line, and a log is read by the line.
        told = " ".join(str(error).split())
        if f'role "{SERVICE_ROLE}" does not exist' in told:
            raise NotMigrated(f"the role {SERVICE_ROLE} does not exist") from error
        raise StoreUnavailable(told, read_only=isinstance(error, READ_ONLY) or _NO_WRITER in told) from error
