"""Long work shows how far it is, how fast and for how long still; where nobody watches, it shows nothing."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from services.cli.screen import errors


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


class Counting:
    """A bar on the terminal's error stream, from `with` to its end; silent if that is no terminal.

    Without a total it only counts.
    """

    def __init__(self, what: str, total: float | None, *, done: int = 0, shown: bool = True, rate: bool = True) -> None:
        columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn(bar_width=None)]
        columns += [TaskProgressColumn()] if total is not None else []
        columns += [_Rate()] if rate else []
        columns += [TimeRemainingColumn(compact=True), TextColumn("{task.fields[said]}")]
        self._progress = Progress(
            *columns, console=errors(), transient=True, disable=not (shown and sys.stderr.isatty()), expand=True
        )
        self._task = self._progress.add_task(what, total=total, completed=done, said="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def reach(self, done: float, *, total: float | None = None, said: str = "") -> None:
        """Move the bar to where the work is; `said` stands behind it."""
        self._progress.update(self._task, completed=done, total=total, said=said)

    def tell(self, line: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(line)
