"""A desk is a ledger of its own: nothing that one desk asks or records can so much as name what is at another."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from domain.refusals import Problem, Refusal
from services.errors import MigrationRefused, NotMigrated, StoreUnavailable, UnknownThing
from services.settings import DESK, DESK_MOST, MAIN
from services.store import desks as databases
from services.store.embedded import Addresses
from services.store.migrate import migrate

_NAME = re.compile(DESK)


class NoDeskName(Refusal):
    """A desk cannot be called so."""

    kind = "no-desk-name"
    title = "A desk cannot be called so."


class UnknownDesk(UnknownThing):
    """There is no desk of this name."""

    def __init__(self, name: str) -> None:
        super().__init__("desk", name)


@dataclass(frozen=True, slots=True)
class Made:
    """A desk after `make_desk`: whether its database was made now, and the migrations that it lacked."""

    desk: str
    is_new: bool
    migrations: list[str]


def desk_called(name: str) -> str | None:
    """Return the desk of this name, None for the main one, which has no name. Raises NoDeskName."""
    if name == MAIN:
        return None
    if len(name) > DESK_MOST or not _NAME.fullmatch(name):
        expected = f"at most {DESK_MOST} lower-case letters and digits, with single - between them"
        raise NoDeskName(Problem("/desk", f"{name[:60]!r} is no name for a desk", expected))
    return name


def addresses_of(addresses: Addresses, desk: str | None) -> Addresses:
    """Return how to reach the database of a desk, from how to reach the main one; it need not be there.

    Raises StoreUnavailable if the addresses do not say which database is the main one, and the server cannot be asked.
    """
    if desk is None:
        return addresses
    return Addresses(owner=databases.beside(addresses.owner, desk), service=databases.beside(addresses.service, desk))


def known_desk(addresses: Addresses, desk: str | None) -> Addresses:
    """Return how to reach the database of a desk that is there. Raises UnknownDesk and StoreUnavailable."""
    if desk is not None and desk not in desks_of(addresses):
        raise UnknownDesk(desk)
    return addresses_of(addresses, desk)


def desks_of(addresses: Addresses) -> list[str]:
    """Return the names of all desks beside the main one: those that have a database. Raises StoreUnavailable."""
    return _desks(databases.names_beside(addresses.service))


@contextmanager
def listed(addresses: Addresses, *, reading: bool = False) -> Generator[Callable[[], list[str]]]:
    """Lend what returns the same, for whoever asks again and again; with `reading` a standby will do."""
    with databases.Listing(addresses.service, reading=reading) as listing:
        yield lambda: _desks(listing.names())


def migrated(addresses: Addresses, desk: str) -> Addresses:
    """Return how to reach the database of a desk, after bringing it up to this program's tables.

    Raises MigrationRefused and StoreUnavailable.
    """
    found = addresses_of(addresses, desk)
    migrate(found.owner)
    return found


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of a desk: the migrations that were applied, or why it was left as it was."""

    desk: str
    applied: list[str]
    fault: str | None


def migrate_desks(addresses: Addresses) -> list[Migrated]:
    """Bring all desks beside the main one up to this program's tables, each apart. Raises StoreUnavailable."""
    return [_migrated(desk, addresses_of(addresses, desk)) for desk in desks_of(addresses)]


def _migrated(desk: str, addresses: Addresses) -> Migrated:
    try:
        return Migrated(desk, migrate(addresses.owner), None)
    except MigrationRefused as error:
        return Migrated(desk, [], str(error))


def states_of(addresses: Addresses) -> list[tuple[str, str | None]]:
    """Return each desk with what is in the way of opening it, None if nothing is. Raises StoreUnavailable."""
    return [(desk, _fault(addresses_of(addresses, desk))) for desk in desks_of(addresses)]


def _fault(addresses: Addresses) -> str | None:
    try:
        databases.refuse_unfit(addresses.service)
    except (NotMigrated, MigrationRefused, StoreUnavailable) as error:
        return str(error)
    return None


def make_desk(addresses: Addresses, desk: str) -> Made:
    """Make a desk beside the main one, or finish making it; made already, do nothing. Its ledger is empty.

    Raises NoDeskName, DeskNotMade if the owner's role may not make databases, MigrationRefused and StoreUnavailable.
    """
    if desk_called(desk) is None:
        raise NoDeskName(Problem("/desk", f"{MAIN!r} is the desk that is there from the start", "another name"))
    is_new = databases.create(addresses, desk)
    return Made(desk, is_new, migrate(addresses_of(addresses, desk).owner))


def _desks(names: Iterable[str]) -> list[str]:
    return [name for name in names if name != MAIN and len(name) <= DESK_MOST and _NAME.fullmatch(name)]
