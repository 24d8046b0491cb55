"""What can be checked without us is given in these shapes; `onrecord proof verifier` prints what checks them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.wire import Instant, Shown
from domain.claims import Question
from domain.values import Position, Sha256

_NOTE = "A checkpoint as it is signed: a C2SP signed note with origin, size and root of the tree."
_PATH = "Hashes of the tree in base64, from the leaf upwards."


class CheckpointShown(Shown):
    """What was signed: that the ledger had so many events, and which."""

    size: Position
    root: str = Field(description="Root of the RFC 6962 tree over the events, in base64.")
    made: Instant
    key: str = Field(description="The verifier key: NAME+HASH+KEY.")
    note: str = Field(description=_NOTE)


class CheckpointPage(Shown):
    """Checkpoints by size; the next page is in the `Link` header."""

    key: str | None = Field(description="The key to check with what is signed now; null where there is none.")
    checkpoints: list[CheckpointShown]


class EntryProof(Shown):
    """That an event is in the tree: the event as an export has it, and the path from it to the root."""

    position: Position
    event: str = Field(description="The line of the event in an export of events; an entry holds its SHA-256.")
    path: list[str] = Field(description=_PATH)


class InclusionProof(Shown):
    """That events are in the ledger that was signed, and are what they were then."""

    proof: Literal["onrecord.inclusion/1"]
    checkpoint: str = Field(description=_NOTE)
    entries: list[EntryProof]
    later: list[Position] = Field(description="Positions that belong to it, and that the checkpoint does not cover.")


class ConsistencyProof(Shown):
    """That one checkpoint continues another: what was signed before was not changed."""

    proof: Literal["onrecord.consistency/1"]
    old: str = Field(description=_NOTE)
    new: str = Field(description=_NOTE)
    path: list[str] = Field(description=_PATH)


class BeliefProof(Shown):
    """What a belief follows from, and its digest; `onrecord proof check` judges it again from an export."""

    proof: Literal["onrecord.belief/1"]
    checkpoint: str = Field(description=_NOTE)
    as_of: Position
    policy: str
    without: list[str]
    question: Question
    valid: dict[str, str | None] | None = Field(description="The valid time asked about; null for the present, `now`.")
    now: Instant
    digest: Sha256
    belief: dict[str, object]
