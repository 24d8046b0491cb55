"""A policy is a named, versioned, pure function from last words to a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.belief.verdict import Bench, Verdict


@dataclass(frozen=True, slots=True)
class Policy:
    """`name` is `word/version`; `summary` is a sentence for editors; `settle` judges a bench without clock or chance.

    `settle` gets the last words on all values that exclude each other, or on one value where values do not; their order
    means nothing. It answers `unreported` if it leaves nobody to be heard. What comes before (relevance, last words, R0
    to R3) is shared.

    `hears_stances` promises that agreement, strength, value, lean and rule depend only on which stances are taken
    (value, denial, how firmly it is said, with what interest, whether its source said otherwise of the same time), on
    which of them are taken by one group, and on the assessment; not on how often, when, where or by whom. What the same
    stances led to is remembered.
    """

    name: str
    summary: str
    settle: Callable[[Bench], Verdict]
    hears_stances: bool = False
