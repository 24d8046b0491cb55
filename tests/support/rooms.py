"""A desk and a room that follows it, opened as bare ledgers: no views, no threads but those of the writers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from domain.commands import Command
from domain.events import Recorded
from services.following import Following
from services.ledger import Ledger, Outcome
from services.store.connections import Connections
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from services.store.following import FollowedStore, Place, only_reading

_WHOLE = sql.SQL("SELECT t::text FROM {} AS t")


@dataclass(frozen=True)
class Desk:
    """A ledger that is open, with what follows another where it does."""

    addresses: Addresses
    log: EventLog
    ledger: Ledger
    following: Following

    def record(self, *commands: Command) -> list[Outcome]:
        return list(self.ledger.record_many(commands))

    def events(self) -> list[Recorded]:
        return self.log.read(0, 10_000)

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.addresses.owner) as connection:
            return connection.execute(query).fetchall()

    @property
    def store(self) -> FollowedStore:
        return self.following.store

    @property
    def place(self) -> Place:
        found = self.store.place()
        assert found is not None
        return found


@contextmanager
def opened(addresses: Addresses, followed: Addresses | None = None) -> Iterator[Desk]:
    with ExitStack() as stack:
        log = stack.enter_context(EventLog(addresses.service))
        ledger = stack.enter_context(Ledger(log))
        store = FollowedStore(stack.enter_context(Connections(addresses.service)))
        following = Following(ledger, store, lambda _: EventLog(only_reading((followed or addresses).service), most=2))
        stack.callback(following.stop)
        yield Desk(addresses, log, ledger, following)


def caught_up(room: Desk) -> None:
    """Take in all that there is, here and now."""
    while room.following.step():
        pass


def found_in(desk: Desk, *canaries: str) -> list[str]:
    """The tables of the whole database, views included, in which one of the canaries stands."""
    with psycopg.connect(desk.addresses.owner) as connection:
        connection.execute("SET bytea_output = 'escape'")
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return [
            f"{schema}.{table}"
            for schema, table in tables
            for (row,) in connection.execute(_WHOLE.format(sql.Identifier(schema, table)))
            if any(canary in row for canary in canaries)
        ]
