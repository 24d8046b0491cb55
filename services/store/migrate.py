"""A database has exactly the tables of the program that uses it: each migration runs once, whole, in order."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow, tuple_row

from services.errors import MigrationRefused, NotMigrated
from services.store.connections import LOST, to_whoever_writes
from services.store.queries import Statements, script

OLDEST = 15
"""The oldest major version of PostgreSQL that the ledger is tested with."""

_SQL = Statements("migrate.sql")
_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `checksum` is the SHA-256 of its text."""

    version: int
    name: str
    text: LiteralString
    checksum: str


def migrations() -> list[Migration]:
    """Return all steps of this program, in order."""
    found: list[Migration] = []
    for file in sorted(entry.name for entry in files("services.store").joinpath("sql/migrations").iterdir()):
        if named := _FILE.fullmatch(file):
            text = script("services.store", f"sql/migrations/{file}")
            checksum = hashlib.sha256(text.encode("utf-8")).hexdigest()
            found.append(Migration(int(named.group(1)), named.group(2), text, checksum))
    return found


def migrate(owner_conninfo: str) -> list[str]:
    """Bring the database up to this program's tables and return the names of the steps that were missing.

    Runs as the role that owns the ledger, which must not be the service's. Two that run at once run one after the
    other. Raises MigrationRefused, and changes nothing, if PostgreSQL is too old, if a newer program migrated the
    database, if a step that was applied has another text today, or if the role may not do what a step asks for.
    """
    try:
        with psycopg.connect(to_whoever_writes(owner_conninfo), autocommit=True, connect_timeout=10) as connection:
            refuse_server(connection.info.server_version)
            connection.execute(_SQL["lock"])
            missing = _missing(_applied(connection), migrations())
            for step in missing:
                _apply(connection, step)
            connection.execute(_SQL["settle"])
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationRefused(_told(error)) from error
    except (psycopg.errors.RaiseException, *LOST) as error:
        raise MigrationRefused(str(error)) from error
    return [f"{step.version:04}_{step.name}" for step in missing]


def refuse_unmigrated(connection: psycopg.Connection[Any]) -> None:
    """Raise NotMigrated unless the database has every step of this program; MigrationRefused if it has more."""
    try:
        applied = _applied(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        # Rights are given last: before that, the service may not even look at what was applied.
        raise NotMigrated("its making has begun and was not finished") from error
    if not applied:
        raise NotMigrated("it has no ledger")
    if missing := _missing(applied, migrations()):
        raise NotMigrated(f"it lacks {', '.join(f'{step.version:04}_{step.name}' for step in missing)}")


def refuse_server(version: int) -> None:
    """Raise MigrationRefused for a server that is too old; `version` is PostgreSQL's `server_version_num`."""
    if version < OLDEST * 10_000:
        raise MigrationRefused(f"PostgreSQL {version // 10_000} is too old: {OLDEST} or newer is needed")


def _applied(connection: psycopg.Connection[Any]) -> dict[int, tuple[str, str]]:
    cursor = connection.cursor(row_factory=tuple_row)
    exists = cursor.execute(_SQL["exists"]).fetchone()
    if not exists or not exists[0]:
        return {}
    rows = cursor.execute(_SQL["applied"]).fetchall()
    return {int(version): (str(name), str(checksum)) for version, name, checksum in rows}


def _missing(applied: dict[int, tuple[str, str]], steps: list[Migration]) -> list[Migration]:
    newer = [f"{version:04}_{name}" for version, (name, _) in applied.items() if version > steps[-1].version]
    if newer:
        raise MigrationRefused(
            f"a newer version of OnRecord migrated this database ({', '.join(newer)}); use that version or a newer one"
        )
    for step in steps:
        if step.version in applied and applied[step.version][1] != step.checksum:
            raise MigrationRefused(f"migration {step.version:04}_{step.name} is not the one that was applied")
    return [step for step in steps if step.version not in applied]


def _apply(connection: psycopg.Connection[TupleRow], step: Migration) -> None:
    with connection.transaction():
        connection.execute(_SQL["prepare"])
        connection.execute(step.text)
        connection.execute(
            _SQL["record"], {"version": step.version, "name": step.name, "checksum": step.checksum}, prepare=False
        )


def _told(error: psycopg.Error) -> str:
    hint = error.diag.message_hint or (
        "Let an administrator run: CREATE ROLE onrecord_service; and GRANT onrecord_service TO the role that migrates"
        " WITH ADMIN OPTION."
    )
    return f"{error.diag.message_primary or error} {hint}"
