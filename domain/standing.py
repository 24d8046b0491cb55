"""What became of a claim: whether it still stands, what ended it, and what was said of it since."""

from __future__ import annotations

from typing import Literal

from domain.claims import Claim, Relation
from domain.events import ClaimCorrected, ClaimRecorded, ClaimVoided, ClaimWithdrawn, Event, Recorded, RelationAsserted
from domain.values import ClaimId, Fact, Slug


class Asserted(Fact):
    """A relation of a claim, and the position from which on it is known."""

    position: int
    relation: Relation


class Ending(Fact):
    """How a claim stopped counting.

    `replacement` names what the desk wrote instead of a corrected claim, `by` who took back a withdrawn one.
    """

    position: int
    kind: Literal["corrected", "withdrawn", "voided"]
    reason: str
    replacement: ClaimId | None = None
    by: Slug | None = None


class Standing(Fact):
    """A claim with all that became of it. Any past cut can be read off it, since each part carries its position."""

    claim: Claim
    recorded: int
    relations: tuple[Asserted, ...] = ()
    ending: Ending | None = None

    def ended_by(self, position: int) -> Ending | None:
        """Return what had ended the claim by `position`, if anything had."""
        return self.ending if self.ending is not None and self.ending.position <= position else None

    def related(self, position: int) -> tuple[Relation, ...]:
        """Return the claim's relations known by `position`: those it was recorded with, then those seen later."""
        if not self.relations:
            return self.claim.relations
        later = tuple(asserted.relation for asserted in self.relations if asserted.position <= position)
        return self.claim.relations + later


def claims_of(event: Event) -> tuple[ClaimId, ...]:
    """Return the claims whose standing the event changes."""
    if isinstance(event, ClaimRecorded):
        return (event.claim.id,)
    if isinstance(event, ClaimCorrected):
        return (event.claim, event.replacement.id)
    if isinstance(event, ClaimWithdrawn | ClaimVoided | RelationAsserted):
        return (event.claim,)
    return ()


def evolve(standing: Standing | None, claim: ClaimId, recorded: Recorded) -> Standing | None:
    """Return the standing of `claim` after one more event of its stream (or the correction that brought it)."""
    event, position = recorded.event, recorded.position
    if isinstance(event, ClaimRecorded):
        return Standing(claim=event.claim, recorded=position)
    if isinstance(event, ClaimCorrected) and event.replacement.id == claim:
        return Standing(claim=event.replacement, recorded=position)
    if standing is None:
        return None
    if isinstance(event, RelationAsserted):
        return standing.model_copy(
            update={"relations": (*standing.relations, Asserted(position=position, relation=event.relation))}
        )
    ending = _ending(event, position)
    return standing.model_copy(update={"ending": ending}) if ending else standing


def _ending(event: Event, position: int) -> Ending | None:
    if isinstance(event, ClaimCorrected):
        return Ending(position=position, kind="corrected", reason=event.reason, replacement=event.replacement.id)
    if isinstance(event, ClaimWithdrawn):
        return Ending(position=position, kind="withdrawn", reason=event.reason, by=event.by)
    if isinstance(event, ClaimVoided):
        return Ending(position=position, kind="voided", reason=event.reason)
    return None
