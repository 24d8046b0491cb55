"""What recording a claim would do is shown in these shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from api.shown import BeliefShort
from api.wire import Instant, Shown
from domain.values import ClaimId, Position, Sha256


class WouldBelieve(Shown):
    """What is believed of a question at one time, and what would be."""

    before: BeliefShort
    after: BeliefShort
    changes: bool = Field(description="Whether agreement, value, strength, lean or a side's strength would change.")
    role: Literal["supports", "objects", "rumour", "listed", "silent"] = Field(
        description="How the claim would count: for a value, against one, as a rumour, listed beside it, or not at all."
    )
    why: str = Field(description="The reason in one sentence.")


class WouldBelieveThen(WouldBelieve):
    """The same at the claim's own time: the caller may ask for the belief at this `valid_at`, read in this `tz`."""

    valid_at: str
    tz: str


class Bearing(Shown):
    """A question that the claim bears on."""

    question: dict[str, str]
    then: WouldBelieveThen | None = Field(default=None, description="Absent for a claim on all time.")
    now: WouldBelieve


class Reading(Shown):
    """How the claim's time is read on an aspect; null is no bound."""

    aspect: str
    from_: Instant | None = Field(alias="from")
    to: Instant | None


class Duplicate(Shown):
    """The claim of this id or key, recorded with this content."""

    claim: ClaimId
    position: Position


class QuotedDocument(Shown):
    """The document that the claim quotes: whether it is archived already, and whether its text is held."""

    sha256: Sha256
    archived: bool
    held: bool


class SaidBefore(Shown):
    """A standing claim in which the source said the same of the question."""

    claim: ClaimId
    position: Position
    valid: dict[str, str]
    published: dict[str, str]
    of_the_same_time: bool


class Preview(Shown):
    """What recording a claim would do."""

    position: Position
    claim: dict[str, JsonValue] = Field(
        description="As it would be recorded. Sent without `id`, it has one for this trial, by which `after` names it."
    )
    intervals: list[Reading]
    document: QuotedDocument | None = Field(description="Null for a claim that quotes nothing.")
    duplicate: Duplicate | None = Field(description="What is recorded already; the claim would then change nothing.")
    said_before: list[SaidBefore] = Field(description="The newest first, three at most.")
    bears_on: list[Bearing] = Field(
        description="Its own question first, then those of the same place, of the wholes above and of the parts. But"
        " for its own, only those on which something is or would be believed."
    )
    left_out: int = Field(description="How many further questions it bears on.")
