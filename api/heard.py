"""All that was said on a question is shown in these shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from api.shown import QuestionShown
from api.wire import Instant, Shown
from domain.values import ClaimId, Interest, Position, Slug


class Word(Shown):
    """What a claim says on a question: itself, by implication (`implied`), or from a part or a whole (`via`).

    `from` and `to` are the time it speaks of, read by the aspect's kind; null is open. With `denies` it asserts
    nothing, and objects to the value.
    """

    claim: ClaimId
    key: str | None
    source: Slug
    origin: Slug = Field(description="Who spoke at the end of the line, where the source carries another's words.")
    by: list[Slug]
    through: list[Slug]
    interest: Interest
    value: JsonValue
    denies: bool
    polarity: Literal["asserts", "denies"]
    facets: dict[str, str]
    modality: str
    hedged: bool
    hearsay: bool
    implied: Literal["hard", "soft"] | None
    via: Slug | None
    said_of: dict[str, str]
    valid: dict[str, str]
    from_: Instant | None = Field(alias="from")
    to: Instant | None
    stated: dict[str, str]
    stated_at: Instant | None
    position: Position
    recorded: Instant
    status: Literal["standing", "corrected", "withdrawn", "voided"]
    ended: dict[str, JsonValue] | None
    left_out: bool = Field(description="Whether `without` leaves it out.")
    statement: JsonValue


class WordsOnQuestion(Shown):
    """All that was said on a question, in the order of the times spoken of, whatever became of it.

    `voices` are the sources that were heard, those together that count as one. Where there are more than 2,000 words,
    of every source the newest are told, and those last begun by the valid time: `partly` are those of whom there is
    more.
    """

    position: Position
    question: QuestionShown
    kind: str
    whole: bool = Field(description="Whether nothing is left out.")
    partly: list[Slug]
    voices: list[list[Slug]]
    words: list[Word]
