"""A desk reads, or takes along as a sheet, how a picture came about and what changed between two cuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from services import words
from services.cli.asking import (
    AsJson,
    AsOf,
    Policy,
    ProjectionName,
    Tz,
    ValidAt,
    Without,
    full_question,
    outcome_words,
    source_of,
)
from services.cli.rooms import caught_up, open_room, settings_of
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from services.sheet import Sheet

Json = dict[str, object]
Kind = Literal["story", "location", "source"]
Slug = Annotated[str, typer.Argument(metavar="STORY", help="Slug of the story, or of what --of says.")]
Of = Annotated[Kind, typer.Option(help="What the slug names: a story, a place with its parts, or a source.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="Write a sheet in Markdown, to paste into a note.")]
AsHtml = Annotated[bool, typer.Option("--html", help="Write a sheet as one HTML page, to print.")]
Base = Annotated[str | None, typer.Option(help="What stands before a sheet's links, else where `serve` would answer.")]
SheetForm = Literal["markdown", "html"]


def timeline(
    context: typer.Context,
    slug: Slug,
    of: Of = "story",
    location: Annotated[str | None, typer.Option(help="Only at this place and its parts.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Only of this aspect.")] = None,
    source: Annotated[str | None, typer.Option(help="Only what this source brought about.")] = None,
    agreement: Annotated[str | None, typer.Option(help="Only where this agreement came about, or ended.")] = None,
    strength: Annotated[str | None, typer.Option(help="Only where this strength was reached, or lost.")] = None,
    after: Annotated[str | None, typer.Option(help="Only behind this position or instant.")] = None,
    upto: Annotated[str | None, typer.Option(help="Only up to this position or instant.")] = None,
    valid_at: ValidAt = None,
    as_of: AsOf = None,
    tz: Tz = None,
    without: Without = None,
    policy: Policy = None,
    projection: ProjectionName = None,
    as_json: AsJson = False,
    markdown: AsMarkdown = False,
    html: AsHtml = False,
    base: Base = None,
) -> None:
    """Tell how the picture of a story, a place or a source changed, from position to position."""
    from services.cuts import Query
    from services.scopes import About
    from services.timelines import Changes

    form = _form(as_json=as_json, markdown=markdown, html=html)
    about = About(of, slug)
    wanted = Changes(after, upto, location, aspect, source, agreement, strength)
    with open_room(context) as room:
        query = Query(as_of, valid_at, tz, policy, tuple(without or ()), caught_up(room), projection)
        answer = room.timelines.of(about, query, wanted)
        if form is not None:
            _write(room.sheets.timeline(about, answer, query, wanted, base or _address(context)), form)
            return
        title = visible(room.sheets.name(about, answer.position))
    if as_json:
        print_json({**source_of(answer), "changes": answer.body})
        return
    out = console()
    print_paragraph(out, f"{title}, as known at position {answer.position}", style="bold")
    if answer.body:
        columns = ("Position", "Recorded", "Question", "Before", "After", "Cause")
        rows = [_change(row) for row in visible(answer.body)]
        print_table(out, columns, rows, numbers=("Position",))
    else:
        print_paragraph(out, "Nothing has changed.")


def _change(row: Json) -> Sequence[str]:
    return (
        str(row["position"]),
        words.moment(row["recorded"]),
        full_question(row),
        _told(row["before"]),
        _told(row["after"]),
        words.cause(cast("Json", row["cause"])),
    )


def _told(end: object) -> str:
    """Return what was believed, or what a source said, in as few words as will do for a cell of a table."""
    if not isinstance(end, list):
        return outcome_words(cast("Json", end))
    said = cast("Sequence[Json]", end)
    return words.listed([f"{'not ' if one['polarity'] == 'denies' else ''}{words.value(one['value'])}" for one in said])


def diff(
    context: typer.Context,
    slug: Slug,
    a: Annotated[str, typer.Argument(metavar="A", help="The earlier cut: a position, an instant, or edition/N.")],
    b: Annotated[str | None, typer.Argument(metavar="B", help="The later cut; without it, the present.")] = None,
    of: Of = "story",
    valid_at: ValidAt = None,
    tz: Tz = None,
    without: Without = None,
    policy: Policy = None,
    projection: ProjectionName = None,
    as_json: AsJson = False,
    markdown: AsMarkdown = False,
    html: AsHtml = False,
    base: Base = None,
) -> None:
    """Tell what appeared, changed and went between two cuts of a story, a place or a source, and why."""
    from services.cuts import Query
    from services.scopes import About

    form = _form(as_json=as_json, markdown=markdown, html=html)
    about = About(of, slug)
    with open_room(context) as room:
        query = Query(None, valid_at, tz, policy, tuple(without or ()), caught_up(room), projection)
        answer = room.differences.between(about, a, b, query)
        if form is not None:
            _write(room.sheets.difference(about, answer, query, base or _address(context)), form)
            return
        title = visible(room.sheets.name(about, answer.position))
    if as_json:
        print_json(answer.body)
        return
    body = visible(answer.body)
    out = console()
    ends = [cast("Json", body[end])["position"] for end in ("from", "to")]
    print_paragraph(out, f"{title}, from position {ends[0]} to {ends[1]}", style="bold")
    for kind in ("appeared", "changed", "gone"):
        found = cast("Sequence[Json]", body[kind])
        if found:
            print_paragraph(out, f"{kind.capitalize()}: {words.counted(len(found), 'question')}", style="bold")
            print_table(out, ("Question", "Before", "After", "Because of"), [_difference(row) for row in found])
    if not any(body[kind] for kind in ("appeared", "changed", "gone")):
        print_paragraph(out, "Nothing has changed.")


def _difference(row: Json) -> Sequence[str]:
    causes = [words.cause(cast("Json", change["cause"])) for change in cast("Sequence[Json]", row["because"])]
    more = [f"and {len(causes) - 3} more"] if len(causes) > 3 else []
    return full_question(row), _told(row["before"]), _told(row["after"]), "; ".join([*causes[:3], *more])


def _form(*, as_json: bool, markdown: bool, html: bool) -> SheetForm | None:
    if as_json + markdown + html > 1:
        raise typer.BadParameter("an answer has one form", param_hint="--json, --markdown, --html")
    return "markdown" if markdown else "html" if html else None


def _address(context: typer.Context) -> str:
    settings = settings_of(context)
    return f"http://{settings.host}:{settings.port}"


def _write(sheet: Sheet, form: SheetForm) -> None:
    from services import sheet_forms

    typer.echo(sheet_forms.markdown(sheet) if form == "markdown" else sheet_forms.html(sheet), nl=False)
