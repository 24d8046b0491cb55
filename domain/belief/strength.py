"""How strongly a value is held up: S1 to S6, the first that fits (semantics, section 5)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.belief.voices import Voiced
from domain.values import Strength

NONSELF = frozenset({"neutral", "adverse"})


def strength_of(voices: Sequence[Voiced], *, min_nonself: int = 1, proven: bool = False) -> Strength | None:
    """Return the strength that the voices give to what they say; None if nobody says it.

    `proven`: an assessment cites physical evidence. Evidence never creates a value that nobody claims.
    `min_nonself`: of the groups that corroborate, how many must be neutral or adverse.
    """
    if not voices:
        return None
    if proven:
        return "S6"
    firm = [voiced for voiced in voices if voiced.is_usable and voiced.is_hard and not voiced.is_hearsay]
    if any(voiced.concedes for voiced in firm):
        return "S5"
    groups = {voiced.group for voiced in firm}
    disinterested = {voiced.group for voiced in firm if voiced.interest in NONSELF}
    if len(groups) >= 2 and len(disinterested) >= min_nonself:
        return "S4"
    named = [voiced for voiced in voices if not voiced.is_hearsay]
    if any(voiced.interest in NONSELF for voiced in named):
        return "S3"
    return "S2" if named else "S1"


def facet_strengths(
    voices: Sequence[Voiced], *, min_nonself: int = 1, proven: dict[str, str] | None = None
) -> dict[str, dict[str, Strength]]:
    """Return facet → value → its own strength, from those voices that state it; values stand side by side."""
    stating: dict[str, dict[str, list[Voiced]]] = {}
    for voiced in voices:
        for facet, value in voiced.word.claim.facets.items():
            stating.setdefault(facet, {}).setdefault(value, []).append(voiced)
    found: dict[str, dict[str, Strength]] = {}
    for facet, values in sorted(stating.items()):
        for value, those in sorted(values.items()):
            is_proven = (proven or {}).get(facet) == value
            strength = strength_of(those, min_nonself=min_nonself, proven=is_proven)
            if strength is not None:
                found.setdefault(facet, {})[value] = strength
    return found
