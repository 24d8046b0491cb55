"""The ledger as Parquet holds every event once, in its order, as the columns say, and lines that an import takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services import parquet as ours
from services.bootstrap import Newsroom, open_newsroom
from services.chosen import Chosen
from services.imports import import_lines
from services.parquet import SCHEMA, NoParquet, write_parquet
from services.story import lines
from support.database import Cluster, fresh_database

dataset: Any = pytest.importorskip("pyarrow.dataset", reason="pyarrow is not installed: pip install onrecord[parquet]")


@pytest.fixture(scope="module")
def newsroom(cluster: Cluster) -> Iterator[Newsroom]:
    with fresh_database(cluster) as addresses, open_newsroom(addresses) as opened:
        for name in ("registry", "claims", "later"):
            list(import_lines(opened.ledger, lines(name)))
        yield opened


def written(newsroom: Newsroom, folder: Path, chosen: Chosen | None = None) -> list[dict[str, Any]]:
    pages = newsroom.feed.pages(0, None, chosen or Chosen())
    *_, count = write_parquet(newsroom.feed, pages, folder)
    table = dataset.dataset(folder, format="parquet", partitioning="hive").to_table()
    rows = sorted(table.to_pylist(), key=lambda row: row["position"])
    assert len(rows) == count
    return rows


def test_every_event_is_a_row_and_the_lines_are_those_of_the_export(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "PARTITION", 40)
    monkeypatch.setattr(ours, "ROWS", 7)
    rows = written(newsroom, tmp_path / "ledger")

    assert [row["position"] for row in rows] == list(range(1, newsroom.feed.head() + 1))
    assert [row["line"] for row in rows] == list(newsroom.feed.export())
    assert [row["first"] for row in rows] == [(row["position"] - 1) // 40 * 40 + 1 for row in rows]
    assert list(rows[0]) == [name for name, _, _ in SCHEMA] + ["first"]


def test_claims_have_columns_to_reckon_with(newsroom: Newsroom, tmp_path: Path) -> None:
    rows = written(newsroom, tmp_path / "minian", Chosen(location="minian"))
    claims = [row for row in rows if row["location"] is not None]

    assert {row["location"] for row in claims} == {"minian"}
    assert all(row["source"] and row["aspect"] and row["claim"] for row in claims)
    assert all(row["valid_from"] is None or row["valid_from"].utcoffset().total_seconds() == 0 for row in claims)
    assert all(row["claim"] is None for row in rows if row["type"] == "source-registered.v1")


def test_no_folder_is_written_over_and_none_is_there_by_half(newsroom: Newsroom, tmp_path: Path) -> None:
    taken, broken = tmp_path / "taken", tmp_path / "broken"
    taken.mkdir()
    (taken / "mine").touch()
    with pytest.raises(NoParquet, match="is there already"):
        written(newsroom, taken)
    (tmp_path / ".broken.part").mkdir()
    rows = write_parquet(newsroom.feed, newsroom.feed.pages(0, None), broken)
    next(rows)
    rows.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["taken"]
