"""What a policy makes of the last words on one value, or on all values that exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.aspects import Aspect
from domain.belief.sides import Side
from domain.belief.voices import Voiced
from domain.entries import Assessment
from domain.values import Agreement, Quantity, Strength


@dataclass(frozen=True, slots=True)
class Bench:
    """What a policy judges: all last words that bear on each other, and the desk's assessment if one holds."""

    aspect: Aspect
    voices: tuple[Voiced, ...]
    assessment: Assessment | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's answer. `sides` are the contending ones; `rumours` are hearsay that nothing stronger is measured by.

    `agreement` unreported means that the policy leaves nobody to be heard.
    """

    agreement: Agreement
    rule: str
    side: Side | None = None
    sides: tuple[Side, ...] = ()
    lean: Side | None = None
    rumours: tuple[Side, ...] = ()
    refuted: tuple[str, ...] = ()
    flags: frozenset[str] = field(default_factory=frozenset[str])
    objections: tuple[Side, ...] = ()

    @property
    def value(self) -> str | Quantity | None:
        """The value believed, if one is."""
        return self.side.value if self.side else None

    @property
    def strength(self) -> Strength | None:
        """How strongly, if one is."""
        return self.side.strength if self.side else None

    @property
    def supporters(self) -> tuple[Voiced, ...]:
        """Those counted for the value, or for the leaning side."""
        leading = self.side or self.lean
        return leading.voices if leading else ()

    @property
    def objectors(self) -> tuple[Voiced, ...]:
        """Those counted against: every other side."""
        leading = self.side or self.lean
        others: Sequence[Side] = (*(side for side in self.sides if side is not leading), *self.objections)
        return tuple(voiced for side in others for voiced in side.voices)


RANK: dict[str, int] = {"S1": 1, "S2": 2, "S3": 3, "S4": 4, "S5": 5, "S6": 6}
