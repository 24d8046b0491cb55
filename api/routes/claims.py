"""Claims come in one by one, end in three ways, and are found again with all that became of them."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import one, paged, told_once
from api.conditional import varying
from api.cursors import number_place, text_place
from api.drafts import ClaimDraft
from api.forms import DocumentBody, Form, JsonBody, json_body, model_of
from api.linked import AskedClaimForm, accepts_linked, as_linked, linked
from api.operations import asks, records, tries
from api.parameters import (
    PAGE,
    PLAIN,
    After,
    CallKey,
    ClaimPath,
    FullCut,
    Limit,
    OneSlug,
    Order,
    RecordedCut,
    Room,
    room_of,
)
from api.recording import Call, Named, receipt_answer, record, recorder_of, told_to_the_caller
from api.routed import AdmittedRoute
from api.sheets import base_of
from domain.commands import AssertRelation, CorrectClaim, RecordClaim, VoidClaim, WithdrawClaim
from domain.events import ClaimRecorded
from domain.refusals import Refusal
from services.claims import Search

router = APIRouter(prefix="/v1/claims", route_class=AdmittedRoute)
CLAIM = Form(RecordClaim)
CORRECTION = Form(CorrectClaim, {"claim": "claim"})
WITHDRAWAL = Form(WithdrawClaim, {"claim": "claim"})
VOIDING = Form(VoidClaim, {"claim": "claim"})
RELATION = Form(AssertRelation, {"claim": "claim"}, inside="relation")


@router.post("", **records("record_claim", "Record one claim", "RecordClaim"))
async def record_claim(request: Request, key: CallKey = None) -> Response:
    """Write down one statement by one speaker. Without `id` the service gives one.

    The same `key` in the body, or the same `Idempotency-Key`, is the same claim: it is recorded once, and answered with
    its first result.
    """
    # Asked for here and not as dependencies, which would cost a quarter of the whole call to solve.
    room, call = room_of(request), Call(key, by=recorder_of(request))
    command = CLAIM.read(await json_body(request))
    try:
        # Awaited, not waited for: while the writer commits, this thread takes in other claims.
        receipt = await asyncio.wrap_future(room.ledger.submit(call.submission(command)))
    except Refusal as refusal:
        raise told_to_the_caller(refusal, CLAIM, command, call) from None
    made = receipt.events[0].event if receipt.events else None
    return receipt_answer(receipt, f"/v1/claims/{made.claim.id}" if isinstance(made, ClaimRecorded) else None)


@router.post("/preview", **tries("preview_claim", "Try a claim without recording it", "Preview", "ClaimDraft"))
def preview_claim(room: Room, body: DocumentBody) -> Response:
    """What recording this claim would do: the body, the checks and the problems are those of `POST /v1/claims`.

    Told are the claim as it would be recorded, how its time is read, whether it is there already, and what would be
    believed of each question that it bears on, at the claim's own time and now. Nothing is recorded. Where the quoted
    document is not archived yet, its `text` can be sent along, and the quote is checked against that.
    """
    draft = model_of(ClaimDraft, body)
    return told_once(room.previews.preview(draft.claim(), draft.text))


@router.post(
    "/{claim}/correction", **records("correct_claim", "Correct a claim that the desk got wrong", "CorrectClaim")
)
def correct_claim(room: Room, claim: ClaimPath, body: JsonBody, call: Named) -> Response:
    """The desk erred: the replacement is what was said. The old claim stays readable and stops counting."""
    return record(room, CORRECTION, CORRECTION.read(body, claim=claim), call)


@router.post(
    "/{claim}/withdrawal", **records("withdraw_claim", "Note that a source took its words back", "WithdrawClaim")
)
def withdraw_claim(room: Room, claim: ClaimPath, body: JsonBody, call: Named) -> Response:
    """The source took its words back; what it said before counts again. `source` says who did, where that is known."""
    return record(room, WITHDRAWAL, WITHDRAWAL.read(body, claim=claim), call)


@router.post("/{claim}/void", **records("void_claim", "Note that the words were never the source's", "VoidClaim"))
def void_claim(room: Room, claim: ClaimPath, body: JsonBody, call: Named) -> Response:
    """The words were fabricated, or spoken by an impostor."""
    return record(room, VOIDING, VOIDING.read(body, claim=claim), call)


@router.post("/{claim}/relations", **records("relate_claim", "Say how a claim stands to another one", "Relation"))
def relate_claim(room: Room, claim: ClaimPath, body: JsonBody, call: Named) -> Response:
    """Assert a relation of a recorded claim, which the desk saw only later; the other one may not be recorded yet."""
    return record(room, RELATION, RELATION.read(body, claim=claim), call)


@router.get("/{claim}", **as_linked(asks("get_claim", "One claim with all that became of it", "ClaimShown")))
def get_claim(
    request: Request, room: Room, claim: ClaimPath, cut: RecordedCut, form: AskedClaimForm = None
) -> Response:
    """The claim as it was recorded, whether it stands, what ended it, how its times are read, and who names it."""
    answer = room.claims.claim(claim, cut)
    if form is not None or accepts_linked(request):
        return linked(request, answer, room.linked.claim(answer, form or "schema", base_of(request)))
    return varying(one(request, answer), "Accept")


@router.get("/{claim}/changes", **asks("get_claim_changes", "Which beliefs a claim moved", "ClaimMovedPage"))
def get_claim_changes(  # noqa: PLR0913 (each is one part of the call)
    request: Request, room: Room, claim: ClaimPath, cut: FullCut, after: After = None, limit: Limit = PAGE
) -> Response:
    """What was believed before and after each event of the claim, for the instants in [from, to): when it was recorded,
    related, corrected, withdrawn or voided. `valid_at` keeps to what meets that time, and `limit` counts the questions
    that are looked at."""
    return paged(request, "changes", room.claim_changes.of(claim, cut, text_place(after) or "", limit))


@router.get("", **asks("search_claims", "Search claims", "ClaimPage"))
def search_claims(
    request: Request,
    room: Room,
    cut: RecordedCut,
    location: OneSlug = None,
    aspect: OneSlug = None,
    subject: OneSlug = None,
    source: OneSlug = None,
    story: OneSlug = None,
    tag: Annotated[str | None, Query(max_length=500, pattern=PLAIN)] = None,
    q: Annotated[str | None, Query(description="Words that it must have.", max_length=500, pattern=PLAIN)] = None,
    after: After = None,
    order: Annotated[Order, Query(description="Which come first: the oldest or the newest records.")] = "oldest",
    limit: Limit = PAGE,
) -> Response:
    """Claims that fit every filter, in the order in which they were recorded, or the newest first."""
    search = Search(location, aspect, subject, source, story, tag, q, newest=order == "newest")
    return paged(request, "claims", room.claims.search(search, number_place(after) or 0, limit, cut))
