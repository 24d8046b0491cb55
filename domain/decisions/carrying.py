"""Who carries whom never closes a circle, so every line of carrying ends with an origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.claims import Relation
from domain.decisions.known import Known
from domain.refusals import CarriedInACircle, Place, Problem, TiedToItself, pointer
from domain.standing import Standing
from domain.values import ClaimId

CARRYING = frozenset({"carries", "carries_similar"})


def check_relations(
    known: Known, claim: ClaimId, relations: Iterable[tuple[Place, Relation]], *, instead: str = ""
) -> None:
    """Raise TiedToItself or CarriedInACircle if the claim, given these relations, would stand to itself.

    Each relation comes with its place in the command. `instead` is the claim that this one is about to replace:
    whatever relates to that one will relate to this one. A relation to a claim that is not recorded leads nowhere yet.
    """
    selves = frozenset({claim, instead} if instead else {claim})
    for at, relation in relations:
        target = current(known, relation.claim)
        if target in selves:
            raise TiedToItself(Problem(pointer(*at, "claim"), "the claim would be related to itself", "another claim"))
        line = _line_back(known, target, selves) if relation.type in CARRYING else None
        if line is not None:
            raise CarriedInACircle(pointer(*at, "claim"), (claim, *line))


def current(known: Known, claim: ClaimId) -> ClaimId:
    """Return the claim that stands in the place of a corrected one, through any number of corrections."""
    standing = known.claim(claim)
    while standing is not None and standing.ending is not None and standing.ending.replacement is not None:
        claim = standing.ending.replacement
        standing = known.claim(claim)
    return claim


def _line_back(known: Known, start: ClaimId, selves: frozenset[ClaimId]) -> tuple[ClaimId, ...] | None:
    """Return a line of carrying from `start` to one of `selves`, if there is one."""
    before: dict[ClaimId, ClaimId | None] = {start: None}
    waiting = [start]
    while waiting:
        claim = waiting.pop()
        for target in _carried_by(known.claim(claim), known):
            if target in selves:
                return (*_path(before, claim), target)
            if target not in before:
                before[target] = claim
                waiting.append(target)
    return None


def _carried_by(standing: Standing | None, known: Known) -> Iterator[ClaimId]:
    if standing is None:
        return
    for relation in (*standing.claim.relations, *(later.relation for later in standing.relations)):
        if relation.type in CARRYING:
            yield current(known, relation.claim)


def _path(before: dict[ClaimId, ClaimId | None], last: ClaimId) -> tuple[ClaimId, ...]:
    path: list[ClaimId] = []
    step: ClaimId | None = last
    while step is not None:
        path.append(step)
        step = before[step]
    return tuple(reversed(path))
