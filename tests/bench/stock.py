"""The library as its documentation shows it: recorder, application, projection with its runner, service."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import singledispatchmethod
from itertools import islice
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import _pipeline_base, generators
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from psycopg.waiting import Ready, Wait

BATCH = 1_000


def _sent_whole(pgconn: Any, commands: Any) -> Any:  # noqa: ANN401
    """Do as the driver's own, and then send what did not fit into the socket at once.

    Without it a large batch of the library's, the last thing in its pipeline, waits for ever for an answer to what was
    never sent (psycopg 3.3, sockets of 200 KiB). That would cripple it more than this costs.
    """
    results = yield from _DRIVERS_OWN(pgconn, commands)
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    return results


_DRIVERS_OWN = generators.pipeline_communicate
_pipeline_base.pipeline_communicate = _sent_whole  # pyright: ignore[reportPrivateImportUsage]


class Said(Aggregate):
    """A claim, one aggregate for each, of the size that ours has."""

    @event("Recorded")
    def __init__(self, source: str, location: str, aspect: str, value: str, valid: str, content: str) -> None:
        self.source = source
        self.location = location
        self.aspect = aspect
        self.value = value
        self.valid = valid
        self.content = content


class Sayings(Application[uuid.UUID]):
    """An application that does nothing but keep them."""

    def say(self, **said: str) -> int:
        """Save one and return its position."""
        return self.save(Said(**said))[0].notification.id


def environment(conninfo: str) -> dict[str, str]:
    """Return the library's settings for this database."""
    given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": given["dbname"],
        "POSTGRES_HOST": given["host"],
        "POSTGRES_PORT": given["port"],
        "POSTGRES_USER": given["user"],
        "POSTGRES_PASSWORD": given["password"],
        # One connection for each of 32 callers: the default of 15 would make half of them wait.
        "POSTGRES_POOL_SIZE": "32",
    }


@contextmanager
def open_recorder(conninfo: str) -> Iterator[PostgresApplicationRecorder]:
    """Lend the recorder with a new table, for streams that are named by text as ours are."""
    given = environment(conninfo)
    datastore = PostgresDatastore(
        dbname=given["POSTGRES_DBNAME"],
        host=given["POSTGRES_HOST"],
        port=given["POSTGRES_PORT"],
        user=given["POSTGRES_USER"],
        password=given["POSTGRES_PASSWORD"],
        originator_id_type="text",
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stock_events")
    recorder.create_table()
    try:
        yield recorder
    finally:
        datastore.close()


def insert_in_batches(recorder: PostgresApplicationRecorder, stored: Sequence[StoredEvent]) -> None:
    """Insert ready-made events, a thousand at a time."""
    waiting = iter(stored)
    while batch := list(islice(waiting, BATCH)):
        recorder.insert_events(batch)


def fill(conninfo: str, bodies: Iterable[dict[str, Any]]) -> int:
    """Save a claim like each of ours, many at once, and return the last position."""
    application = Sayings(environment(conninfo))
    last = 0
    waiting = (like(body) for body in bodies)
    while batch := [Said(**said) for said in islice(waiting, BATCH)]:
        last = application.save(*batch)[-1].notification.id
    application.close()
    return last


def like(body: dict[str, Any]) -> dict[str, str]:
    """Return what the library's claim holds of one of ours; `content` makes up for the fields that it lacks."""
    question = body["question"]
    return {
        "source": body["chain"][0]["source"],
        "location": question["location"],
        "aspect": question["aspect"],
        "value": str(body.get("value", "")),
        "valid": body["valid"]["edtf"],
        "content": str(body["chain"])[:200],
    }


class CounterView(PostgresTrackingRecorder):
    """One number, in the transaction of the library's tracking: the view of its tutorial."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(datastore, **kwargs)
        self.table = f"{self.tracking_table_name}_counter"
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {}.{} (one bool PRIMARY KEY, number bigint NOT NULL)").format(
                Identifier(datastore.schema), Identifier(self.table)
            )
        )
        self.keep_statement = SQL(
            "INSERT INTO {0}.{1} AS held VALUES (true, 1) ON CONFLICT (one) DO UPDATE SET number = held.number + 1"
        ).format(Identifier(datastore.schema), Identifier(self.table))

    def keep(self, said: Any, tracking: Tracking) -> None:  # noqa: ANN401
        """Count the event and move on, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(self.keep_statement, prepare=True)
            self._insert_tracking(cursor, tracking)


class HeardView(PostgresTrackingRecorder):
    """The first position of each source."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(datastore, **kwargs)
        self.table = f"{self.tracking_table_name}_heard"
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {}.{} (source text PRIMARY KEY, first bigint NOT NULL)").format(
                Identifier(datastore.schema), Identifier(self.table)
            )
        )
        self.keep_statement = SQL("INSERT INTO {}.{} VALUES (%s, %s) ON CONFLICT DO NOTHING").format(
            Identifier(datastore.schema), Identifier(self.table)
        )

    def keep(self, said: Any, tracking: Tracking) -> None:  # noqa: ANN401
        """Keep who spoke and move on, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(self.keep_statement, (said.source, tracking.notification_id), prepare=True)
            self._insert_tracking(cursor, tracking)


def run_projection(conninfo: str, view: type[Any], name: str, last: int) -> None:
    """Run a projection of this view by the library's runner until it has taken in the last position."""

    class Keeping(Projection[Any]):
        @singledispatchmethod
        def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401
            self.view.keep(domain_event, tracking)

    Keeping.name = name
    with ProjectionRunner(
        application_class=Sayings, projection_class=Keeping, view_class=view, env=environment(conninfo)
    ) as runner:
        runner.wait(last, timeout=3_600)
    runner.projection.view.datastore.close()
