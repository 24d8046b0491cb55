"""The rows of a run are shown as one table, with the facts of the machine above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from bench.measuring import Row

_NUMBERS = ("Ratio", "At least", "Aim", "Ours", "The other")


def show(facts: Mapping[str, object], rows: Iterable[Row], console: Console) -> None:
    """Print it."""
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    console.print(told, style="dim", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("What", "Against", "Ratio", "At least", "Aim", "", "Ours", "The other", "Unit", "Of"):
        table.add_column(title, justify="right" if title in _NUMBERS else "left")
    for row in rows:
        sign = "≤ " if row.at_most else ""
        marks = ["" if mark is None else f"{sign}{mark:g}" for mark in (row.bar, row.aim)]
        figures = [f"{figure:,.3g}" if figure < 100 else f"{figure:,.0f}" for figure in (row.ours, row.theirs)]
        table.add_row(row.what, row.against, f"{row.ratio:.2f}", *marks, row.met, *figures, row.unit, row.note)
    console.print(table)
