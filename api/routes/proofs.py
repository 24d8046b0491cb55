"""What is in the ledger is proved to whoever need not trust it: as JSON, and as the tiles that other tools read."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from api.answers import JSON, next_of, plain
from api.conditional import FOR_EVER, UNTIL_ASKED, answered
from api.cursors import number_place
from api.operations import ASKING, Told, asks, does
from api.parameters import PAGE, After, ClaimPath, FullCut, Limit, OneSlug, PositionPath, Room, SlugPath
from api.routed import AdmittedRoute
from domain.claims import Question
from domain.proof.tree import number_in
from services.checkpoints import checkpoint_json
from services.errors import NoSigningKey, UnknownThing
from services.settings import BadSetting

router = APIRouter(route_class=AdmittedRoute)
SIZE = r"^(newest|0|[1-9][0-9]{0,17})$"
SIGNED = (*ASKING, 409)
SizePath = Annotated[str, Path(pattern=SIZE, description="Of how many events the checkpoint is, or `newest`.")]
Sized = Annotated[
    int | None,
    Query(description="The checkpoint, by how many events it is of; else the newest.", ge=0, lt=2**63),
]
TileNumber = Annotated[
    str,
    Path(
        description="Number of the tile, three digits a step: `x001/x234/067`; of one that is not full, `067.p/8`.",
        pattern=r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$",
        max_length=40,
    ),
]


def _as(told: Told, media_type: str, described: str) -> Told:
    """Return the operation with an answer that is no JSON."""
    shape = {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}
    told["responses"][200] = {"description": described, "content": {media_type: {"schema": shape}}}
    return told


@router.post(
    "/v1/checkpoints", **does("make_checkpoint", "Sign what is recorded", "CheckpointShown", fails=(409, 422, 503))
)
def make_checkpoint(request: Request, room: Room) -> Response:
    """Sign all that is recorded so far; if nothing was recorded since the last checkpoint, that one is the answer."""
    signed, _ = room.checkpoints.make()
    return plain(request, checkpoint_json(signed))


@router.get("/v1/checkpoints", **asks("list_checkpoints", "All checkpoints", "CheckpointPage", fails=(422, 503)))
def list_checkpoints(request: Request, room: Room, after: After = None, limit: Limit = PAGE) -> Response:
    """What was signed, by size, with the key to check it with. Keep some of them where we cannot reach them."""
    key = None
    with suppress(NoSigningKey, BadSetting):
        key = room.checkpoints.key()
    start = number_place(after)
    page = room.checkpoints.all(-1 if start is None else start, limit)
    headers = {"Cache-Control": UNTIL_ASKED, **next_of(request, page.next)}
    return answered(request, to_json({"key": key, "checkpoints": page.rows}), JSON, headers)


@router.get("/v1/checkpoints/{checkpoint}", **asks("get_checkpoint", "One checkpoint", "CheckpointShown"))
def get_checkpoint(request: Request, room: Room, checkpoint: SizePath) -> Response:
    """What was signed when the ledger had so many events, or last."""
    return plain(request, checkpoint_json(room.checkpoints.named(_size(checkpoint))))


@router.get(
    "/v1/checkpoints/{checkpoint}/consistency",
    **asks("prove_consistency", "That a checkpoint continues another one", "ConsistencyProof"),
)
def prove_consistency(
    request: Request,
    room: Room,
    checkpoint: SizePath,
    old: Annotated[
        int, Query(alias="from", description="The older checkpoint, by how many events it is of.", ge=0, lt=2**63)
    ],
) -> Response:
    """The path by which anybody who kept the older checkpoint sees that nothing it covers was changed."""
    return plain(request, room.proofs.consistency(old, _size(checkpoint)))


@router.get(
    "/v1/claims/{claim}/proof", **asks("prove_claim", "That a claim was recorded", "InclusionProof", fails=SIGNED)
)
def prove_claim(request: Request, room: Room, claim: ClaimPath, checkpoint: Sized = None) -> Response:
    """Every event of the claim, with the path from it to the checkpoint."""
    return plain(request, room.proofs.claim(claim, checkpoint))


@router.get(
    "/v1/events/{position}/proof", **asks("prove_event", "That an event was recorded", "InclusionProof", fails=SIGNED)
)
def prove_event(request: Request, room: Room, position: PositionPath, checkpoint: Sized = None) -> Response:
    """The event at a position, with the path from it to the checkpoint."""
    return plain(request, room.proofs.event(position, checkpoint))


@router.get(
    "/v1/locations/{location}/proofs/{aspect}",
    **asks("prove_belief", "What a belief follows from", "BeliefProof", fails=SIGNED),
)
def prove_belief(
    request: Request,
    room: Room,
    location: SlugPath,
    aspect: SlugPath,
    cut: FullCut,
    subject: OneSlug = None,
    checkpoint: Sized = None,
) -> Response:
    """The checkpoint, the position, the policy and the times that a belief follows from, and its digest.

    Without `as_of` it is the belief as of the checkpoint.
    """
    question = Question(location=location, aspect=aspect, subject=subject)
    return plain(request, room.proofs.belief(question, cut, checkpoint))


@router.get(
    "/v1/verifier",
    **_as(
        asks("get_verifier", "The program that checks", "Health", fails=(422,)), "text/x-python", "Python, one file."
    ),
)
def get_verifier(request: Request) -> Response:
    """One file that checks checkpoints, proofs and exports, and needs nothing but Python."""
    text = files("domain.proof").joinpath("verifier.py").read_bytes()
    return answered(request, text, "text/x-python; charset=utf-8", {"Cache-Control": UNTIL_ASKED})


@router.get(
    "/tlog/checkpoint",
    **_as(
        asks("get_tlog_checkpoint", "The newest checkpoint, for witnesses", "Health"), "text/plain", "A signed note."
    ),
)
def get_tlog_checkpoint(request: Request, room: Room) -> Response:
    """The newest checkpoint as witnesses and monitors read it (C2SP tlog-tiles); `/tlog` is the log's prefix."""
    note = room.checkpoints.named(None).note.encode()
    return answered(request, note, "text/plain; charset=utf-8", {"Cache-Control": UNTIL_ASKED})


@router.get(
    "/tlog/tile/entries/{number:path}",
    **_as(asks("get_entries", "A bundle of entries", "Health"), "application/octet-stream", "A bundle of entries."),
)
def get_entries(request: Request, room: Room, number: TileNumber) -> Response:
    """The entries of a tile, each behind its length in two bytes (C2SP tlog-tiles): no words, no names."""
    bundle = room.proofs.entries(*_tile(number))
    return answered(request, bundle, "application/octet-stream", {"Cache-Control": FOR_EVER})


@router.get(
    "/tlog/tile/{level}/{number:path}",
    **_as(asks("get_tile", "A tile of the tree", "Health"), "application/octet-stream", "Hashes, 32 bytes each."),
)
def get_tile(request: Request, room: Room, level: Annotated[int, Path(ge=0, le=7)], number: TileNumber) -> Response:
    """Up to 256 hashes of the tree (C2SP tlog-tiles), as far as they are signed."""
    hashes = room.proofs.tile(level, *_tile(number))
    return answered(request, hashes, "application/octet-stream", {"Cache-Control": FOR_EVER})


def _size(told: str) -> int | None:
    return None if told == "newest" else int(told)


def _tile(number: str) -> tuple[int, int]:
    try:
        return number_in(number)
    except ValueError:
        raise UnknownThing("tile", number) from None
