"""A part of the ledger can be taken elsewhere: the claims that were chosen, what became of them, what they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.events import (
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    EditionPublished,
    Event,
    RelationAsserted,
    TextErased,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which claims are meant: of a story, said by a source (the first of its chain), on a place; None means any."""

    story: str | None = None
    source: str | None = None
    location: str | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.story is None and self.source is None and self.location is None


@dataclass(slots=True)
class Choosing:
    """Goes through the events in order and remembers which claims it took, in sixteen bytes and a bit each.

    The registry is taken whole, or a claim that names it would be refused where it arrives. So are erasures: what has
    to go must not come in there either. Editions are left out, since they rely on more than was chosen.
    """

    chosen: Chosen
    _taken: set[bytes] = field(default_factory=set[bytes])

    def takes(self, event: Event) -> bool:
        """Tell whether the event is part of what was chosen; every event must be shown, in order."""
        if isinstance(event, ClaimRecorded):
            claim, chosen = event.claim, self.chosen
            fits = (
                (chosen.story is None or chosen.story in claim.story)
                and (chosen.location is None or chosen.location == claim.question.location)
                and (chosen.source is None or chosen.source == claim.source)
            )
            if fits:
                self._taken.add(_short(claim.id))
            return fits
        if isinstance(event, ClaimCorrected | ClaimWithdrawn | ClaimVoided | RelationAsserted):
            return self._concerns_a_taken_one(event)
        if isinstance(event, AssessmentMade):
            at = event.assessment.question.location
            return self.chosen.source is None and self.chosen.story is None and at == self.chosen.location
        return isinstance(event, TextErased) or not isinstance(event, EditionPublished)

    def _concerns_a_taken_one(self, event: ClaimCorrected | ClaimWithdrawn | ClaimVoided | RelationAsserted) -> bool:
        if _short(event.claim) not in self._taken:
            return False
        if isinstance(event, ClaimCorrected):
            self._taken.add(_short(event.replacement.id))
        return True


def _short(claim: str) -> bytes:
    return bytes.fromhex(claim.replace("-", ""))
