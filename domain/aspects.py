"""What can be asked about a location is data: a kind, its values and its rules (semantics, section 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.claims import Facets
from domain.values import Fact, Line, Slug

Kind = Literal["state", "occurrence", "tally", "plan", "opinion"]
Values = Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]


class Inherits(Fact):
    """Down: a claim on the whole counts for parts without a word of their own; up: a claim on a part for the whole.

    `values` limits which values travel (up: the affirmative ones), `facets` what must be stated with them.
    """

    direction: Literal["down", "up"]
    values: Values | None = None
    facets: Facets = {}


class Benefit(Fact):
    """Whom a claim with one of `values` (absent: any) speaks for or against: its value, or the question's subject."""

    values: Values | None = None
    favours: Literal["value", "subject"] | None = None
    against: Literal["value", "subject"] | None = None


class Implication(Fact):
    """A claim with one of `values` also says `value` (or the subject, by name) of another aspect of the same place."""

    values: Values
    aspect: Slug
    value: Line | Literal["@subject"]
    force: Literal["hard", "soft"]


class Tension(Fact):
    """This value (with these facets) sits badly with another aspect's value here or in the vicinity."""

    value: Line | None = None
    facets: Facets = {}
    aspect: Slug
    other: Line


class Aspect(Fact):
    """A kind of question, with the rules that its claims are judged by.

    `horizon_hours` is how long a state holds without being said again. `vague` gives the least number that a vague
    word stands for ("dozens": 12).
    """

    name: Slug
    kind: Kind
    values: Literal["open", "sources"] | Values = "open"
    exclusive: bool = True
    quantity: bool = False
    horizon_hours: Annotated[int, Field(ge=1, le=24 * 366 * 100)] | None = None
    inherits: Inherits | None = None
    benefits: Annotated[tuple[Benefit, ...], Field(max_length=50)] = ()
    implies: Annotated[tuple[Implication, ...], Field(max_length=50)] = ()
    tension: Annotated[tuple[Tension, ...], Field(max_length=50)] = ()
    vague: Annotated[dict[Line, int], Field(max_length=50)] = {}

    @model_validator(mode="after")
    def _coherent(self) -> Aspect:
        if self.horizon_hours is not None and self.kind != "state":
            raise ValueError("only a state has a horizon")
        if any(implied.aspect == self.name for implied in self.implies):
            raise ValueError("an aspect may not imply itself")
        if self.vague and not self.quantity:
            raise ValueError("vague words belong to an aspect with quantities")
        return self

    @property
    def apart(self) -> bool:
        """Whether each value is judged on its own: values do not exclude each other, or they are plans."""
        return not self.exclusive or self.kind == "plan"

    def negation(self, value: str | None) -> str | None:
        """Return what a denial of `value` asserts: the other one of a closed list of two, else nothing."""
        if isinstance(self.values, tuple) and len(self.values) == 2 and value in self.values:
            return self.values[1] if value == self.values[0] else self.values[0]
        return None


_TAKING = ("captured", "recaptured", "taken")
_GAINING = (*_TAKING, "advanced", "recovered")

CONFLICT: dict[str, Aspect] = {
    aspect.name: aspect
    for aspect in (
        Aspect(
            name="control",
            kind="state",
            values="sources",
            inherits=Inherits(direction="down", facets={"extent": "full"}),
            benefits=(Benefit(favours="value"),),
            tension=(Tension(facets={"extent": "full"}, aspect="fighting", other="ongoing"),),
        ),
        Aspect(
            name="fighting",
            kind="state",
            values=("ongoing", "none"),
            horizon_hours=24,
            inherits=Inherits(direction="up", values=("ongoing",)),
        ),
        Aspect(
            name="territory_change",
            kind="occurrence",
            values=(*_GAINING, "lost", "withdrew"),
            exclusive=False,
            benefits=(
                Benefit(values=_GAINING, favours="subject"),
                Benefit(values=("lost", "withdrew"), against="subject"),
            ),
            implies=(
                Implication(values=_TAKING, aspect="control", value="@subject", force="hard"),
                Implication(values=(*_TAKING, "advanced"), aspect="fighting", value="ongoing", force="soft"),
            ),
        ),
        Aspect(
            name="strike",
            kind="occurrence",
            values=("occurred", "none"),
            inherits=Inherits(direction="up", values=("occurred",)),
        ),
        Aspect(
            name="casualties",
            kind="tally",
            quantity=True,
            vague={"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000},
        ),
        Aspect(name="damage", kind="occurrence", exclusive=False),
        Aspect(name="population", kind="state", quantity=True),
        Aspect(name="siege", kind="state", values=("besieged", "open"), inherits=Inherits(direction="down")),
        Aspect(name="offensive", kind="state", values=("launched", "ongoing", "slowed", "halted")),
        Aspect(name="intent", kind="plan", exclusive=False),
        Aspect(name="significance", kind="opinion"),
        Aspect(name="location_fact", kind="state", exclusive=False),
        Aspect(name="source_fact", kind="state", exclusive=False),
    )
}
"""The vocabulary that ships built in; a desk may revise an entry, or add its own."""
