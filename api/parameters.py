"""What may stand in a query is declared once, and whatever else stands there is refused by name."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, get_args, get_origin

from fastapi import Depends, Header, Path, Query, Request, params
from fastapi.dependencies.utils import get_flat_params

from api.memento import known_at
from api.patterns import CLAIM, PLAIN, SHA256, SLUG
from api.refused import AskedOtherwise
from domain.policies import DEFAULT
from services.bootstrap import Newsroom
from services.chosen import Chosen
from services.cuts import MAX_WITHOUT
from services.cuts import Query as Cut
from services.errors import Wrong

PAGE = 100
PAGE_MOST = 1_000

SlugPath = Annotated[str, Path(pattern=SLUG, max_length=100)]
ClaimPath = Annotated[str, Path(pattern=CLAIM, description="The claim's id, a UUID of version 7.")]
Sha256Path = Annotated[str, Path(pattern=SHA256, description="A SHA-256 in lower-case hexadecimal.")]
PositionPath = Annotated[int, Path(ge=1, lt=2**31)]

AsOf = Annotated[
    str | None,
    Query(
        description="What was known then: a position of the ledger, or an RFC 3339 instant of recording (inclusive).",
        max_length=60,
        pattern=PLAIN,
    ),
]
AcceptDatetime = Annotated[
    str | None,
    Header(
        alias="Accept-Datetime",
        description="What was known then, as an HTTP date (RFC 7089): as `as_of`, which goes before it.",
    ),
]
ValidAt = Annotated[
    str | None,
    Query(
        description="What was so then: an EDTF date or interval, or an RFC 3339 instant. States are taken at its end.",
        max_length=100,
        pattern=PLAIN,
    ),
]
Tz = Annotated[
    str | None,
    Query(
        description="The time zone that a date is read in: an offset such as +02:00, or an IANA name. Else UTC.",
        max_length=60,
        pattern=PLAIN,
    ),
]
PolicyName = Annotated[str, Query(max_length=100, pattern=PLAIN)]
JudgedBy = Annotated[
    PolicyName | None, Query(description=f"The policy that judges, else {DEFAULT}; see `/v1/policies`.")
]
ProjectionName = Annotated[str, Query(pattern=SLUG, max_length=100)]
AskedOf = Annotated[
    ProjectionName | None,
    Query(
        description="The picture that is asked, such as a what-if of `/v1/projections`. It brings its policy, whom it"
        " leaves out and the position at which it stands, so `policy` and `without` cannot be given beside it."
    ),
]
Without = Annotated[
    list[Annotated[str, Query(pattern=SLUG, max_length=100)]] | None,
    Query(description="Sources to leave out, as if they had not spoken; may be repeated.", max_length=MAX_WITHOUT),
]
Called = Annotated[
    str | None,
    Query(
        alias="q",
        description="Only what is so called: each of these words begins a word of its slug or of a name, whatever the"
        " capitals and accents.",
        max_length=200,
        pattern=PLAIN,
    ),
]
AtLeast = Annotated[
    int | None,
    Header(
        alias="Ledger-Position",
        description="A position that the answer has to include, such as that of a record just made.",
        ge=0,
        lt=2**63,
    ),
]
Axis = Annotated[
    Literal["recorded", "valid"],
    Query(description="`recorded`: as the ledger grew. `valid`: along the time that is spoken of."),
]
After = Annotated[
    str | None, Query(description="The cursor of a `Link` header: go on behind that row.", max_length=400)
]
Limit = Annotated[int, Query(description="How many rows, at most.", ge=1, le=PAGE_MOST)]
Order = Literal["oldest", "newest"]
OneSlug = Annotated[str | None, Query(pattern=SLUG, max_length=100)]
CallKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="The caller's name for this call. Sent again with the same content, it answers what it first did.",
        min_length=1,
        max_length=200,
    ),
]


def room_of(request: Request) -> Newsroom:
    """Return the newsroom that is asked."""
    return request.app.state.newsroom


async def _newsroom(request: Request) -> Newsroom:
    return room_of(request)


async def _known_at(request: Request, as_of: AsOf = None, accept_datetime: AcceptDatetime = None) -> str | None:
    return known_at(request, as_of, accept_datetime)


KnownAt = Annotated[str | None, Depends(_known_at)]
"""What was known then, by `as_of` or by the date that the caller accepts."""


async def _recorded_cut(as_of: KnownAt, at_least: AtLeast = None) -> Cut:
    return Cut(as_of=as_of, at_least=at_least or 0)


async def _cut(  # noqa: PLR0913 (each is one parameter of the query)
    as_of: KnownAt,
    valid_at: ValidAt = None,
    tz: Tz = None,
    policy: JudgedBy = None,
    without: Without = None,
    projection: AskedOf = None,
    at_least: AtLeast = None,
) -> Cut:
    return Cut(as_of, valid_at, tz, policy, tuple(without or ()), at_least or 0, projection)


RecordedAt = Annotated[
    str | None,
    Query(description="An RFC 3339 instant of recording.", max_length=60, pattern=PLAIN),
]


async def _chosen(
    story: Annotated[OneSlug, Query(description="Only claims of this story, with what became of them.")] = None,
    source: Annotated[OneSlug, Query(description="Only what this source said, as the first of the chain.")] = None,
    location: Annotated[OneSlug, Query(description="Only claims on this place and whatever is part of it.")] = None,
    valid_at: Annotated[
        ValidAt,
        Query(description="Only claims whose valid time meets this EDTF date or interval, or RFC 3339 instant."),
    ] = None,
    tz: Tz = None,
) -> Chosen:
    return Chosen(story, source, location, valid_at, tz)


async def refuse_unknown_parameters(request: Request) -> None:
    """Raise AskedOtherwise for what the called operation does not know, and for what it wants once and got twice."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = {one.alias: one for one in get_flat_params(route.dependant) if isinstance(one.field_info, params.Query)}
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = [
        Wrong(name, f"there is no parameter {name!r} here", f"one of {', '.join(sorted(known))}" if known else "none")
        for name in given
        if name not in known
    ]
    wrong += [
        Wrong(name, f"{name!r} is given {times} times", "one value")
        for name, times in given.items()
        if name in known and times > 1 and not _takes_many(known[name].field_info.annotation)
    ]
    if wrong:
        raise AskedOtherwise(*wrong)


def _takes_many(annotation: object) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


Room = Annotated[Newsroom, Depends(_newsroom)]
RecordedCut = Annotated[Cut, Depends(_recorded_cut)]
"""A cut by position alone, for what has no valid time."""
ChosenPart = Annotated[Chosen, Depends(_chosen)]
"""Which part of the ledger is meant."""
FullCut = Annotated[Cut, Depends(_cut)]
"""A cut on both axes, with a policy and sources left out."""
