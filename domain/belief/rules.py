"""R4 to R6: from the sides of a question to agreement, strength and lean (semantics, section 5)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.belief.sides import Side, show_value, sides_of, touches
from domain.belief.verdict import RANK, Bench, Verdict
from domain.belief.voices import Voiced


def settle(bench: Bench, *, min_nonself: int = 1) -> Verdict:
    """Judge the last words on values that exclude each other (or on one value alone)."""
    if not bench.voices:
        return Verdict("unreported", "R1")
    sides = sides_of(bench.voices, bench.assessment, min_nonself)
    values = [side for side in sides if not side.denies]
    denials = [side for side in sides if side.denies]
    loudest = max(RANK[side.strength] for side in sides)
    heard = [side for side in values if loudest == 1 or RANK[side.strength] >= 2]
    objecting = [
        denial
        for denial in denials
        if (loudest == 1 or RANK[denial.strength] >= 2) and any(touches(denial, side) for side in heard)
    ]
    rumours = tuple(side for side in sides if loudest > 1 and RANK[side.strength] == 1)
    if not heard:
        firm = tuple(denial for denial in denials if denial not in rumours)
        return Verdict("uncontested", "R4", objections=firm, rumours=rumours, flags=frozenset({"denied-only"}))
    if len(heard) == 1 and not objecting:
        refuted = _given_up(heard[0])
        return Verdict("uncontested", "R6" if refuted else "R4", side=heard[0], rumours=rumours, refuted=refuted)
    return _contested([*heard, *objecting], rumours)


def _contested(sides: Sequence[Side], rumours: tuple[Side, ...]) -> Verdict:
    ranked = sorted(sides, key=lambda side: RANK[side.strength], reverse=True)
    leads = len(ranked) == 1 or RANK[ranked[0].strength] > RANK[ranked[1].strength]
    split = any(_stands_elsewhere(voiced, side, sides) for side in sides for voiced in side.voices if voiced.concedes)
    return Verdict(
        "contested",
        "R5b" if split else "R5",
        sides=tuple(ranked),
        lean=ranked[0] if leads else None,
        rumours=rumours,
        flags=frozenset({"split-bloc"} if split else ()),
    )


def _stands_elsewhere(conceding: Voiced, side: Side, sides: Sequence[Side]) -> bool:
    others = (voiced for other in sides if other is not side for voiced in other.voices)
    return any(voiced.group == conceding.group for voiced in others)


def _given_up(side: Side) -> tuple[str, ...]:
    """Return what conceding sources had said before of the same time, and no longer say."""
    found = {
        f"{'not:' if earlier.denies else ''}{show_value(earlier.quantity or earlier.value)}"
        for voiced in side.voices
        if voiced.concedes
        for earlier in voiced.held.earlier
        if earlier.interval.start == voiced.word.interval.start and not earlier.says_the_same(voiced.word)
    }
    return tuple(sorted(found))
