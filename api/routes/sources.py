"""Sources, their ties, leans and ratings are registered, revised and ended; what each said is read from here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Request, Response
from fastapi import Query as Parameter
from pydantic import JsonValue

from api.access import Asker
from api.answers import one, paged, registered, told_once
from api.cursors import text_place
from api.forms import Form, JsonBody
from api.operations import RECORDING, asks, records
from api.parameters import PAGE, After, Called, FullCut, Limit, RecordedCut, Room, SlugPath, Tz
from api.patterns import EDGE, PLAIN
from api.recording import Guarded, Named, record
from api.refused import NotThere
from api.routed import AdmittedRoute
from domain.commands import AssertAffiliation, DeclareLean, EndAffiliation, EndLean, RateSource, RegisterSource
from services.bootstrap import Newsroom
from services.cuts import Query
from services.shown import Json

router = APIRouter(prefix="/v1/sources", route_class=AdmittedRoute)
SOURCE = Form(RegisterSource, {"slug": "source"})
TIE = Form(AssertAffiliation, {"from": "source"})
TIE_END = Form(EndAffiliation, {"affiliation": "affiliation", "at": "at", "tz": "tz"})
LEAN = Form(DeclareLean, {"source": "source"})
LEAN_END = Form(EndLean, {"source": "source", "towards": "towards"})
RATING = Form(RateSource, {"source": "source"})


@router.put(
    "/{source}", **records("register_source", "Register or revise a source", "RegisterSource", fails=(412, *RECORDING))
)
def register_source(room: Room, source: SlugPath, body: JsonBody, call: Guarded) -> Response:
    """Enter a source, or revise what is known of it; what was known before stays readable at earlier positions."""
    return record(room, SOURCE, SOURCE.read(body, slug=source), call, f"/v1/sources/{source}")


@router.post("/{source}/affiliations", **records("tie_source", "Tie a source to another one", "AssertAffiliation"))
def tie_source(room: Room, source: SlugPath, body: JsonBody, call: Named) -> Response:
    """Hold that this source is a member of, run by, owned by, allied with or opposed to another, or speaks for it."""
    return record(room, TIE, TIE.read(body, **{"from": source}), call)


@router.delete("/{source}/affiliations/{affiliation:path}", **records("end_tie", "Record the end of a tie", None))
def end_tie(
    room: Room,
    source: SlugPath,
    affiliation: Annotated[str, Path(pattern=EDGE, max_length=300, description="The id of the tie.")],
    call: Named,
    at: Annotated[
        str | None,
        Parameter(
            description="It held until then (EDTF); without it, it never did.",
            min_length=1,
            max_length=100,
            pattern=PLAIN,
        ),
    ] = None,
    tz: Tz = None,
) -> Response:
    """Record that a tie ended. Nothing is removed: at earlier positions it still holds."""
    refuse_ties_of_others(room, source, affiliation)
    end: JsonValue = None if at is None else {"edtf": at}
    return record(room, TIE_END, TIE_END.made({"affiliation": affiliation, "at": end, "tz": tz or "UTC"}), call)


@router.post("/{source}/leans", **records("declare_lean", "Declare that a source leans towards a party", "DeclareLean"))
def declare_lean(room: Room, source: SlugPath, body: JsonBody, call: Named) -> Response:
    """A lean only demotes: what the source says for that party counts as said in its own interest."""
    return record(room, LEAN, LEAN.read(body, source=source), call)


@router.delete("/{source}/leans/{towards}", **records("end_lean", "Record the end of a lean", None))
def end_lean(room: Room, source: SlugPath, towards: SlugPath, call: Named) -> Response:
    """No longer hold that the source leans towards the party."""
    return record(room, LEAN_END, LEAN_END.made({"source": source, "towards": towards}), call)


@router.post("/{source}/ratings", **records("rate_source", "Grade a source on a scale", "RateSource"))
def rate_source(room: Room, source: SlugPath, body: JsonBody, call: Named) -> Response:
    """A grade is shown with the source; no rule of belief counts it."""
    return record(room, RATING, RATING.read(body, source=source), call)


def refuse_ties_of_others(room: Newsroom, source: str, affiliation: str) -> None:
    """Do nothing if the tie begins at the source; raises UnknownThing for the source, NotThere for the tie."""
    now = Query(at_least=room.feed.head())
    ties = cast("list[Json]", room.sources.source(source, now).body["affiliations"])
    if not any(tie["id"] == affiliation and tie["from"] == source for tie in ties):
        raise NotThere("affiliation", f"{source!r} has no tie {affiliation!r}")


@router.get("", **asks("list_sources", "All sources", "SourcePage"))
def list_sources(
    request: Request, room: Room, cut: RecordedCut, q: Called = None, after: After = None, limit: Limit = PAGE
) -> Response:
    """The registered sources by slug."""
    return paged(request, "sources", room.sources.sources(text_place(after) or "", limit, cut, q))


@router.get("/{source}", **asks("get_source", "One source", "SourceShown"))
def get_source(request: Request, room: Room, source: SlugPath, cut: RecordedCut) -> Response:
    """The source with its ties, leans and ratings. Its `ETag` guards a revision."""
    return registered(request, room.sources.source(source, cut))


@router.get("/{source}/identity", **asks("get_identity", "Who a protected source is", "IdentityShown"))
def get_identity(room: Room, source: SlugPath, cut: RecordedCut, asker: Asker) -> Response:
    """Its name and note, for those who may know; the log says who was told. Null: they are not held here, or erased."""
    return told_once(room.identities.identity(source, cut, asker.by))


@router.get("/{source}/stances", **asks("get_stances", "What a source says now, and said before", "Stances"))
def get_stances(request: Request, room: Room, source: SlugPath, cut: FullCut) -> Response:
    """Its last word on every question that it spoke on, its earlier words, reversals, withdrawals and corrections."""
    return one(request, room.sources.stances(source, cut))


@router.get("/{source}/record", **asks("get_track_record", "A source's track record", "TrackRecord"))
def get_track_record(request: Request, room: Room, source: SlugPath, cut: FullCut) -> Response:
    """How its outright claims fared once their questions were conceded or established, by its interest in them."""
    return one(request, room.sources.record(source, cut))
