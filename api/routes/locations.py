"""A place is registered and linked to others, and is asked what can be believed of it, why, and since when."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import listed, one, paged, registered
from api.conditional import varying
from api.cursors import text_place
from api.forms import Form, JsonBody
from api.linked import AskedBeliefForm, accepts_linked, as_linked, linked
from api.memento import address
from api.operations import RECORDING, asks, records
from api.parameters import PAGE, After, Axis, Called, FullCut, Limit, RecordedCut, Room, SlugPath
from api.recording import Guarded, Named, record
from api.routed import AdmittedRoute
from api.sheets import base_of
from domain.claims import Question
from domain.commands import EndLocationLink, LinkLocations, RegisterLocation
from domain.entries import LocationTie
from services.bootstrap import Newsroom
from services.cuts import Query as Cut
from services.linked import BeliefForm

router = APIRouter(prefix="/v1/locations", route_class=AdmittedRoute)
LOCATION = Form(RegisterLocation, {"slug": "location"})
LINK = Form(LinkLocations, {"from": "location"})
LINK_END = Form(EndLocationLink, {"from": "location", "relation": "relation", "to": "to"})
LISTS = {"recorded": "changes", "valid": "stretches"}


@router.put(
    "/{location}",
    **records("register_location", "Register or revise a place", "RegisterLocation", fails=(412, *RECORDING)),
)
def register_location(room: Room, location: SlugPath, body: JsonBody, call: Guarded) -> Response:
    """Enter a place, or revise its names, geometry and precision."""
    return record(room, LOCATION, LOCATION.read(body, slug=location), call, f"/v1/locations/{location}")


@router.post("/{location}/links", **records("link_location", "Link a place to another one", "LinkLocations"))
def link_location(room: Room, location: SlugPath, body: JsonBody, call: Named) -> Response:
    """Hold that this place is part of, in the vicinity of or adjacent to another. A circle of parts is refused."""
    return record(room, LINK, LINK.read(body, **{"from": location}), call)


@router.delete("/{location}/links/{relation}/{to}", **records("end_link", "Record the end of a link", None))
def end_link(room: Room, location: SlugPath, relation: LocationTie, to: SlugPath, call: Named) -> Response:
    """No longer hold that the places are so linked. Nothing is removed: at earlier positions the link still holds."""
    return record(room, LINK_END, LINK_END.made({"from": location, "relation": relation, "to": to}), call)


@router.get("", **asks("list_locations", "All places", "LocationPage"))
def list_locations(
    request: Request, room: Room, cut: RecordedCut, q: Called = None, after: After = None, limit: Limit = PAGE
) -> Response:
    """The registered places by slug."""
    return paged(request, "locations", room.places.locations(text_place(after) or "", limit, cut, q))


@router.get("/{location}", **asks("get_location", "One place", "LocationShown"))
def get_location(request: Request, room: Room, location: SlugPath, cut: RecordedCut) -> Response:
    """The place with its names, its geometry and its links both ways. Its `ETag` guards a revision."""
    return registered(request, room.places.location(location, cut))


@router.get("/{location}/beliefs", **asks("get_picture", "The picture of a place", "Picture"))
def get_picture(request: Request, room: Room, location: SlugPath, cut: FullCut) -> Response:
    """What is believed of every question that anything bears on, in short."""
    return listed(request, "beliefs", room.beliefs.picture(location, cut))


def _belief(request: Request, room: Newsroom, question: Question, cut: Cut, form: BeliefForm | None) -> Response:
    answer = room.beliefs.belief(question, cut)
    if form is None and not accepts_linked(request):
        return varying(one(request, answer), "Accept")
    again = address(request, str(answer.position), left_out=("form",))
    return linked(request, answer, room.linked.belief(answer, form or "schema", again, base_of(request)))


@router.get(
    "/{location}/beliefs/{aspect}", **as_linked(asks("get_belief", "One belief with its explanation", "BeliefShown"))
)
def get_belief(
    request: Request, room: Room, location: SlugPath, aspect: SlugPath, cut: FullCut, form: AskedBeliefForm = None
) -> Response:
    """Value, agreement and strength; the rule and the claims behind them, who is independent of whom, what would
    change it, and what last did."""
    return _belief(request, room, Question(location=location, aspect=aspect), cut, form)


@router.get(
    "/{location}/beliefs/{aspect}/history",
    **asks("get_history", "How a belief changed, on either time axis", "History"),
)
def get_history(
    request: Request, room: Room, location: SlugPath, aspect: SlugPath, cut: FullCut, axis: Axis = "recorded"
) -> Response:
    """Each change with its cause (`changes`), or what is believed of each stretch of time (`stretches`)."""
    question = Question(location=location, aspect=aspect)
    return listed(request, LISTS[axis], room.beliefs.history(question, cut, axis))


@router.get(
    "/{location}/beliefs/{aspect}/words",
    **asks("get_words", "All that was said on a question", "WordsOnQuestion"),
)
def get_words(request: Request, room: Room, location: SlugPath, aspect: SlugPath, cut: FullCut) -> Response:
    """Every claim that bears on the question, whatever became of it: of which time it speaks, in whose interest, and
    who is one voice with whom. Of more than 2,000, every source's newest, and its last by the valid time."""
    return one(request, room.spoken.words(Question(location=location, aspect=aspect), cut))


@router.get(
    "/{location}/beliefs/{aspect}/{subject}",
    **as_linked(asks("get_belief_on_subject", "One belief on a question with a subject", "BeliefShown")),
)
def get_belief_on_subject(
    request: Request,
    room: Room,
    location: SlugPath,
    aspect: SlugPath,
    subject: SlugPath,
    cut: FullCut,
    form: AskedBeliefForm = None,
) -> Response:
    """As without a subject; the subject keeps apart what must not be mixed, such as the strikes of two air forces."""
    return _belief(request, room, Question(location=location, aspect=aspect, subject=subject), cut, form)


@router.get(
    "/{location}/beliefs/{aspect}/{subject}/history",
    **asks("get_history_on_subject", "How a belief on a question with a subject changed", "History"),
)
def get_history_on_subject(
    request: Request,
    room: Room,
    location: SlugPath,
    aspect: SlugPath,
    subject: SlugPath,
    cut: FullCut,
    axis: Axis = "recorded",
) -> Response:
    """Each change with its cause, or what is believed of each stretch of time."""
    question = Question(location=location, aspect=aspect, subject=subject)
    return listed(request, LISTS[axis], room.beliefs.history(question, cut, axis))


@router.get(
    "/{location}/beliefs/{aspect}/{subject}/words",
    **asks("get_words_on_subject", "All that was said on a question with a subject", "WordsOnQuestion"),
)
def get_words_on_subject(
    request: Request, room: Room, location: SlugPath, aspect: SlugPath, subject: SlugPath, cut: FullCut
) -> Response:
    """Every claim that bears on the question, whatever became of it; as without a subject."""
    return one(request, room.spoken.words(Question(location=location, aspect=aspect, subject=subject), cut))
