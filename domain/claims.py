"""A claim is one statement by one speaker about one question, with the way it came to us."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from domain.values import ClaimId, Fact, Key, Line, Polarity, Quantity, Sha256, Slug, Storable, When, Words


class Question(Fact):
    """What can be asked: an aspect of a location; the subject keeps apart what must not be mixed."""

    location: Slug
    aspect: Slug
    subject: Slug | None = None

    def __hash__(self) -> int:
        return hash((self.location, self.aspect, self.subject))

    def __eq__(self, other: object) -> bool:
        # Questions are looked up millions of times in a replay; what the library compares takes three times as long.
        return isinstance(other, Question) and (self.location, self.aspect, self.subject) == (
            other.location,
            other.aspect,
            other.subject,
        )

    @property
    def name(self) -> str:
        """The question as one word: `minian/control`, `eastern-aleppo/strike/russia`."""
        return "/".join(part for part in (self.location, self.aspect, self.subject) if part)


Role = Literal["speaker", "spokesperson", "carrier", "publisher"]
RelationType = Literal[
    "confirms", "carries", "carries_similar", "denies", "contradicts", "specifies", "restates", "queries"
]
Basis = Literal["statement", "witnessed", "document", "imagery", "unstated"]
Modality = Literal["asserted", "presupposed", "planned", "predicted", "conditional", "opinion"]


class Link(Fact):
    """One station of a statement's way from the deepest known speaker to the publisher."""

    source: Slug
    role: Role
    mode: Literal["quote", "paraphrase", "carried"]
    naming: Literal["named", "org_only", "unnamed"]


class Quote(Fact):
    """Where a document says it: half-open code point offsets, and the words themselves if they may be kept."""

    document: Sha256
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    exact: Words | None = None


class Relation(Fact):
    """How a claim stands to another one, which may be recorded later."""

    type: RelationType
    claim: ClaimId


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(texts)) != len(texts):
        raise ValueError("each may be named once")
    return texts


Slugs = Annotated[tuple[Slug, ...], Field(max_length=100), AfterValidator(_once)]
Facets = Annotated[dict[Slug, Line], Field(max_length=30)]


class Said(Fact):
    """What one speaker said, before it has a name in the ledger (semantics, section 3).

    `valid` is the time the statement speaks of, `stated` when it was said (absent: when it was published);
    both are read in `tz`. `chain` runs from the deepest known speaker to the publisher.
    `favours` and `against`, where given, stand in place of what the aspect would derive.
    """

    key: Key | None = None
    story: Slugs = ()
    question: Question
    value: Line | None = None
    quantity: Quantity | None = None
    facets: Facets = {}
    polarity: Polarity = "asserts"
    modality: Modality = "asserted"
    hedged: bool = False
    chain: Annotated[tuple[Link, ...], Field(min_length=1, max_length=20)]
    basis: Basis = "statement"
    tz: Annotated[str, StringConstraints(max_length=60), Storable] = "UTC"
    valid: When
    stated: When | None = None
    published: When
    statement: Words | None = None
    quote: Quote | None = None
    relations: Annotated[tuple[Relation, ...], Field(max_length=100)] = ()
    favours: Slugs | None = None
    against: Slugs | None = None
    tags: Annotated[tuple[Line, ...], Field(max_length=50), AfterValidator(_once)] = ()

    @property
    def source(self) -> Slug:
        """Who said it: the first link of the chain."""
        return self.chain[0].source

    @property
    def spoken(self) -> When:
        """When it was said."""
        return self.stated or self.published

    @property
    def speakers(self) -> frozenset[Slug]:
        """Everybody who spoke: the first link, and whoever is speaker or spokesperson; carriers did not."""
        return frozenset(
            link.source for n, link in enumerate(self.chain) if n == 0 or link.role in ("speaker", "spokesperson")
        )

    @property
    def is_hearsay(self) -> bool:
        """Whether an unnamed speaker was heard through a carrier."""
        return self.chain[0].naming == "unnamed" and any(link.role == "carrier" for link in self.chain[1:])


class Claim(Said):
    """One statement by one speaker, as the desk wrote it down; immutable."""

    id: ClaimId
