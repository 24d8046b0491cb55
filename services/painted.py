"""A rectangle of the picture is stored as a row, and read back as what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from domain.belief.judge import Outcome
from domain.belief.picture import Rectangle
from domain.claims import Question
from domain.projection import Column
from domain.times import show
from domain.values import Agreement, Fact, Quantity, Strength, made_of

Axis = Literal["instant", "latest", "source"]


class Painted(Fact):
    """What is believed of the instants in [start, end), as it is stored; see `domain.belief.picture.Rectangle`."""

    question: Question
    axis: Axis
    start: datetime | None = None
    end: datetime | None = None
    agreement: Agreement
    strength: Strength | None = None
    value: str | Quantity | None = None
    lean: str | None = None
    sides: dict[str, Strength] = {}
    rule: str
    changed: int
    has_past: bool = False

    @property
    def key(self) -> str:
        """The row's key: the question, the axis and where the rectangle begins."""
        return _key(self.question, self.axis, self.start)

    def outcome(self) -> Outcome:
        """Return what is believed."""
        return Outcome(self.agreement, self.strength, self.value, self.lean, tuple(sorted(self.sides.items())))

    def rectangle(self, since: int) -> Rectangle:
        """Return the rectangle, which holds since this position."""
        return Rectangle(
            latest=self.axis == "latest",
            start=self.start,
            end=self.end,
            outcome=self.outcome(),
            rule=self.rule,
            changed=self.changed,
            since=since,
            has_past=self.has_past,
        )

    def columns(self) -> Mapping[str, Column]:
        """Return what the row is searched by."""
        return {
            **_question_columns(self.question),
            "axis": self.axis,
            "source": None,
            "valid_from": self.start,
            "valid_to": self.end,
            "agreement": self.agreement,
            "strength": self.strength,
        }


def painted(question: Question, rectangle: Rectangle) -> Painted:
    """Return the rectangle in the form that is stored; it is ours, so that nothing of it is looked at again."""
    outcome = rectangle.outcome
    return made_of(
        Painted,
        {
            "question": question,
            "axis": _axis(rectangle),
            "start": rectangle.start,
            "end": rectangle.end,
            "agreement": outcome.agreement,
            "strength": outcome.strength,
            "value": outcome.value,
            "lean": outcome.lean,
            "sides": dict(outcome.sides),
            "rule": rectangle.rule,
            "changed": rectangle.changed,
            "has_past": rectangle.has_past,
        },
    )


def key_of(question: Question, rectangle: Rectangle) -> str:
    """Return the key of the row that the rectangle is stored as."""
    return _key(question, _axis(rectangle), rectangle.start)


def _axis(rectangle: Rectangle) -> Axis:
    return "latest" if rectangle.latest else "instant"


def _key(question: Question, axis: Axis, start: datetime | None) -> str:
    return f"{question.name}|{axis}|{show(start) or ''}"


class Hangs(Fact):
    """That the belief on a question hangs on a source: it speaks there, or is spoken of."""

    question: Question
    axis: Axis = "source"
    source: str

    @property
    def key(self) -> str:
        """The row's key."""
        return f"{self.question.name}|source|{self.source}"

    def columns(self) -> Mapping[str, Column]:
        """Return what the row is searched by."""
        return {
            **_question_columns(self.question),
            "axis": self.axis,
            "source": self.source,
            "valid_from": None,
            "valid_to": None,
            "agreement": None,
            "strength": None,
        }


def _question_columns(question: Question) -> Mapping[str, Column]:
    return {
        "question": question.name,
        "location": question.location,
        "aspect": question.aspect,
        "subject": question.subject,
    }
