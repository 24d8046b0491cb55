"""A question is asked at a valid time, under a policy, and perhaps as if some sources had not spoken."""

from __future__ import annotations

from dataclasses import dataclass

from domain.belief.policy import Policy
from domain.belief.word import At
from domain.claims import Question

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its belief depends on beside the ledger; `without` are the sources left out."""

    question: Question
    at: At
    policy: Policy
    without: frozenset[str] = NOBODY
