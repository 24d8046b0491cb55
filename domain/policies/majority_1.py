"""majority/1: one group, one vote; a baseline to compare with."""

from collections import Counter

from domain.belief.policy import Policy
from domain.belief.sides import Side, sides_of
from domain.belief.verdict import Bench, Verdict
from domain.belief.voices import Voiced


def count_votes(bench: Bench) -> Verdict:
    """Let each group vote once, with its newest last word that is not hearsay; strengths are shown as in desk/1."""
    ballots: dict[frozenset[str], Voiced] = {}
    for voiced in sorted(bench.voices, key=lambda one: one.word.key):
        if not voiced.is_hearsay:
            ballots[voiced.group] = voiced
    if not ballots:
        return Verdict("unreported", "R1")
    sides = sides_of(bench.voices, bench.assessment, min_nonself=1)
    votes = Counter(_side_of(ballot, sides).name for ballot in ballots.values())
    elected = [side for side in sides if side.name in votes]
    rumours = tuple(side for side in sides if all(voiced.is_hearsay for voiced in side.voices))
    if len(elected) == 1:
        return _unopposed(elected[0], rumours)
    (first, most), (_, second) = votes.most_common(2)
    lean = next(side for side in elected if side.name == first) if most > second else None
    return Verdict("contested", "R5", sides=tuple(elected), lean=lean, rumours=rumours)


def _unopposed(side: Side, rumours: tuple[Side, ...]) -> Verdict:
    if side.denies:
        return Verdict("uncontested", "R4", objections=(side,), rumours=rumours, flags=frozenset({"denied-only"}))
    return Verdict("uncontested", "R4", side=side, rumours=rumours)


def _side_of(ballot: Voiced, sides: list[Side]) -> Side:
    return next(side for side in sides if ballot in side.voices)


policy = Policy(
    name="majority/1",
    summary="One group, one vote: the side with strictly most votes leads; interest does not matter.",
    settle=count_votes,
)
