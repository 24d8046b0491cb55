"""An engineer sees where each view stands, and has the whole ledger checked against its views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room, settings_of
from services.cli.rows import show_rows
from services.cli.screen import console, print_json, print_line, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from services.verify import Fault

Json = dict[str, object]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
AsLines = Annotated[bool, typer.Option("--json", help="Report as NDJSON: progress, done.")]


def projections(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A view, whose rows to show.")] = None,
    rows_too: Annotated[bool, typer.Option("--rows", help="Show what the view NAME keeps.")] = False,
    key: Annotated[str | None, typer.Option(help="Of its rows, only that of this key.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Its rows as of a position, or an instant of recording.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows, at most.")] = 100,
    drop: Annotated[str | None, typer.Option(metavar="NAME", help="Drop the what-if NAME instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show where each view of the ledger stands, and each what-if; or the rows of one."""
    if rows_too != (name is not None):
        raise typer.BadParameter("NAME and --rows go together: `onrecord projections tallies --rows`")
    with open_room(context) as room:
        if name is not None:
            show_rows(room, name, key=key, as_of=as_of, limit=limit, as_json=as_json)
            return
        if drop is not None:
            room.side_by_side.drop(drop)
            _tell_dropped(drop, as_json=as_json)
            return
        caught_up(room)
        rows = room.side_by_side.all()
        head = room.feed.head()
    if as_json:
        print_json({"position": head, "projections": rows})
        return
    out = console()
    print_paragraph(out, f"The ledger stands at position {head}.", style="bold")
    columns = ("View", "State", "Position", "Behind", "Version", "Built", "Error")
    print_table(out, columns, [_view(row) for row in visible(rows)], numbers=("Position", "Behind", "Version", "Built"))
    for row in visible(rows):
        if "what_if" in row:
            print_paragraph(out, f"{row['name']}: the picture {words.terms(cast('Json', row['what_if']))}.")


def _tell_dropped(name: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"dropped": name})
    else:
        print_paragraph(console(), f"{name} is dropped.")


def _view(row: Json) -> tuple[str, ...]:
    name = str(row["name"])
    if "what_if" in row:
        name = f"{name} (what if)"
    elif not row["in_use"]:
        name = f"{name} ({_role(str(row['place']), name)})"
    error = row["error"]
    told = ""
    if isinstance(error, Mapping):
        known = cast("Json", error)
        told = f"at position {known['position']}: {known['reason']}"
    return name, str(row["state"]), *(f"{row[key]:,}" for key in ("position", "lag", "version", "generation")), told


def _role(place: str, name: str) -> str:
    return {f"replay_{name}": "being built", f"retired_{name}": "before the last switch"}.get(place, place)


def verify(context: typer.Context, as_json: AsLines = False) -> None:
    """Read the whole ledger, derive every view again and compare. Exits with 1 if anything differs."""
    with open_room(context) as room:
        caught_up(room)
        # A view that nobody carries on is a fault, and without a service nobody but us does.
        room.projector.start()
        try:
            with Counting("Verifying", max(room.feed.head(), 1)) as counting:
                verified = room.projections.verify(_reported(counting, as_json=as_json))
        finally:
            room.projector.stop()
    if as_json:
        done = {"sound": verified.sound, "events": verified.events, "head": verified.head, "views": verified.views}
        faults = [{"where": one.where, "position": one.position, "said": one.said} for one in verified.faults]
        print_line({"report": "done", **done, "left_out": verified.left_out, "faults": faults})
    else:
        out = console()
        for fault in verified.faults:
            print_paragraph(out, _fault_line(fault))
        for name, why in verified.left_out.items():
            print_paragraph(out, visible(f"{name} was not compared: {why}."))
        read = f"{words.counted(verified.events, 'event')} read, {words.counted(len(verified.views), 'view')} compared"
        found = "nothing differs" if verified.sound else f"{words.counted(len(verified.faults), 'fault')} found"
        print_paragraph(out, f"{read}: {found}.", style="bold")
    if not verified.sound:
        raise typer.Exit(1)


def _reported(counting: Counting, *, as_json: bool) -> Callable[[int, int], None]:
    def report(position: int, head: int) -> None:
        counting.reach(position, total=max(head, 1))
        if as_json:
            print_line({"report": "progress", "position": position, "head": head})

    return report


def _fault_line(fault: Fault) -> str:
    return visible(f"{fault.where}, position {fault.position}: {fault.said}.")


def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database up to the tables of this version, and those of all desks; with --desk that desk's alone."""
    from services.bootstrap import migrate_database, open_server
    from services.desks import migrate_desks

    settings = settings_of(context)
    with open_server(settings) as addresses:
        steps = migrate_database(settings)
        desks = [] if settings.desk else migrate_desks(addresses)
    if as_json:
        print_json({"applied": steps, "desks": [asdict(one) for one in desks]})
    else:
        print_paragraph(console(), _applied("The database", steps))
        for one in desks:
            told = f"The desk {one.desk}"
            print_paragraph(console(), f"{told}: {one.fault}." if one.fault else _applied(told, one.applied))
    if any(one.fault for one in desks):
        raise typer.Exit(1)


def _applied(what: str, steps: list[str]) -> str:
    if steps:
        return f"{what}: {words.counted(len(steps), 'migration')} applied: {', '.join(steps)}."
    return f"{what} has every migration of this version already."
