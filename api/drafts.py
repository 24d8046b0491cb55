"""What a desk sends of an edition is a draft: what it relied on is the ledger's to say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.claims import Question
from domain.commands import Keyed
from domain.values import ClaimId, Line, Passage, Plain, Position, Slug, When


class EditionDraft(Keyed):
    """What a desk says of an edition; what it relied on is worked out at the cut, and pinned.

    Without `as_of` the cut is the present, without `questions` it relied on all that the story follows, without
    `claims` on those that support these beliefs.
    """

    story: Slug
    title: Line
    published: When | None = None
    tz: Annotated[Plain, Field(max_length=60)] = "UTC"
    number: Annotated[int, Field(ge=1)] | None = None
    as_of: Position | None = None
    valid_at: Annotated[Plain, Field(min_length=1, max_length=100)] | None = None
    policy: Line | None = None
    questions: Annotated[tuple[Question, ...], Field(max_length=2_000)] | None = None
    claims: Annotated[tuple[ClaimId, ...], Field(max_length=10_000)] | None = None
    corrects: Annotated[int, Field(ge=1)] | None = None
    note: Passage | None = None
