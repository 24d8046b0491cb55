"""What a desk has to look at is shown in these shapes."""

from __future__ import annotations

from pydantic import Field, JsonValue

from api.said import ClaimShown
from api.shown import OF_PROJECTION, BeliefShort
from api.wire import Rows, Shown
from domain.values import Position


class Contradiction(BeliefShort):
    """A contested question: its sides with the claims that they rest on, since when, and who printed it."""

    place: dict[str, JsonValue] | None
    sides: dict[str, JsonValue]
    since: dict[str, JsonValue] | None = Field(
        description="The event with which it became contested; null where that would take too long to find out."
    )
    exposure: int = Field(description="How many editions in force rest on it.")
    editions: Rows
    claims: list[ClaimShown]


class ContradictionPage(Shown):
    """What is contested, most exposed and then oldest first; the next page is in the `Link` header."""

    position: Position
    projection: str | None = OF_PROJECTION
    contradictions: list[Contradiction]
