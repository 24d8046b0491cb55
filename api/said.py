"""Claims and the texts behind them, and what a source said, are shown in these shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from api.shown import OF_PROJECTION, OutcomeShown, QuestionShown
from api.wire import Instant, RecordedBy, Shown
from domain.claims import Basis, Modality, RelationType, Role
from domain.entries import SourceKind, Tie
from domain.values import ClaimId, Interest, Polarity, Position, Sha256, Slug


class QuantityShown(Shown):
    """A number or a range: whole numbers, or decimal text; without `max` it has no upper end."""

    min: int | str | None = None
    max: int | str | None = None
    unit: str | None = None
    verbatim: str | None = None


class TimeShown(Shown):
    """A time as it was told, and the words for it."""

    edtf: str
    words: str | None = None


class NotHeld(Shown):
    """In place of words that were erased, or never held: their hash."""

    sha256: Sha256


class LinkShown(Shown):
    """One station of the way from the speaker to the publisher."""

    source: Slug
    role: Role
    mode: Literal["quote", "paraphrase", "carried"]
    naming: Literal["named", "org_only", "unnamed"]


class QuoteShown(Shown):
    """Where a document says it: half-open code point offsets, and the words if they are kept beside."""

    document: Sha256
    start: int
    end: int
    exact: str | NotHeld | None = None


class RelationShown(Shown):
    """How a claim stands to another one, which may be recorded later."""

    type: RelationType
    claim: ClaimId


class LaterRelation(Shown):
    """A relation that the desk saw later, and the position from which on it is known."""

    position: Position
    type: RelationType
    claim: ClaimId


class EndingShown(Shown):
    """How a claim stopped counting: what the desk wrote in its place, or who took it back, where that is known.

    When and by whom that was recorded is there where one claim is asked for.
    """

    position: Position
    kind: Literal["corrected", "withdrawn", "voided"]
    reason: str
    replacement: ClaimId | None = None
    by: Slug | None = None
    recorded: Instant | None = None
    recorded_by: RecordedBy = None


class IntervalShown(Shown):
    """How the valid time is read on an aspect: the instants in [from, to), null for an open end."""

    aspect: Slug
    from_: Instant | None = Field(alias="from")
    to: Instant | None


class ErasedShown(Shown):
    """A text that had to go: by which event, and why."""

    sha256: Sha256
    position: Position
    recorded: Instant
    reason: str


class ClaimShown(Shown):
    """A claim with all that became of it. The last six members are there where one claim is asked for."""

    id: ClaimId
    key: str | None = None
    position: Position
    status: Literal["standing", "corrected", "withdrawn", "voided"]
    story: list[Slug] = []
    question: QuestionShown
    value: str | None = None
    quantity: QuantityShown | None = None
    facets: dict[str, str] = {}
    polarity: Polarity = "asserts"
    modality: Modality = "asserted"
    hedged: bool = False
    chain: list[LinkShown]
    basis: Basis = "statement"
    tz: str = "UTC"
    valid: TimeShown
    stated: TimeShown | None = None
    published: TimeShown | None = None
    statement: str | NotHeld | None = None
    quote: QuoteShown | None = None
    relations: list[RelationShown] = []
    favours: list[Slug] | None = None
    against: list[Slug] | None = None
    tags: list[str] = []
    ending: EndingShown | None = None
    later_relations: list[LaterRelation] = []
    recorded: Instant | None = None
    recorded_by: RecordedBy = None
    intervals: list[IntervalShown] = []
    named_by: list[RelationShown] = []
    replaces: list[ClaimId] = []
    erased: list[ErasedShown] = []


class ClaimPage(Shown):
    """Claims, in the order in which they were recorded or the newest first; the next page is in the `Link` header."""

    position: Position
    claims: list[ClaimShown]


class ClaimMoved(Shown):
    """What an event of a claim changed of a belief, at the instants in [from, to); null is an open end."""

    question: QuestionShown
    position: Position
    recorded: Instant
    from_: Instant | None = Field(alias="from")
    to: Instant | None
    before: OutcomeShown
    after: OutcomeShown
    rule: str
    cause: dict[str, JsonValue]


class ClaimMovedPage(Shown):
    """The beliefs that a claim moved, by position and question; the next page is in the `Link` header."""

    position: Position
    projection: str | None = OF_PROJECTION
    changes: list[ClaimMoved]


class DocumentShown(Shown):
    """What is known of an archived document, whether its text is held, and why not if it had to go."""

    sha256: Sha256
    media_type: str
    title: str | None = None
    source: Slug | None = None
    published: TimeShown | None = None
    url: str | None = None
    held: bool
    erased: ErasedShown | None


class Passage(Shown):
    """A part of an archived text: the code points in [start, end), of `length` in all."""

    sha256: Sha256
    length: int
    start: int
    end: int
    text: str


class AffiliationShown(Shown):
    """A tie between two sources, when it held, the claims that are its evidence, and how it ended if it did."""

    id: str
    from_: Slug = Field(alias="from")
    relation: Tie
    to: Slug
    valid: TimeShown | None = None
    evidence: list[ClaimId] = []
    ended: dict[str, JsonValue] | None = None


class LeanShown(Shown):
    """A declared bias of a source towards a party."""

    towards: Slug
    note: str | None = None


class RatingShown(Shown):
    """A desk's grade for a source."""

    scale: Slug
    grade: str
    rationale: str


class SourceShown(Shown):
    """A source with its ties, leans and ratings; of a protected one the name is what everybody may call it."""

    slug: Slug
    kind: SourceKind
    name: str
    note: str | None = None
    confidential: Literal[True] | None = Field(default=None, description="It is protected; else not there.")
    commitment: Sha256 | None = Field(default=None, description="To who it is: no hint of that.")
    affiliations: list[AffiliationShown]
    leans: list[LeanShown]
    ratings: list[RatingShown]
    revised: Position | None


class SourcePage(Shown):
    """Sources by slug."""

    position: Position
    sources: list[SourceShown]


class Stance(Shown):
    """What a source says on a question; `earlier` are its other words there, newest first."""

    question: QuestionShown
    polarity: Polarity
    value: str | QuantityShown | None
    claim: ClaimId
    implied: Literal["hard", "soft"] | None
    earlier: list[ClaimId]
    reversals: int = Field(description="How often one of its words took another stance than the one before.")


class EndedClaim(EndingShown):
    """A claim of a source that does not stand any more."""

    claim: ClaimId
    question: QuestionShown


class Stances(Shown):
    """What a source says on every question it spoke on, and said before; `claims` is how often it spoke at all."""

    source: Slug
    claims: int
    stances: list[Stance]
    ended: list[EndedClaim]


class Tally(Shown):
    """Of the claims whose question was settled: how many agreed, were refuted, and were the first to say so."""

    settled: int
    agreed: int
    refuted: int
    first: int


class SettledClaim(Shown):
    """A claim whose question was settled; `lead_seconds` is by how long it was first."""

    claim: ClaimId
    question: QuestionShown
    interest: Interest
    agreed: bool
    first: bool
    lead_seconds: int | float | None


class TrackRecord(Tally):
    """How a source's outright claims fared once their questions were settled, with the denominators."""

    source: Slug
    policy: str
    hard_claims: int
    by_interest: dict[Interest, Tally]
    entries: list[SettledClaim]
