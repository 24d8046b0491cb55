"""Claims that are remembered by the thousand take half the room: what many have in common is there once."""

from __future__ import annotations

from dataclasses import replace

from domain.claims import Claim, Link, Question
from domain.events import ClaimCorrected, ClaimRecorded, Recorded
from domain.standing import Standing
from domain.values import When, made_of


class Lean:
    """Makes of claims equal ones that share their questions and chains.

    Nor do they tell any longer which of their fields somebody named: that alone is some 2 KB of a claim's 5.
    """

    def __init__(self) -> None:
        self._questions: dict[Question, Question] = {}
        self._chains: dict[tuple[Link, ...], tuple[Link, ...]] = {}

    def recorded(self, one: Recorded) -> Recorded:
        """Return an equal event, in its place, whose claim is lean."""
        event = one.event
        if isinstance(event, ClaimRecorded):
            fields: dict[str, object] = {**event.__dict__, "claim": self._claim(event.claim)}
            return replace(one, event=made_of(ClaimRecorded, fields))
        if isinstance(event, ClaimCorrected):
            instead: dict[str, object] = {**event.__dict__, "replacement": self._claim(event.replacement)}
            return replace(one, event=made_of(ClaimCorrected, instead))
        return one

    def standing(self, one: Standing) -> Standing:
        """Return the claim and what became of it."""
        fields: dict[str, object] = {**one.__dict__, "claim": self._claim(one.claim)}
        return made_of(Standing, fields)

    def _claim(self, claim: Claim) -> Claim:
        times = {"valid": claim.valid, "stated": claim.stated, "published": claim.published}
        lean: dict[str, object] = {
            **claim.__dict__,
            "question": self._questions.setdefault(claim.question, claim.question),
            "chain": self._chains.setdefault(claim.chain, claim.chain),
            **{name: made_of(When, dict(when.__dict__)) if when else None for name, when in times.items()},
        }
        return made_of(Claim, lean)
