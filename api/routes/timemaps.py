"""A belief, or a story's picture, lists the positions at which it changed, as archives list their mementos."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from fastapi import APIRouter, Request, Response

from api.answers import headers_of, next_of
from api.conditional import answered
from api.cursors import number_place
from api.memento import address, http_date
from api.operations import Told, asks
from api.parameters import PAGE, After, FullCut, Limit, Room, SlugPath
from api.routed import AdmittedRoute
from api.sheets import base_of
from domain.claims import Question
from services.cuts import Answer
from services.scopes import About
from services.shown import Json

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
FORM = "application/link-format"
Place = tuple[int, str]
"""A position and when it was recorded, RFC 3339."""


def _listing(name: str, summary: str) -> Told:
    told = asks(name, summary, "Timeline")
    ok = {**told["responses"][200], "content": {FORM: {"schema": {"type": "string"}}}}
    return {**told, "responses": {**told["responses"], 200: ok}}


@router.get(
    "/locations/{location}/beliefs/{aspect}/timemap", **_listing("get_timemap", "The past answers of a belief, by date")
)
def get_timemap(
    request: Request,
    room: Room,
    location: SlugPath,
    aspect: SlugPath,
    cut: FullCut,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """A link for each position at which the belief changed (RFC 7089, section 5; RFC 6690)."""
    question = Question(location=location, aspect=aspect)
    return _timemap(request, room.beliefs.history(question, cut), number_place(after) or 0, limit)


@router.get(
    "/locations/{location}/beliefs/{aspect}/{subject}/timemap",
    **_listing("get_timemap_on_subject", "The past answers of a belief on a question with a subject, by date"),
)
def get_timemap_on_subject(
    request: Request,
    room: Room,
    location: SlugPath,
    aspect: SlugPath,
    subject: SlugPath,
    cut: FullCut,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """The same of a question with a subject."""
    question = Question(location=location, aspect=aspect, subject=subject)
    return _timemap(request, room.beliefs.history(question, cut), number_place(after) or 0, limit)


@router.get(
    "/stories/{story}/beliefs/timemap",
    **_listing("get_timemap_of_story", "The past answers of a story's picture, by date"),
)
def get_timemap_of_story(
    request: Request, room: Room, story: SlugPath, cut: FullCut, after: After = None, limit: Limit = PAGE
) -> Response:
    """A link for each position at which a belief of the story changed."""
    return _timemap(request, room.timelines.of(About("story", story), cut), number_place(after) or 0, limit)


def _timemap(request: Request, answer: Answer[list[Json]], after: int, limit: int) -> Response:
    places = sorted({(cast("int", row["position"]), str(row["recorded"])) for row in answer.body})
    listed = [place for place in places if place[0] > after][:limit]
    more = next_of(request, listed[-1][0]) if listed and listed[-1] != places[-1] else {}
    body = ",\n".join(_links(request, listed, is_first=after == 0, is_last=not more)) + "\n"
    return answered(request, body.encode(), FORM, {**headers_of(answer), **more})


def _links(request: Request, places: Iterable[Place], *, is_first: bool, is_last: bool) -> Iterator[str]:
    listed = [(position, _date(recorded)) for position, recorded in places]
    original = request.url.path.removesuffix("/timemap")
    bare = base_of(request) + address(request, path=original, left_out=("after", "limit"))
    yield f'<{bare}>; rel="original timegate"'
    span = f'; from="{listed[0][1]}"; until="{listed[-1][1]}"' if listed else ""
    yield f'<{base_of(request)}{address(request)}>; rel="self"; type="{FORM}"{span}'
    for place, (position, moment) in enumerate(listed):
        ends = ["first"] * (is_first and place == 0) + ["last"] * (is_last and place == len(listed) - 1)
        memento = address(request, str(position), original, left_out=("after", "limit"))
        yield f'<{base_of(request)}{memento}>; rel="{" ".join([*ends, "memento"])}"; datetime="{moment}"'


def _date(recorded: str) -> str:
    return http_date(datetime.fromisoformat(recorded))
