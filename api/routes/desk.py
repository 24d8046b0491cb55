"""What a desk decides by itself: aspects, documents, assessments, and texts that have to go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import listed, one, registered
from api.forms import DocumentBody, Form, JsonBody
from api.operations import RECORDING, asks, records
from api.parameters import RecordedCut, Room, Sha256Path, SlugPath
from api.recording import Guarded, Named, record
from api.routed import AdmittedRoute
from domain.commands import ArchiveDocument, EraseText, MakeAssessment, RegisterAspect

router = APIRouter(prefix="/v1", route_class=AdmittedRoute)
ASPECT = Form(RegisterAspect, {"name": "aspect"})
ASSESSMENT = Form(MakeAssessment)
DOCUMENT = Form(ArchiveDocument)
ERASURE = Form(EraseText, {"sha256": "sha256"})


@router.put(
    "/aspects/{aspect}",
    **records("register_aspect", "Register or revise an aspect", "RegisterAspect", fails=(412, *RECORDING)),
)
def register_aspect(room: Room, aspect: SlugPath, body: JsonBody, call: Guarded) -> Response:
    """Enter a kind of question with its rules: a vote count, an outbreak, a strike ballot. No code is needed."""
    return record(room, ASPECT, ASPECT.read(body, name=aspect), call, f"/v1/aspects/{aspect}")


@router.get("/aspects", **asks("list_aspects", "All aspects", "AspectList"))
def list_aspects(request: Request, room: Room, cut: RecordedCut) -> Response:
    """The aspects by name, those that ship built in among them."""
    return listed(request, "aspects", room.places.aspects(cut))


@router.get("/aspects/{aspect}", **asks("get_aspect", "One aspect", "AspectShown"))
def get_aspect(request: Request, room: Room, aspect: SlugPath, cut: RecordedCut) -> Response:
    """The aspect with its rules. Its `ETag` guards a revision."""
    return registered(request, room.places.aspect(aspect, cut))


@router.post("/assessments", **records("make_assessment", "Give an editor's verdict on a question", "MakeAssessment"))
def make_assessment(room: Room, body: JsonBody, call: Named) -> Response:
    """A verdict with its rationale and evidence. It is shown beside what the rules say, never instead."""
    return record(room, ASSESSMENT, ASSESSMENT.read(body), call)


@router.post("/documents", **records("archive_document", "Archive a document", "ArchiveDocument"))
def archive_document(room: Room, body: DocumentBody, call: Named) -> Response:
    """Keep a text, or only its hash. Quotes of a text that is held are checked against it."""
    command = DOCUMENT.read(body)
    return record(room, DOCUMENT, command, call, f"/v1/documents/{command.sha256}")


@router.get("/documents/{sha256}", **asks("get_document", "One document", "DocumentShown"))
def get_document(request: Request, room: Room, sha256: Sha256Path, cut: RecordedCut) -> Response:
    """What is known of a document, whether its text is held, and why not if it had to go."""
    return one(request, room.texts.document(sha256, cut))


@router.get("/documents/{sha256}/text", **asks("get_passage", "A part of an archived text", "Passage"))
def get_passage(  # noqa: PLR0913 (each is one part of the call)
    request: Request,
    room: Room,
    sha256: Sha256Path,
    cut: RecordedCut,
    start: Annotated[int, Query(description="The first code point.", ge=0, lt=2**31)] = 0,
    end: Annotated[int | None, Query(description="Behind the last one; else the text's end.", ge=0, lt=2**31)] = None,
) -> Response:
    """The code points from `start` to `end`, as `quote` counts them; 100,000 at most. What is not held is not there."""
    return one(request, room.texts.passage(sha256, start, end, cut))


@router.post("/texts/{sha256}/erasure", **records("erase_text", "Remove a text that has to go", "EraseText"))
def erase_text(room: Room, sha256: Sha256Path, body: JsonBody, call: Named) -> Response:
    """Remove the words that the law or an embargo forces out. Whatever refers to them keeps their hash."""
    return record(room, ERASURE, ERASURE.read(body, sha256=sha256), call)
