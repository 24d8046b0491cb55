"""A view's rows go in by COPY and end by one UPDATE, whatever columns the view has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import Connection, sql
from psycopg.rows import DictRow, TupleRow, tuple_row

from services.folding import Changes, Held, RowsRefused, Step
from services.store.copying import lines
from services.store.queries import Statements

SQL = Statements("views.sql")
FIXED = ("key", "since", "until", "state")
LATE = "-- Made when the rows are in:"
"""The line of a projection's SQL file behind which stands what folding does not need: a replay makes it at its end."""


def named(statement: str, **names: sql.Composable) -> sql.Composed:
    """Return a statement of views.sql with quoted names put in for its braces."""
    return sql.SQL(SQL[statement]).format(**names)


def make_table(connection: Connection[DictRow], step: Step) -> None:
    """Make the step's table in the first schema of the search path, without what is made when its rows are in.

    Raises RowsRefused if it is not a view's table.
    """
    table = sql.Identifier(step.name)
    if step.table is None:
        connection.execute(named("default_table", table=table))
        connection.execute(named("default_index", table=table))
    else:
        # Bytes, since the text may come from another package; it was installed by whoever runs the service.
        connection.execute(step.table.partition(LATE)[0].encode())
    missing = set(FIXED) - set(columns_of(connection, step.name))
    if missing:
        raise RowsRefused(f"the table {step.name!r} lacks the columns {', '.join(sorted(missing))}")


def make_late(connection: Connection[DictRow], step: Step) -> None:
    """Make the indexes that only readers need, of a table in the first schema of the search path."""
    _, mark, late = (step.table or "").partition(LATE)
    # What is left of the line is a comment too.
    connection.execute(("--" + late).encode() if mark else b"")
    analyze(connection, step.name)


def analyze(connection: Connection[DictRow], table: str) -> None:
    """Let the planner know the table as it is: without that it takes an index that leads through far too many rows."""
    connection.execute(named("analyze_table", table=sql.Identifier(table)))


def columns_of(connection: Connection[DictRow], table: str) -> tuple[str, ...]:
    """Return the columns of the table that the search path leads to; none if there is no table."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(str(name) for (name,) in cursor.execute(SQL["columns_of"], {"table": table}))


def rows_in_force(connection: Connection[DictRow], table: str, keys: Iterable[str]) -> dict[str, Held]:
    """Return the state in force of each of the keys that has one."""
    asked = list(keys)
    if not asked:
        return {}
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(named("rows_in_force", table=sql.Identifier(table)), {"keys": asked})
        return {str(key): Held(int(since), str(state)) for key, since, state in found}


def rows_in_force_by(
    connection: Connection[DictRow], table: str, column: str, values: Iterable[str]
) -> dict[str, Held]:
    """Return the rows in force whose column has one of the values, by key."""
    asked = list(values)
    if not asked:
        return {}
    query = named("rows_in_force_by", table=sql.Identifier(table), column=sql.Identifier(column))
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(query, {"values": asked})
        return {str(key): Held(int(since), str(state)) for key, since, state in found}


def write_changes(connection: Connection[DictRow], table: str, changes: Changes) -> None:
    """Keep what a batch changed; raises RowsRefused if the rows do not have the columns of the table."""
    identifier = sql.Identifier(table)
    if changes.ended:
        keys, sinces, untils = zip(*changes.ended, strict=True)
        ends = {"keys": list(keys), "sinces": list(sinces), "untils": list(untils)}
        connection.execute(named("end_rows", table=identifier), ends)
    if not changes.rows:
        return
    extra = [name for name in columns_of(connection, table) if name not in FIXED]
    names = sql.SQL(", ").join(map(sql.Identifier, (*FIXED, *extra)))
    with (
        connection.cursor(row_factory=tuple_row) as cursor,
        cursor.copy(named("add_rows", table=identifier, columns=names)) as copy,
    ):
        for some in lines(changes.rows, extra):
            copy.write(some)


def differences(connection: Connection[DictRow], table: str, as_of: int, limit: int) -> Sequence[TupleRow]:
    """Return (key, since, fault) of the rows of `views` that are not what the scratch table holds, as of a position."""
    asked = named("differing_rows", folded=sql.Identifier("pg_temp", table), stored=sql.Identifier("views", table))
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(asked, {"as_of": as_of, "limit": limit}).fetchall()


def rows_beyond(connection: Connection[DictRow], table: str, checkpoint: int) -> int:
    """Return how many stored rows claim to know more than the checkpoint says was taken in."""
    asked = named("rows_beyond", stored=sql.Identifier("views", table))
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(asked, {"checkpoint": checkpoint}).fetchone()
    return int(found[0]) if found else 0
