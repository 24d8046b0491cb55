"""A desk asks from the terminal what is believed of a place, and why."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from services import words
from services.cli import explained
from services.cli.rooms import caught_up, open_room
from services.cli.screen import console, print_json, print_paragraph, print_table, visible

if TYPE_CHECKING:
    from services.bootstrap import Newsroom
    from services.cuts import Answer, Query

T = TypeVar("T")
Json = dict[str, object]
AsOf = Annotated[str | None, typer.Option(help="What was known then: a position, or an RFC 3339 instant of recording.")]
ValidAt = Annotated[str | None, typer.Option(help="What was so then: EDTF such as 2016-11-08, or an instant.")]
Tz = Annotated[str | None, typer.Option(help="Time zone that a date is read in: +02:00, or an IANA name.")]
Without = Annotated[list[str] | None, typer.Option(help="A source to leave out, as if it had not spoken. Repeatable.")]
Policy = Annotated[str | None, typer.Option(help="The policy that judges, else desk/1.")]
ProjectionName = Annotated[
    str | None,
    typer.Option("--projection", help="The picture that is asked, such as a what-if; it brings its policy and cut."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, in the shape of the HTTP API.")]


def ask(
    context: typer.Context,
    location: Annotated[str, typer.Argument(metavar="LOCATION", help="Slug of the place.")],
    aspect: Annotated[
        str | None, typer.Argument(metavar="ASPECT", help="What is asked of it; without, its whole picture.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Keeps apart what must not be mixed, as in strike by russia.")
    ] = None,
    valid_at: ValidAt = None,
    as_of: AsOf = None,
    tz: Tz = None,
    without: Without = None,
    policy: Policy = None,
    projection: ProjectionName = None,
    as_json: AsJson = False,
) -> None:
    """Ask what is believed of a place; with an aspect, why."""
    from services.cuts import Query

    if subject is not None and aspect is None:
        raise typer.BadParameter("a subject needs an aspect", param_hint="--subject")
    with open_room(context) as room:
        query = Query(as_of, valid_at, tz, policy, tuple(without or ()), caught_up(room), projection)
        if aspect is None:
            _show_picture(room, location, query, as_json=as_json)
        else:
            _show_belief(room, {"location": location, "aspect": aspect, "subject": subject}, query, as_json=as_json)


def _show_picture(room: Newsroom, location: str, query: Query, *, as_json: bool) -> None:
    answer = room.beliefs.picture(location, query)
    if as_json:
        print_json({**source_of(answer), "beliefs": answer.body})
        return
    out = console()
    rows = visible(answer.body)
    print_paragraph(out, f"{_reader(room, query).at(location)}{_cut_words(query, answer.position)}", style="bold")
    if not rows:
        print_paragraph(out, "Nothing that was claimed bears on this place.")
        return
    print_table(
        out,
        ("Question", "Believed", "Support", "Rule", "Remarks"),
        [
            (
                words.question(cast("Json", row["question"])),
                words.believed(row),
                words.support(row),
                str(row["rule"]),
                "; ".join(words.flags(row)),
            )
            for row in rows
        ],
    )


def _show_belief(room: Newsroom, asked: Json, query: Query, *, as_json: bool) -> None:
    from pydantic import ValidationError

    from domain.claims import Question
    from services.errors import UnknownThing

    try:
        question = Question.model_validate(asked)
    except ValidationError as error:
        place = str(error.errors()[0]["loc"][0])
        raise UnknownThing(place, str(asked.get(place))) from error
    answer = room.beliefs.belief(question, query)
    if as_json:
        print_json(answer.body)
        return
    out = console()
    reader = _reader(room, query)
    body = visible(answer.body)
    heading = f"{reader.question(cast('Json', body['question']))}{_cut_words(query, answer.position)}"
    print_paragraph(out, heading, style="bold")
    for paragraph in explained.page(body, reader):
        print_paragraph(out, paragraph.text, paragraph.indent, paragraph.style)
    if body["agreement"] == "unreported":
        others = _other_subjects(room, question.location, question.aspect, query)
        if others:
            print_paragraph(out, f"There is something on {words.listed(others)}; name it with --subject.")


def _other_subjects(room: Newsroom, location: str, aspect: str, query: Query) -> list[str]:
    asked = [cast("Json", row["question"]) for row in room.beliefs.picture(location, query).body]
    return [str(visible(one["subject"])) for one in asked if one["aspect"] == aspect and "subject" in one]


def _cut_words(query: Query, position: int) -> str:
    """Return what the answer was cut by, as far as it was asked for."""
    told = [
        f" at {query.valid_at}" if query.valid_at else "",
        f" without {', '.join(query.without)}" if query.without else "",
    ]
    judged = f", by {query.policy}" if query.policy not in (None, "desk/1") else ""
    asked = f", in {query.projection}" if query.projection is not None else ""
    return f"{''.join(told)}{judged}{asked}, as known at position {position}"


def source_of(answer: Answer[T]) -> Json:
    """Return what a list in JSON tells of where it comes from."""
    told: Json = {"position": answer.position}
    return told if answer.projection is None else {**told, "projection": answer.projection}


def _reader(room: Newsroom, query: Query) -> explained.Reader:
    from services.cuts import Query
    from services.errors import UnknownThing

    known = Query(as_of=query.as_of, at_least=query.at_least)

    def found(look_up: Callable[[], Json]) -> Json | None:
        with suppress(UnknownThing):
            return visible(look_up())
        return None

    return explained.Reader(
        lambda slug: found(lambda: room.sources.source(slug, known).body),
        lambda slug: found(lambda: room.places.location(slug, known).body),
        lambda name: found(lambda: room.claims.claim(name, known).body),
    )


def full_question(row: Json) -> str:
    """Return a row's question with its place."""
    asked = cast("Json", row["question"])
    return f"{asked['location']}: {words.question(asked)}"


def outcome_words(outcome: Json) -> str:
    """Return an outcome in as few words as will do for a cell of a table."""
    told = words.believed(outcome)
    agreement = str(outcome["agreement"])
    if told == "-":
        return agreement
    return f"{agreement}: {told}" if agreement == "contested" else f"{told} {outcome['strength'] or ''}".strip()
