"""What is recorded is answered with its position; what was recorded before, with its first position and 200."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic_core import to_json

from api.conditional import expected_position
from api.forms import Form
from api.parameters import CallKey
from api.refused import CallKeyReused
from domain.commands import Command
from domain.events import ClaimCorrected, ClaimRecorded, Event, texts_of
from domain.refusals import KeyReused, Refusal
from domain.times import show
from services.access.callers import Caller
from services.bootstrap import Newsroom
from services.ledger import Receipt, Submission
from services.shown import Json, claim_json, entry_json

C = TypeVar("C", bound=Command)
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Revise only what was last changed at this position: the `ETag` of its answer. Else 412.",
        max_length=100,
        json_schema_extra={"pattern": r'^"[0-9]{1,18}(\.[0-9a-f]{16})?"$'},
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="`*`: only if there is no such thing yet. Else 412.",
        max_length=100,
        json_schema_extra={"pattern": r"^\*$"},
    ),
]


@dataclass(frozen=True, slots=True)
class Call:
    """How a caller names a call, what it last saw of the thing that it would change, what it sent if not all, who it is
    and whether it may know who protected sources are."""

    key: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    fingerprint: bytes | None = None
    by: str | None = None
    identifies: bool = False

    def submission(self, command: Command) -> Submission:
        """Return the command as the ledger takes it in; raises PreconditionFailed."""
        expected = expected_position(self.if_match, self.if_none_match)
        key = f"http:{self.key}" if self.key else None
        return Submission(command, key, self.fingerprint, expected, self.by, self.identifies)


def recorder_of(request: Request) -> str:
    """Return the name that is kept with what the request records."""
    caller: Caller = request.state.caller
    return caller.by


async def _call(request: Request, key: CallKey = None) -> Call:
    return Call(key, by=recorder_of(request))


async def _guarded(
    request: Request, key: CallKey = None, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
) -> Call:
    caller: Caller = request.state.caller
    return Call(key, if_match, if_none_match, by=caller.by, identifies="identify" in caller.rights)


Named = Annotated[Call, Depends(_call)]
Guarded = Annotated[Call, Depends(_guarded)]


def record(newsroom: Newsroom, form: Form[C], command: C, call: Call, address: str | None = None) -> Response:
    """Record a command and answer with its receipt; `address` is where what it made can be asked for.

    Raises what `Ledger.record` does, with problems that point into what was sent.
    """
    try:
        receipt = newsroom.ledger.submit(call.submission(command)).result()
    except Refusal as refusal:
        raise told_to_the_caller(refusal, form, command, call) from None
    return receipt_answer(receipt, address)


def told_to_the_caller(refusal: Refusal, form: Form[C], command: C, call: Call) -> Exception:
    """Return the refusal as it concerns what was sent: the body, the address or the name of the call."""
    if isinstance(refusal, KeyReused) and refusal.key == call.key and call.key != command.key:
        return CallKeyReused(refusal.key, refusal.position)
    return form.as_addressed(refusal)


def receipt_answer(receipt: Receipt, address: str | None = None) -> Response:
    """Return 201 for what was recorded now, 200 for what was so before."""
    headers = {"Ledger-Position": str(receipt.position), "Cache-Control": "no-store"}
    if address is not None:
        headers["Location"] = address
    content = to_json(receipt_json(receipt))
    return Response(content, 200 if receipt.replayed else 201, headers, "application/json")


def receipt_json(receipt: Receipt) -> Json:
    """Return position, instant, who recorded it and what was recorded, named as in the event."""
    body: Json = {
        "position": receipt.position,
        "recorded": show(receipt.recorded),
        "recorded_by": receipt.by,
        "replayed": receipt.replayed,
    }
    return {**body, **_shown(receipt.events[-1].event)} if receipt.events else body


def _shown(event: Event) -> Json:
    texts = {text.sha256: text.body for text in texts_of(event)}
    body = entry_json(event)
    if isinstance(event, ClaimRecorded):
        body["claim"] = claim_json(event.claim, texts)
    if isinstance(event, ClaimCorrected):
        body["replacement"] = claim_json(event.replacement, texts)
    return body
