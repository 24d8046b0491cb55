"""A view is built anew while somebody watches, cancelled, or cleared away; a stopped one is let go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from services import words
from services.cli.progress import Counting
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_line, print_paragraph, visible

if TYPE_CHECKING:
    from services.replays import Progress
    from services.store.places import Place

Json = dict[str, object]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The view, as `projections` lists it.")]


def replay(
    context: typer.Context,
    name: Name,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that build it, each a share of it.")] = 1,
    from_export: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Read the events from what `export --events` wrote."),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Tell how it differs from the one in use.")] = False,
    what_if: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Make a what-if: the picture under this name and terms.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Of a what-if: the policy that judges, else desk/1.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Of a what-if: a source to leave out, as if it had not spoken. Repeatable.")
    ] = None,
    upto: Annotated[int | None, typer.Option(help="Of a what-if: the last position that counts.")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel the replay that is under way instead.")] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Drop the version before the last switch instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as NDJSON: progress, done.")] = False,
) -> None:
    """Build a view anew from the first event, beside the one in use, and switch when it has caught up.

    Broken off, it goes on from where it was when it is run again. With --as nothing is switched: what is built stands
    beside the one in use, and is asked with --projection NAME.
    """
    from services.side_by_side import WantedReplay

    if cancel or drop_old:
        _clear(context, name, cancel=cancel, drop_old=drop_old, as_json=as_json)
        return
    last: list[Progress] = []
    with open_room(context) as room:
        if room.projections.follows_others(name):
            caught_up(room)
        with Counting(f"Replaying {name}", max(room.feed.head(), 1)) as counting:

            def report(progress: Progress) -> None:
                last[:] = [progress]
                counting.reach(progress.reached, total=max(progress.head, 1), said=_said(progress))
                if as_json:
                    print_line({"report": "progress", **progress.json()})

            left_out = None if without is None else tuple(without)
            wanted = WantedReplay(what_if, policy, left_out, upto, workers, compare)
            place = room.side_by_side.replay(name, wanted, report, export=from_export)
        stands = None if what_if is None else room.side_by_side.one(what_if)
    _tell(last[0], place, stands, as_json=as_json)


def _said(progress: Progress) -> str:
    if progress.workers and progress.phase == "building":
        return f"building by {words.counted(len(progress.workers), 'process', 'processes')}"
    return progress.phase


def _tell(progress: Progress, place: Place, what_if: Json | None, *, as_json: bool) -> None:
    if as_json:
        now = {"version": place.version, "generation": place.generation, "position": place.checkpoint}
        named = {} if what_if is None else {"name": what_if["name"], "what_if": what_if["what_if"]}
        print_line({"report": "done", **progress.json(), **now, **named})
        return
    out = console()
    taken = f"{words.counted(progress.events, 'event')} in {progress.seconds:.1f} s ({progress.rate:,.0f} a second)"
    if what_if is not None:
        shown = visible(what_if)
        terms = words.terms(cast("Json", shown["what_if"]))
        told = f"{shown['name']} was built from {taken}: the picture {terms}, at position {place.checkpoint}."
        print_paragraph(out, f"{told} Ask it with --projection {shown['name']}.")
        return
    print_paragraph(out, f"{progress.name} was built anew from {taken}; it is in use, at position {place.checkpoint}.")
    if progress.comparison is not None:
        for line in _compared(progress.comparison):
            print_paragraph(out, line)


def _compared(comparison: Mapping[str, object]) -> Sequence[str]:
    """Return what the comparison found, a line each."""
    differing, position = cast("int", comparison["differing"]), comparison["position"]
    if not differing:
        return [f"As of position {position} no key differed from the version before."]
    first = cast("Sequence[Mapping[str, object]]", visible(comparison["first"]))
    told = words.counted(differing, "key")
    return [
        f"As of position {position} {told} differed from the version before; the first of them:",
        *(f"{row['key']}, since position {row['since']}: {row['how']}" for row in first),
    ]


def _clear(context: typer.Context, name: str, *, cancel: bool, drop_old: bool, as_json: bool) -> None:
    done: Json = {"name": name}
    with open_room(context) as room:
        if cancel:
            done["cancelled"] = room.projections.cancel_replay(name)
        if drop_old:
            done["dropped"] = room.projections.drop_old(name)
    if as_json:
        print_json(done)
        return
    told = {
        ("cancelled", True): f"The replay of {name} is cancelled.",
        ("cancelled", False): f"There is no replay of {name} under way.",
        ("dropped", True): f"The version of {name} before the last switch is dropped.",
        ("dropped", False): f"There is no version of {name} before the one in use.",
    }
    for (what, was_there), line in told.items():
        if done.get(what) is was_there:
            print_paragraph(console(), line)


def retry(
    context: typer.Context,
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Let a view that has stopped try again the event that it stopped at, after its cause was mended."""
    with open_room(context) as room:
        retried = room.projections.retry(name)
        if retried:
            caught_up(room)
        shown = room.projections.one(name)
    if as_json:
        print_json({"retried": retried, **shown})
    elif not retried:
        print_paragraph(console(), f"{name} had not stopped; it is at position {shown['position']}.")
    elif isinstance(error := shown["error"], Mapping):
        known = visible(cast("Json", error))
        print_paragraph(console(), f"{name} has stopped again at position {known['position']}: {known['reason']}.")
    else:
        print_paragraph(console(), f"{name} goes on; it is at position {shown['position']}.")
    if shown["state"] == "stopped":
        raise typer.Exit(1)
