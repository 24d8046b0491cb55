"""Whatever a column may hold comes out of the table as it went in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from domain.projection import Column
from services.folding import Row, RowsRefused
from services.store.copying import lines
from services.store.embedded import Addresses
from support.chance import tried_on

COLUMNS = ("word", "number", "moment", "words")
MAKE = (
    "CREATE TEMP TABLE kept (key text, since bigint, until bigint, state text,"
    " word text, number bigint, moment timestamptz, words text[])"
)
ANY_TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8")) | st.sampled_from(
    ["\\N", "\\", "a\tb", "a\r\nb", '"', "{}", "NULL", "\\.", '{"a\\"b": "\\u0001"}']
)
ROWS = st.lists(
    st.builds(
        lambda key, until, state, *values: Row(key, 1, until, state, dict(zip(COLUMNS, values, strict=True))),
        ANY_TEXT,
        st.none() | st.integers(0, 2**62),
        ANY_TEXT,
        st.none() | ANY_TEXT,
        st.none() | st.integers(-(2**62), 2**62),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | st.lists(ANY_TEXT).map(tuple),
    ),
    max_size=20,
)


def kept(connection: psycopg.Connection, rows: Sequence[Row]) -> list[tuple[object, ...]]:
    connection.execute("TRUNCATE kept")
    with connection.cursor().copy("COPY kept FROM STDIN") as copy:
        for some in lines(rows, COLUMNS):
            copy.write(some)
    return connection.execute("SELECT * FROM kept").fetchall()


def told(row: Row) -> tuple[object, ...]:
    values = [row.columns[name] for name in COLUMNS]
    return (row.key, row.since, row.until, row.state, *[list(v) if isinstance(v, tuple) else v for v in values])


@tried_on(60, unless=[HealthCheck.function_scoped_fixture])
@given(some=ROWS)
def test_rows_come_out_as_they_went_in(addresses: Addresses, table: psycopg.Connection, some: list[Row]) -> None:
    assert kept(table, some) == [told(row) for row in some]


@pytest.fixture
def table(addresses: Addresses) -> psycopg.Connection:
    """A connection with an empty table of its own."""
    connection = psycopg.connect(addresses.service, autocommit=True, options="-c TimeZone=UTC")
    connection.execute(MAKE)
    return connection


def test_more_rows_than_are_sent_together_all_arrive(table: psycopg.Connection) -> None:
    columns: dict[str, Column] = {"word": "a", "number": 1, "moment": datetime(1, 1, 1, tzinfo=UTC), "words": ()}
    rows = [Row(str(number), number, None, "{}", columns) for number in range(1_234)]
    assert kept(table, rows) == [told(row) for row in rows]


@pytest.mark.parametrize(
    "columns",
    [{}, {"word": "a"}, {"word": True, "number": 1, "moment": None, "words": ()}],
    ids=["none", "some", "truth"],
)
def test_a_row_that_does_not_fit_is_refused(columns: dict[str, Column]) -> None:
    with pytest.raises(RowsRefused):
        list(lines([Row("key", 1, None, "{}", columns)], COLUMNS))


def test_a_text_that_no_database_can_hold_is_refused() -> None:
    with pytest.raises(RowsRefused, match="surrogate"):
        list(lines([Row("key", 1, None, "\ud800", {})], ()))
