"""A desk that follows another is looked at, helped on, and lets its story go: at the command line, by its owner."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from domain.times import show
from services import words
from services.access.callers import at_the_terminal
from services.cli.failures import Failed, refusal_lines
from services.cli.progress import Counting
from services.cli.rooms import open_main
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from rich.console import Console

    from services.rooms import Outcome, Standing

Desk = Annotated[str, typer.Argument(metavar="NAME", help="The desk that follows another.")]
_FORMS = {
    "claim": "claim",
    "correct": "correction",
    "withdraw": "withdrawal",
    "void": "voiding",
    "relation": "relation",
    "document": "document",
    "source": "source",
    "location": "place",
    "location_link": "link of places",
    "location_link_ended": "end of a link",
    "affiliation": "tie of sources",
    "affiliation_ended": "end of a tie",
    "lean": "lean",
    "lean_ended": "end of a lean",
    "rating": "rating",
    "aspect": "aspect",
    "text_erased": "erasure",
    "story": "story",
}
_STAYS = {
    "edition-published.v1": "edition",
    "assessment-made.v1": "assessment",
    "relation-asserted.v1": "relation to what stays",
}
_MANY = {
    "story": "stories",
    "link of places": "links of places",
    "tie of sources": "ties of sources",
    "end of a link": "ends of links",
    "end of a tie": "ends of ties",
    "relation to what stays": "relations to what stays",
}


def make_room(context: typer.Context, name: str, following: str, *, as_json: bool) -> None:
    """Make a desk that follows another one."""
    from services.rooms import begin

    began = time.monotonic()
    with open_main(context) as main, Counting("Copying", None) as counting:
        done = begin(main, name, following, lambda table: counting.reach(0, said=table))
    seconds = time.monotonic() - began
    if as_json:
        print_json({**asdict(done), "seconds": round(seconds, 3)})
        return
    out = console()
    if not done.is_new:
        print_paragraph(out, f"The desk {name} follows {following} already, since position {done.copied}.")
        return
    told = f"The desk {name} is made as {following} is at position {done.copied}, in {seconds:.1f} s, and follows it"
    print_paragraph(out, f"{told} while a service runs. {following} knows nothing of it.")
    make_key = f"`onrecord --desk {name} keys make NAME --role editor`"
    print_paragraph(out, f"It is at /desks/{name}/ of the service, and has keys of its own: {make_key} makes one.")


def release(  # noqa: PLR0913 (each is one argument of the command)
    context: typer.Context,
    name: Desk,
    stories: Annotated[
        list[str], typer.Argument(metavar="STORY…", help="The stories that go, as the desk calls them.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go and what would be refused; record nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before anything goes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Record at the desk that is followed what this one knows of stories: all of it, or nothing.

    Said again it does nothing. Exits with 1 if a line is refused.
    """
    from services.errors import UnknownThing
    from services.rooms import release as let_go

    out = console()
    if not (dry_run or yes or sys.stdin.isatty()):
        raise typer.BadParameter("nobody can be asked here: say --yes, or --dry-run", param_hint="--yes")

    def agreed(foreseen: Outcome) -> bool:
        if not as_json:
            _tell(out, foreseen)
        return not dry_run and _is_wanted(foreseen, yes=yes)

    with open_main(context) as main:
        try:
            done = let_go(main, name, stories, at_the_terminal().by, datetime.now(UTC), agreed)
        except UnknownThing as unknown:
            raise Failed(f"at the desk {name} {unknown}") from None
    if as_json:
        print_json(done.json())
    elif done.position is not None:
        _tell_done(out, done)
    if done.refused:
        raise typer.Exit(1)


def pass_over(
    context: typer.Context,
    name: Desk,
    position: Annotated[int, typer.Argument(metavar="POSITION", help="The one that `desks list` names.")],
) -> None:
    """Let a desk go on without an event of the other that it cannot take in; who did so is kept for ever."""
    from services.rooms import pass_over as go_on_without

    with open_main(context) as main:
        if not go_on_without(main, name, position, at_the_terminal().by):
            raise Failed(
                f"the desk {name} does not wait at position {position}: `onrecord desks list` says where it is"
            )
    print_paragraph(console(), f"The desk {name} goes on without it, in a moment.")


def told_of(standing: Standing | None) -> str:
    """Return in words how a desk follows another; nothing of one that follows none."""
    if standing is None:
        return ""
    place, behind = standing
    if place.refused is not None:
        since = words.moment(show(place.since))
        return (
            f"{place.desk}, stopped since {since} before position {place.refused}: {place.said}; it goes on once it can"
            " take that in, or without it by `onrecord desks pass-over`"
        )
    return (
        f"{place.desk}, {words.counted(behind, 'event')} behind"
        if behind
        else f"{place.desk}, up to position {place.position}"
    )


def json_of(standing: Standing | None) -> dict[str, object] | None:
    """Return the same for machines."""
    if standing is None:
        return None
    place, behind = standing
    waits = {"position": place.refused, "said": place.said, "since": words.moment(show(place.since))}
    return {
        "desk": place.desk,
        "copied": place.copied,
        "position": place.position,
        "behind": behind,
        "refused": None if place.refused is None else waits,
    }


def _is_wanted(foreseen: Outcome, *, yes: bool) -> bool:
    if foreseen.refused or not any(foreseen.verdicts):
        return False
    return yes or typer.confirm("Nobody can take back what others have seen. Release it?")


def _tell_done(out: Console, done: Outcome) -> None:
    if done.refused:
        _tell_refused(out, done)
    else:
        print_paragraph(out, f"Released, up to position {done.position} of the desk that is followed.")


def _tell(out: Console, foreseen: Outcome) -> None:
    going = foreseen.release
    if not any(foreseen.verdicts):
        print_paragraph(out, "Nothing is new: all of it was released before.")
        return
    counts = (_counted(many, _FORMS.get(form, form)) for form, many in going.counted().items())
    known = sum(verdict is False for verdict in foreseen.verdicts)
    before = f"; {words.counted(known, 'line')} of them released before" if known else ""
    print_paragraph(out, f"To be released: {', '.join(counts)}{before}.")
    if rows := [_row(one) for one in visible(going.introduced())]:
        print_table(out, ("New there", "", "As everybody will read it"), rows)
    if going.staying:
        stays = (_counted(many, _STAYS[kind]) for kind, many in going.staying.items())
        print_paragraph(out, f"Stays: {', '.join(stays)}.")
    for claim, other in going.naming:
        print_paragraph(
            out, f"The claim {claim} names the claim {other}, which stays: readers will see that there is one."
        )
    if foreseen.refused:
        _tell_refused(out, foreseen)


def _counted(many: int, one: str) -> str:
    return words.counted(many, one, _MANY.get(one))


def _tell_refused(out: Console, done: Outcome) -> None:
    print_paragraph(out, f"Nothing goes, because {words.counted(len(done.refused), 'line')} would be refused:")
    for line, refusal in done.refused:
        said = cast("Mapping[str, object]", json.loads(line))
        name = said.get("id") or said.get("claim") or said.get("slug") or said.get("sha256") or said.get("name") or ""
        told = visible(" ".join(refusal_lines(refusal)))
        print_paragraph(out, visible(f"{_FORMS.get(str(said['type']), str(said['type']))} {name}: {told}"), 2)


def _row(one: Mapping[str, object]) -> tuple[str, str, str]:
    form = str(one["type"])
    names = one.get("names")
    shown = ", ".join(cast("Sequence[str]", names)) if names else str(one.get("title") or one.get("name") or "")
    name = str(one.get("slug") or one.get("name") or one.get("sha256"))
    return _FORMS[form], name, shown if shown != name else ""
