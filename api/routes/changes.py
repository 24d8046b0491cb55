"""How the picture of a story, a place or a source came about, and what is different between two cuts of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import listed, one
from api.conditional import varying
from api.operations import asks
from api.parameters import FullCut, Room, SlugPath
from api.patterns import PLAIN, SLUG
from api.routed import AdmittedRoute
from api.sheets import FORMS, as_sheets, base_of, form_of, written
from domain.values import Agreement, Strength
from services.bootstrap import Newsroom
from services.cuts import Query as Cut
from services.scopes import About
from services.timelines import Changes

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
Named = Annotated[str, Query(pattern=SLUG, max_length=100)] | None
CutName = Annotated[str, Query(min_length=1, max_length=60, pattern=PLAIN)]
Begin = Annotated[CutName, Query(alias="from", description="A position, an instant of recording, or `edition/N`.")]
End = Annotated[
    CutName | None, Query(alias="to", description="The later cut, in the same forms; without it, the present.")
]


async def _changes(
    within: Annotated[Named, Query(alias="location", description="Only at this place and its parts.")] = None,
    aspect: Annotated[Named, Query(description="Only of this aspect.")] = None,
    spoken_by: Annotated[Named, Query(alias="source", description="Only what this source brought about.")] = None,
    agreement: Annotated[
        Agreement | None, Query(description="Only where a belief came to this agreement, or left it.")
    ] = None,
    strength: Annotated[
        Strength | None, Query(description="Only where a belief reached this strength, or fell below it.")
    ] = None,
    after: Annotated[CutName | None, Query(description="Only behind this position or instant of recording.")] = None,
    upto: Annotated[CutName | None, Query(description="Only up to this position or instant, inclusive.")] = None,
) -> Changes:
    return Changes(after, upto, within, aspect, spoken_by, agreement, strength)


Wanted = Annotated[Changes, Depends(_changes)]


def _timeline(request: Request, room: Newsroom, about: About, cut: Cut, wanted: Changes) -> Response:
    form = form_of(request)
    answer = room.timelines.of(about, cut, wanted)
    if form != FORMS[0]:
        return written(request, form, answer, room.sheets.timeline(about, answer, cut, wanted, base_of(request)))
    return varying(listed(request, "changes", answer), "Accept")


def _difference(request: Request, room: Newsroom, about: About, cut: Cut, ends: tuple[str, str | None]) -> Response:
    form = form_of(request)
    answer = room.differences.between(about, *ends, cut)
    if form != FORMS[0]:
        return written(request, form, answer, room.sheets.difference(about, answer, cut, base_of(request)))
    return varying(one(request, answer), "Accept")


@router.get("/stories/{story}/timeline", **as_sheets(asks("get_timeline", "How a story's picture changed", "Timeline")))
def get_timeline(request: Request, room: Room, story: SlugPath, cut: FullCut, wanted: Wanted) -> Response:
    """Every change of a belief of the story: before, after, position, time, rule and cause. As JSON, as Markdown or as
    a page to print."""
    return _timeline(request, room, About("story", story), cut, wanted)


@router.get(
    "/locations/{location}/timeline",
    **as_sheets(asks("get_timeline_of_location", "How the picture of a place changed", "Timeline")),
)
def get_timeline_of_location(
    request: Request, room: Room, location: SlugPath, cut: FullCut, wanted: Wanted
) -> Response:
    """The same of a place and its parts."""
    return _timeline(request, room, About("location", location), cut, wanted)


@router.get(
    "/sources/{source}/timeline",
    **as_sheets(asks("get_timeline_of_source", "How a source changed what it says", "SourceTimeline")),
)
def get_timeline_of_source(request: Request, room: Room, source: SlugPath, cut: FullCut, wanted: Wanted) -> Response:
    """Each change of what the source says on a question: before, after, position, time, and its words that did it."""
    return _timeline(request, room, About("source", source), cut, wanted)


@router.get("/stories/{story}/diff", **as_sheets(asks("get_difference", "What changed between two cuts", "Difference")))
def get_difference(
    request: Request, room: Room, story: SlugPath, cut: FullCut, start: Begin, end: End = None
) -> Response:
    """What appeared, changed and went, each with the events that brought it about. As JSON, as Markdown or as a page
    to print. An edition's own `valid_at` counts where none is given."""
    return _difference(request, room, About("story", story), cut, (start, end))


@router.get(
    "/locations/{location}/diff",
    **as_sheets(asks("get_difference_of_location", "What changed of a place between two cuts", "Difference")),
)
def get_difference_of_location(
    request: Request, room: Room, location: SlugPath, cut: FullCut, start: Begin, end: End = None
) -> Response:
    """The same of a place and its parts."""
    return _difference(request, room, About("location", location), cut, (start, end))


@router.get(
    "/sources/{source}/diff",
    **as_sheets(asks("get_difference_of_source", "What a source says differently at two cuts", "SourceDifference")),
)
def get_difference_of_source(
    request: Request, room: Room, source: SlugPath, cut: FullCut, start: Begin, end: End = None
) -> Response:
    """What the source says now that it did not say, or says no more, each with what it said or took back."""
    return _difference(request, room, About("source", source), cut, (start, end))
