"""A PostgreSQL for each worker of a test run and a migrated database for each test that asks for one.

The server is the product's own embedded one, started on first use in a folder for temporary files, or the one that
`ONRECORD_TEST_DATABASE_URL` names by a role that may create roles and databases.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.store.embedded import Addresses, EmbeddedPostgres

SERVICE_ROLE = "onrecord_service"


class Cluster:
    """A running server on which databases come and go, and the one template they are made from."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self._template: str | None = None

    def template(self) -> str:
        """Return the name of a database with every migration applied, made when first asked for."""
        if self._template is None:
            # Late, so that tests of the server itself do not need the migrations.
            from services.store.migrate import migrate

            name = f"onrecord_template_{uuid4().hex[:12]}"
            self.run("CREATE DATABASE {}", name)
            migrate(make_conninfo(self.addresses.owner, dbname=name))
            self._template = name
        return self._template

    def run(self, statement: LiteralString, *names: str) -> None:
        """Run one statement as the owner, with names put in for its braces."""
        with psycopg.connect(self.addresses.owner, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def drop(self, name: str) -> None:
        """Drop a database, whoever is in it."""
        drop_database(self.addresses.owner, name)

    def drop_template(self) -> None:
        """Leave a server that is not ours as we found it."""
        if self._template is not None:
            self.drop(self._template)
            self._template = None


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a new folder that the embedded server's user can pass through, also when root runs the tests.

    Not pytest's `tmp_path`: its parents are closed to everybody but the user who runs the tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="onrecord-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Give the server of this test run."""
    if named := os.environ.get("ONRECORD_TEST_DATABASE_URL"):
        cluster = Cluster(_addresses_on(named))
        try:
            yield cluster
        finally:
            cluster.drop_template()
        return
    with open_folder() as folder, EmbeddedPostgres(folder / "home", durable=False) as server:
        yield Cluster(server.start())


@contextmanager
def fresh_database(cluster: Cluster, *, migrated: bool = True, like: Addresses | None = None) -> Iterator[Addresses]:
    """Give the addresses of a database nobody else uses, with every migration applied or empty; dropped afterwards.

    `like` is one to copy, which nobody is connected to.
    """
    name = f"onrecord_test_{uuid4().hex[:12]}"
    if migrated:
        template = str(conninfo_to_dict(like.owner)["dbname"]) if like else cluster.template()
        # File by file, and not through the write-ahead log, which would grow by as much with each.
        cluster.run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        # A copy does not bring the rights on the database itself along.
        cluster.run("GRANT CREATE ON DATABASE {} TO {}", name, SERVICE_ROLE)
    else:
        cluster.run("CREATE DATABASE {}", name)
    try:
        yield Addresses(
            owner=make_conninfo(cluster.addresses.owner, dbname=name),
            service=make_conninfo(cluster.addresses.service, dbname=name),
        )
    finally:
        cluster.drop(name)


def drop_database(owner: str, name: str) -> None:
    """Drop a database as an owner who may not end the server's own workers, which may just be in it."""
    give_up = time.monotonic() + 60
    with psycopg.connect(owner, autocommit=True) as connection:
        while True:
            try:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.1)
            else:
                return


def _addresses_on(owner: str) -> Addresses:
    """Return the addresses on a server that is not ours, after making the service's role if it is missing."""
    with psycopg.connect(owner) as connection:
        # One worker at a time: another one may just be making it.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SERVICE_ROLE])
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVICE_ROLE]).fetchone() is None:
            make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(make.format(sql.Identifier(SERVICE_ROLE), SERVICE_ROLE))
    # A known password: two test runs may share the server, and neither must lock the other out.
    known = {**conninfo_to_dict(owner), "user": SERVICE_ROLE, "password": SERVICE_ROLE}
    return Addresses(owner=make_conninfo(owner), service=make_conninfo(**known))
