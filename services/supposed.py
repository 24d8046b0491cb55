"""What a claim would change is judged with the claim put right behind a position, where nothing was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.belief.case import Case, Cut
from domain.registry_view import RegistryView
from domain.standing import Standing


@dataclass(frozen=True, slots=True)
class Supposed:
    """A claim as if it were the next event, and its kin: what names it, and step by step what is named."""

    standing: Standing
    kin: Sequence[Standing]

    def cut(self, case: Case, position: int) -> Cut:
        """Return the case as it would be known right behind `position`, had the claim been recorded there.

        Others may have recorded since: what became of the case's claims behind `position` is taken out again.
        """
        known = case.standings | {one.claim.id: one for one in (*self.kin, self.standing)}
        floors = [floor for those in case.floors.values() for floor in those]
        then = [_known_at(one, position) for one in known.values()]
        cut = Case(case.registry, then, case.made, floors, case.since).at(position + 1)
        cut.view = RegistryView(case.registry, position)
        return cut


def _known_at(standing: Standing, position: int) -> Standing:
    ending = standing.ended_by(position)
    relations = tuple(one for one in standing.relations if one.position <= position)
    if ending is standing.ending and len(relations) == len(standing.relations):
        return standing
    return standing.model_copy(update={"ending": ending, "relations": relations})
