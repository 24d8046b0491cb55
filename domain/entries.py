"""What the registry holds: sources and their ties, locations and theirs, documents, stories; and a desk's verdicts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from domain.claims import Facets, Question
from domain.geometry import checked_geometry
from domain.values import ClaimId, EdgeId, Fact, Line, Passage, Position, Quantity, Sha256, Slug, Storable, Text, When

SourceKind = Literal[
    "party", "party_media", "state_media", "wire", "outlet", "monitor", "responder", "igo", "ngo",
    "witness", "unnamed", "other",
]  # fmt: skip
NEUTRAL_KINDS = frozenset({"wire", "outlet", "monitor", "responder", "igo", "ngo", "witness", "other"})
"""Kinds that are neutral where no party is among their ties; the others are `unknown`."""
Tie = Literal["member_of", "run_by", "owned_by", "speaks_for", "allied_with", "opposes"]
LocationTie = Literal["part_of", "vicinity_of", "adjacent_to"]
Tz = Annotated[str, StringConstraints(max_length=60), Storable]


class Source(Fact):
    """Anyone who speaks or carries speech.

    A confidential one is protected: `name` is what everybody may call it, and who it is lies beside the ledger, under
    the commitment (see `domain.identities`). Without protection neither is there.
    """

    slug: Slug
    kind: SourceKind
    name: Line
    note: Passage | None = None
    confidential: Literal[True] | None = None
    commitment: Sha256 | None = None


class Affiliation(Fact):
    """An edge between two sources; without `valid` it holds at all times."""

    id: EdgeId
    from_: Slug = Field(alias="from")
    relation: Tie
    to: Slug
    valid: When | None = None
    tz: Tz = "UTC"
    evidence: Annotated[tuple[ClaimId, ...], Field(max_length=100)] = ()


class Lean(Fact):
    """A declared bias of a source towards a party."""

    source: Slug
    towards: Slug
    note: Passage | None = None


class Rating(Fact):
    """A desk's grade for a source on a named scale; it is shown, and no rule of belief counts it."""

    source: Slug
    scale: Slug
    grade: Line
    rationale: Passage


class Location(Fact):
    """A place, with its names and, where it is known, a GeoJSON geometry (RFC 7946, WGS 84)."""

    slug: Slug
    names: Annotated[tuple[Line, ...], Field(min_length=1, max_length=100)]
    precision: Literal["exact", "vicinity", "locality", "region", "unspecified"]
    geometry: Annotated[dict[str, JsonValue], AfterValidator(checked_geometry)] | None = None
    note: Passage | None = None


class LocationLink(Fact):
    """An edge between two locations."""

    from_: Slug = Field(alias="from")
    relation: LocationTie
    to: Slug

    @property
    def name(self) -> str:
        """The edge as one word."""
        return f"{self.from_}/{self.relation}/{self.to}"


class Document(Fact):
    """An archived text, named by the SHA-256 of its UTF-8 bytes; the text itself may be held elsewhere."""

    sha256: Sha256
    media_type: Line
    title: Line | None = None
    source: Slug | None = None
    published: When | None = None
    tz: Tz = "UTC"
    url: Annotated[str, StringConstraints(max_length=2_000), Storable] | None = None
    text: Text | None = None


class Story(Fact):
    """A desk's file: the questions it follows, and the time zone that its dates are read in."""

    slug: Slug
    title: Line
    tz: Tz | None = None
    questions: Annotated[tuple[Question, ...], Field(max_length=2_000)] = ()


class Assessment(Fact):
    """An editor's verdict on a question; it is shown beside what the rules say, never instead."""

    id: EdgeId
    question: Question
    value: Line | None = None
    quantity: Quantity | None = None
    facets: Facets = {}
    valid: When
    tz: Tz = "UTC"
    physical_evidence: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    rationale: Passage


class Reliance(Fact):
    """A belief that an edition relied on: the question, the cut and the digest of what was believed."""

    question: Question
    valid_at: Annotated[str, StringConstraints(max_length=100), Storable] | None = None
    digest: Sha256
    agreement: Line
    strength: Line | None = None
    value: Line | Quantity | None = None


class Edition(Fact):
    """What was published: the position it pins, and the claims and beliefs it relied on."""

    story: Slug
    number: Annotated[int, Field(ge=1)]
    title: Line
    published: When
    tz: Tz = "UTC"
    as_of: Position
    policy: Line
    claims: Annotated[tuple[ClaimId, ...], Field(max_length=10_000)] = ()
    beliefs: Annotated[tuple[Reliance, ...], Field(max_length=10_000)] = ()
    corrects: Annotated[int, Field(ge=1)] | None = None
    note: Passage | None = None
