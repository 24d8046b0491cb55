"""Each desk has a database of its own beside the main one, and what databases there are says what desks there are."""

from __future__ import annotations

import itertools
import time
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow, tuple_row

from services.store.connections import SERVICE_ROLE, Connections, service_conninfo, to_whoever_writes, translated
from services.store.embedded import Addresses
from services.store.migrate import refuse_unmigrated
from services.store.one_server import OneServer
from services.store.queries import Statements

MARK = "_desk_"
"""Between the name of the main database and that of the desk, which has no `_` in it."""
MOST_BYTES = 63
"""Of a name: PostgreSQL cuts off what is longer, and would take two for one."""
PATIENCE = 20.0
"""Seconds in which whoever is in a database that is dropped may leave it, or be ended."""

_SQL = Statements("desks.sql")


class DeskNotDropped(Exception):
    """A desk's database is not dropped; the text says why, and what to do."""


class DeskNotMade(Exception):
    """There is no database for a desk, and this role may not make one; the text says who makes it, and how."""


def beside(conninfo: str, desk: str) -> str:
    """Return the connection string of a desk's database. Raises StoreUnavailable where its server has to be asked."""
    return make_conninfo(conninfo, dbname=f"{_main_database(conninfo)}{MARK}{desk}")


def _main_database(conninfo: str) -> str:
    # Where it is not said, it is in a service file, in the environment, or called as whoever connects.
    return str(conninfo_to_dict(conninfo).get("dbname") or "") or _asked(conninfo)


def _asked(conninfo: str) -> str:
    with translated(), _connected(conninfo) as connection:
        return str(connection.execute(_SQL["main"]).fetchall()[0][0])


class Listing:
    """Tells which desks there are, over and over, by a connection of its own."""

    def __init__(self, service: str, *, reading: bool) -> None:
        """Connect to the main database; with `reading` a standby will do. Raises StoreUnavailable."""
        self._connections = Connections(service, most=1, reading=OneServer() if reading else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()

    def names(self) -> list[str]:
        """Return what comes behind the mark in the names of all databases of desks. Raises StoreUnavailable."""
        return [str(name) for (name,) in self._connections.fetch(_SQL["beside"], {"mark": MARK})]


def names_beside(service: str) -> list[str]:
    """Return the same, asked once. Raises StoreUnavailable."""
    with translated(), _connected(service_conninfo(service)) as connection:
        return [str(name) for (name,) in connection.execute(_SQL["beside"], {"mark": MARK}).fetchall()]


def refuse_unfit(service: str) -> None:
    """Raise NotMigrated, MigrationRefused or StoreUnavailable for a database that this program cannot work with."""
    with translated(), _connected(service_conninfo(service)) as connection:
        refuse_unmigrated(connection)


def create(addresses: Addresses, desk: str) -> bool:
    """Make the desk's empty database as the owner of the main one; False if there is one.

    Raises DeskNotMade, and StoreUnavailable.
    """
    with translated(), _connected(addresses.owner) as connection:
        name = f"{connection.execute(_SQL['main']).fetchall()[0][0]}{MARK}{desk}"
        if len(name.encode()) > MOST_BYTES:
            raise DeskNotMade(f"its database would be called {name}, which is longer than {MOST_BYTES} bytes")
        if connection.execute(_SQL["exists"], {"name": name}).fetchall()[0][0]:
            return False
        encoding, collate, ctype = (str(one) for one in connection.execute(_SQL["kind"]).fetchall()[0])
        try:
            connection.execute(
                sql.SQL(_SQL["create"]).format(
                    name=sql.Identifier(name), encoding=encoding, collate=collate, ctype=ctype
                )
            )
        except psycopg.errors.DuplicateDatabase:
            return False  # somebody else was quicker
        except psycopg.errors.InsufficientPrivilege as error:
            if connection.info.user == SERVICE_ROLE:
                raise DeskNotMade(
                    "the service's role makes no databases: ONRECORD_OWNER_URL names the role that owns the ledger"
                ) from error
            wanted = sql.SQL(_SQL["by_an_administrator"]).format(
                name=sql.Identifier(name), owner=sql.Identifier(connection.info.user)
            )
            said = f"the role {connection.info.user} may not make databases; let an administrator run, and try again: "
            raise DeskNotMade(said + wanted.as_string(connection)) from error
    return True


def is_shut(addresses: Addresses, desk: str) -> bool:
    """Tell whether there is a database for a desk that lets nobody in: a drop broke off. Raises StoreUnavailable."""
    with translated(), _connected(addresses.owner) as connection:
        return bool(connection.execute(_SQL["is_shut"], {"mark": MARK, "desk": desk}).fetchall()[0][0])


def drop(addresses: Addresses, desk: str) -> None:
    """Let nobody into the desk's database any more, end who is in it, and drop it, as its owner.

    Shut it is listed no more, so services close it by themselves. Raises DeskNotDropped, and StoreUnavailable.
    """
    with translated(), _connected(addresses.owner) as connection:
        name = sql.Identifier(f"{connection.execute(_SQL['main']).fetchall()[0][0]}{MARK}{desk}")
        try:
            connection.execute(sql.SQL(_SQL["shut"]).format(name=name))
        except psycopg.errors.InsufficientPrivilege as error:
            raise DeskNotDropped(
                f"the role {connection.info.user} does not own its database: ONRECORD_OWNER_URL names who does"
            ) from error
        give_up = time.monotonic() + PATIENCE
        # The first waits five seconds for whoever leaves, and ends the server's own workers, which the second may not.
        for way in itertools.cycle(("drop", "drop_with_force")):
            try:
                connection.execute(sql.SQL(_SQL[way]).format(name=name))
            except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege) as error:
                if time.monotonic() > give_up:
                    raise DeskNotDropped(
                        "nobody is let into its database any more, but somebody stays in it whom this role may not end:"
                        " end them (pg_stat_activity), and drop it again"
                    ) from error
            else:
                return


def _connected(conninfo: str) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(to_whoever_writes(conninfo), autocommit=True, row_factory=tuple_row, connect_timeout=10)
