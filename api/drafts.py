"""What is sent of an edition or a replay is a draft: the rest is the ledger's to say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.claims import Question
from domain.commands import Keyed, RecordClaim
from domain.values import ClaimId, Fact, Line, Passage, Plain, Position, Slug, Text, When, made_of
from services.webhooks import Webhook


class Credential(Fact):
    """What a browser sends to come in: a key, or a token of the desk's identity provider. A cookie holds no more."""

    key: Annotated[Plain, Field(min_length=1, max_length=3_900)]


class ClaimDraft(RecordClaim):
    """A claim that is tried and not recorded; `text` is the document that it quotes, where that is not archived yet."""

    text: Text | None = None

    def claim(self) -> RecordClaim:
        """Return the claim alone, just as it would be sent to be recorded."""
        fields = {name: getattr(self, name) for name in RecordClaim.model_fields}
        return made_of(RecordClaim, fields, self.model_fields_set - {"text"})


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


class ReplayDraft(Fact):
    """How a view is to be built anew: by how many processes, and whether it is held against the one in use.

    With `as` it makes a what-if: a picture under this name, beside the one in use, judged by `policy`, as if those
    in `without` had not spoken, up to the position `upto`. Only a what-if has these.
    """

    as_: Annotated[Slug, Field(max_length=50)] | None = Field(default=None, alias="as")
    policy: Line | None = None
    without: Annotated[tuple[Slug, ...], Field(max_length=50)] | None = None
    upto: Position | None = None
    workers: Annotated[int, Field(ge=1, le=64, description="Processes that build it, each a share of the keys.")] = 1
    compare: Annotated[bool, Field(description="Count the keys that differ from the view in use, and name some.")] = (
        False
    )


class NewWebhook(Webhook):
    """A webhook that is to be made, under a name that none has."""


class Resend(Fact):
    """Which alerts are to be sent again, by number; without any, all that were given up."""

    alerts: (
        Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63)], ...], Field(min_length=1, max_length=1_000)] | None
    ) = None
