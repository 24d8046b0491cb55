"""`./onrecord bench` prints budgets as ratios of one run; `big` replays and asks, `map` draws, `soak` lasts."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import asking, callers, costs, drawing, flat, memory, recording, replaying, soak
from bench.asking import VIEWS
from bench.big import SMALL, Big
from bench.measuring import Row, machine, open_bench
from bench.table import show

ROWS = {
    "recording": recording.measure,
    "costs": costs.measure,
    "http": callers.measure,
    "replay": replaying.measure,
    "picture": replaying.measure_picture,
    "belief": asking.measure,
    "hot": asking.measure_hot,
    "memory": memory.measure,
    "flat": flat.measure,
}
PHASES = ("generate", "replay", "ask")
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
rows = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
large = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
map_of = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
lasting = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@rows.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help=f"{', '.join(ROWS)}; all.")] = None,
    size: Annotated[int, typer.Option(min=200, help="Claims of the ledgers that are measured with.")] = 10_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds that the contenders take turns in.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Measure the named groups of rows, or all. `onrecord bench big --help` tells of a ledger of millions."""
    wanted = names or list(ROWS)
    if unknown := [name for name in wanted if name not in ROWS]:
        raise typer.BadParameter(f"there are no rows {', '.join(unknown)}; there are {', '.join(ROWS)}")
    measured: list[Row] = []
    with open_bench(size, rounds, _tell) as running:
        for name in wanted:
            _tell(f"── {name}")
            measured += ROWS[name](running)
        facts: dict[str, object] = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "size": size, "rounds": rounds}
        facts |= dict(machine(running.cluster.addresses.owner))
    if as_json:
        _print_json({"facts": facts, "rows": [row.json() for row in measured]})
    else:
        show(facts, measured, Console(width=None if sys.stdout.isatty() else 180))


@large.command()
def big(
    home: Annotated[Path, typer.Option(help="Folder of the ledger's own database; run again, it goes on from there.")],
    claims: Annotated[int, typer.Option(min=1_000, help="Claims of the ledger.")] = 10_000_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that build a view.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help=f"A phase: {', '.join(PHASES)}; repeatable.")] = None,
    view: Annotated[
        list[str] | None, typer.Option(help=f"A view to replay; repeatable. Else {', '.join(VIEWS)}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Generate a ledger, replay each of its views and ask it questions of every kind, against one of 10,000 claims."""
    if unknown := set(only or ()) - set(PHASES):
        raise typer.BadParameter(f"there are no phases {', '.join(sorted(unknown))}; there are {', '.join(PHASES)}")
    views = tuple(view or VIEWS)
    if unknown := set(views) - set(VIEWS):
        raise typer.BadParameter(f"there are no views {', '.join(sorted(unknown))}; there are {', '.join(VIEWS)}")
    found = Big(home.expanduser().resolve(), claims, workers, views, _tell).run(tuple(only or PHASES))
    if as_json:
        _print_json(found)
        return
    console = Console(width=None if sys.stdout.isatty() else 140)
    for line in summary(found, claims):
        console.print(line, highlight=False)


@map_of.command()
def draw(
    home: Annotated[Path, typer.Option(help="Folder of the ledger's own database; what is there is not told again.")],
    places: Annotated[int, typer.Option(min=10, max=10_000, help="Places of the ledger.")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Draw the map of a ledger of many places in a browser: until it is there, each step of its slider, its memory."""
    found = drawing.measure(home.expanduser().resolve(), places, _tell)
    if as_json:
        _print_json(found)
        return
    for name, figures in found.items():
        for what, figure in figures.items():
            sys.stdout.write(f"{name:20} {what:26} {figure:10,.0f}\n")


@lasting.command()
def last(  # noqa: PLR0913 (each is one argument of the command)
    home: Annotated[Path, typer.Option(help="A folder that is not there yet, for the ledger and what is found.")],
    minutes: Annotated[float, typer.Option(min=1, help="How long it is used.")] = 60,
    warm: Annotated[float, typer.Option(min=5, help="Seconds in which it is found out what it can bear.")] = 90,
    most: Annotated[float, typer.Option(min=0.1, help="Claims a second, at most, whatever it can bear.")] = 10,
    claims: Annotated[int, typer.Option(min=100, help="Claims that the ledger holds before it is measured.")] = 16_000,
    port: Annotated[int, typer.Option(help="Where the service listens.")] = 8391,
    as_json: AsJson = False,
) -> None:
    """Use the service with keys for long, at half of what it can bear, and tell what grows meanwhile."""
    found = soak.Soak(home.expanduser().resolve(), port, minutes, warm, most, claims, _tell).run()
    if as_json:
        _print_json(found)
        return
    for line in soak.summary(found):
        sys.stdout.write(f"{line}\n")


def summary(found: dict[str, Any], claims: int) -> list[str]:
    """Return the figures of a large ledger as the rows of two Markdown tables."""
    told = ["| phase | seconds | events/s | peak MiB |", "|---|---|---|---|"]
    for phase, body in found.items():
        if phase.startswith(f"{claims}: ") and isinstance(body, dict) and "events/s" in body:
            peak = body.get("peak MiB", body.get("peak", 0))
            told.append(f"| {phase} | {body['seconds']:,.0f} | {body['events/s']:,.0f} | {peak:,.0f} |")
    told += ["", f"| question, ms | p50 of {claims:,} | p95 | p99 | p50 of {SMALL:,} | p95 | p99 |", "|---" * 7 + "|"]
    for phase, body in found.items():
        if phase.startswith("ask "):
            points = [body.get(str(size), {}) for size in (claims, SMALL)]
            figures = [f"{one.get(name, 0):,.1f}" for one in points for name in ("p50", "p95", "p99")]
            told.append(f"| {phase.removeprefix('ask ')} | {' | '.join(figures)} |")
    return told


def _tell(said: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {said}\n")


def _print_json(body: object) -> None:
    json.dump(body, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["big"]:
        del sys.argv[1]
        large(prog_name="onrecord bench big")
    elif sys.argv[1:2] == ["map"]:
        del sys.argv[1]
        map_of(prog_name="onrecord bench map")
    elif sys.argv[1:2] == ["soak"]:
        del sys.argv[1]
        lasting(prog_name="onrecord bench soak")
    else:
        rows(prog_name="onrecord bench")
