"""Beliefs across places are one list, for a table or for a map, and every policy that judges them is named."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import accepted, compared_page, courses_page, features, paged, plain
from api.cursors import text_place
from api.operations import ASKING, asks, content
from api.parameters import (
    PAGE,
    After,
    AtLeast,
    Axis,
    FullCut,
    KnownAt,
    Limit,
    OneSlug,
    PolicyName,
    ProjectionName,
    Room,
    Tz,
    ValidAt,
    Without,
)
from api.patterns import SLUG
from api.refused import AskedOtherwise, NotAcceptable
from api.routed import AdmittedRoute
from domain.policies import DEFAULT, policies
from domain.values import Agreement, Strength
from services.across import Box, Wanted
from services.comparison import Compared, Side
from services.courses import Followed
from services.cuts import Query as Cut
from services.errors import Wrong

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
COURSES = 2_000
COURSES_MOST = 10_000
"""Places of one answer: some 4 MB at five intervals each."""
FORMS = ("application/json", "application/geo+json")
ACROSS = content(
    asks("list_beliefs", "Beliefs across places", "BeliefPage", fails=(*ASKING, 406)),
    200,
    FORMS[1],
    "FeatureCollection",
)


@router.get("/beliefs", **ACROSS)
def list_beliefs(
    request: Request,
    room: Room,
    cut: FullCut,
    agreement: Agreement | None = None,
    strength: Strength | None = None,
    aspect: OneSlug = None,
    bbox: Annotated[
        str | None,
        Query(description="west,south,east,north in degrees (RFC 7946, section 5).", max_length=100),
    ] = None,
    story: OneSlug = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """What is believed of all questions that fit, as a list or (`Accept: application/geo+json`) as a map."""
    form = accepted(request, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    wanted = Wanted(agreement, strength, aspect, box_of(bbox), story)
    found = room.across.beliefs(wanted, text_place(after) or "", limit, cut)
    return features(request, found) if form == FORMS[1] else paged(request, "beliefs", found, vary="Accept")


@router.get(
    "/beliefs/history",
    **asks("list_belief_histories", "How belief went at many places, on either time axis", "BeliefHistories"),
)
def list_belief_histories(
    request: Request,
    room: Room,
    cut: FullCut,
    axis: Axis = "recorded",
    aspect: Annotated[str, Query(description="What is asked of each place.", pattern=SLUG, max_length=100)] = "control",
    subject: Annotated[OneSlug, Query(description="Only questions with this subject.")] = None,
    bbox: Annotated[
        str | None,
        Query(description="west,south,east,north in degrees (RFC 7946, section 5).", max_length=100),
    ] = None,
    story: OneSlug = None,
    after: After = None,
    limit: Annotated[int, Query(description="How many places, at most.", ge=1, le=COURSES_MOST)] = COURSES,
) -> Response:
    """Everything that a map needs to go through time without asking again, in columns: places, questions, distinct
    outcomes, the moments at which something changes, and intervals, which name all of these by number.

    With `axis=valid`: what is believed of each stretch of time, as known at the cut. With `axis=recorded`: how belief
    on the one instant `valid_at` changed as the ledger grew. `from` is where an interval begins, `to` (exclusive) where
    it ends; null is without bound. In gaps nothing was reported. Sides of what is contested are claimed and not
    believed. Pictures have this, and no other policy has: name a what-if by `projection`.
    """
    followed = Followed(aspect, axis, subject, box_of(bbox), story)
    return courses_page(request, room.courses.across(followed, text_place(after) or "", limit, cut))


def box_of(given: str | None) -> Box | None:
    """Return west, south, east, north; a box may cross the antimeridian. Raises AskedOtherwise."""
    if given is None:
        return None
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        raise _no_box(given) from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _no_box(given)
    return west, south, east, north


def _no_box(given: str) -> AskedOtherwise:
    return AskedOtherwise(Wrong("bbox", f"{given!r} is not a box", "west,south,east,north in degrees, south first"))


@router.get(
    "/compare", **asks("compare_pictures", "Questions on which two policies or projections differ", "Comparison")
)
def compare_pictures(
    request: Request,
    room: Room,
    as_of: KnownAt,
    policy: Annotated[
        list[PolicyName] | None, Query(description="A policy to compare; may be repeated.", max_length=2)
    ] = None,
    projection: Annotated[
        list[ProjectionName] | None,
        Query(
            description="A projection to compare, such as `picture` (the one in use) or a what-if; may be repeated.",
            max_length=2,
        ),
    ] = None,
    valid_at: ValidAt = None,
    tz: Tz = None,
    without: Without = None,
    aspect: OneSlug = None,
    story: OneSlug = None,
    after: After = None,
    limit: Limit = PAGE,
    at_least: AtLeast = None,
) -> Response:
    """Two policies, two projections, or a policy (the first) and a projection: what comes out differently of the same
    facts, why, and how often what meets what.

    Both are taken at one position, the last that either has if `as_of` names none; a what-if that was made up to a
    position is taken there. Where a picture stands for both, the first page counts all questions (`whole`). Else
    questions are judged one by one: each page counts those that it looked at, and may list fewer differences than
    there is room for.
    """
    first, second = two_sides(policy or [], projection or [])
    cut = Cut(as_of=as_of, valid_at=valid_at, tz=tz, without=tuple(without or ()), at_least=at_least or 0)
    compared = Compared(aspect, story, text_place(after) or "", limit)
    return compared_page(request, room.comparison.compare(first, second, compared, cut))


def two_sides(names: list[str], projections: list[str]) -> tuple[Side, Side]:
    """Return what is compared, policies first. Raises AskedOtherwise if these are not two."""
    sides = [*(Side(policy=name) for name in names), *(Side(projection=name) for name in projections)]
    if len(sides) != 2:
        said = f"{len(sides)} policies and projections are named"
        raise AskedOtherwise(Wrong("policy", said, "two, by `policy` and `projection` together"))
    return sides[0], sides[1]


@router.get("/policies", **asks("list_policies", "The policies", "PolicyList", fails=(422,)))
def list_policies(request: Request) -> Response:
    """How beliefs can be judged; `policy=` names one on any question, and costs nothing but the answer."""
    known = [{"name": policy.name, "summary": policy.summary} for _, policy in sorted(policies().items())]
    return plain(request, {"default": DEFAULT, "policies": known})
