"""What the ledger knows of claims, places, sources and stories is shown in these shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from api.wire import Instant, Rows, Shown
from domain.values import Agreement, ClaimId, Position, Sha256, Slug, Strength

OF_PROJECTION: str | None = Field(default=None, description="The projection that was asked, if one was named.")


class QuestionShown(Shown):
    """What is asked of which place."""

    location: Slug
    aspect: str
    subject: str | None = None


class OutcomeShown(Shown):
    """What was believed before or after something, as far as a change tells it."""

    agreement: Agreement
    strength: Strength | None
    value: JsonValue
    lean: str | None = None


class BeliefShort(Shown):
    """What is believed of a question, in short."""

    question: QuestionShown
    agreement: Agreement
    strength: Strength | None
    value: JsonValue
    lean: str | None
    rule: str
    flags: list[str]
    supporters: list[ClaimId]
    objectors: list[ClaimId]


class BeliefShown(BeliefShort):
    """What is believed of a question, why, by whose word, and what would change it."""

    policy: str
    facets: dict[str, dict[str, str]]
    groups: Rows
    sides: dict[str, JsonValue]
    load_bearing: dict[str, JsonValue]
    digest: Sha256
    changed: dict[str, JsonValue] | None = Field(
        description="The position and the event that last changed it; both null where no picture has it, and more than "
        "500 claims would have to be judged again."
    )
    projection: str | None = OF_PROJECTION


class Picture(Shown):
    """The beliefs on every question of a place or a story."""

    position: Position
    projection: str | None = OF_PROJECTION
    beliefs: list[BeliefShort]


class BeliefAtPlace(Shown):
    """What is believed of a question, with its place, and the position at which it last changed."""

    question: QuestionShown
    place: dict[str, JsonValue] | None
    agreement: Agreement
    strength: Strength | None
    value: JsonValue
    rule: str
    changed: int | None


class BeliefPage(Shown):
    """Beliefs across places; the next page is in the `Link` header."""

    position: Position
    projection: str | None = OF_PROJECTION
    beliefs: list[BeliefAtPlace]


class Transition(Shown):
    """A change of a belief, with the event that brought it about."""

    question: QuestionShown
    position: Position
    recorded: Instant
    before: OutcomeShown
    after: OutcomeShown
    cause: dict[str, JsonValue]


class History(Shown):
    """How a belief changed: `changes` from position to position, or `stretches` along valid time."""

    position: Position
    projection: str | None = OF_PROJECTION
    changes: list[Transition] = []
    stretches: Rows = []


class BeliefHistories(Shown):
    """How belief went at many places, in columns; the next page is in the `Link` header.

    The lists of one object are equally long. `places`: `slug`, `name`, `precision`, `geometry` (GeoJSON or null).
    `questions`: `place` (a number in `places`), `subject`, and `told_from`: null, or the position behind which alone
    the intervals tell all, since something may have been believed by inheritance before, and was too much to judge
    anew. `outcomes`: what can be believed, as in a history. `moments`: when something changes, in order: `at`, and
    along the ledger `position`. `intervals`: `question`, `from`, `to` and `outcome`, each a number in one of the
    others.
    """

    position: Position
    projection: str | None = OF_PROJECTION
    aspect: Slug
    axis: Literal["recorded", "valid"]
    valid_at: Instant | None
    places: dict[str, list[JsonValue]]
    questions: dict[str, list[JsonValue]]
    outcomes: Rows
    moments: dict[str, list[JsonValue]]
    intervals: dict[str, list[int | None]]


class MapLayerListed(Shown):
    """A layer of the map, at its path."""

    name: Slug
    attribution: str
    path: str


class MapLayers(Shown):
    """The newsroom's own layers of the map."""

    layers: list[MapLayerListed]


class MapLayer(Shown):
    """A layer as its file has it (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[JsonValue]


class Timeline(Shown):
    """The changes of a picture, in the order in which they came about."""

    position: Position
    projection: str | None = OF_PROJECTION
    changes: list[Transition]


class Feature(Shown):
    """A belief at its place (RFC 7946)."""

    type: Literal["Feature"]
    geometry: dict[str, JsonValue] | None
    properties: dict[str, JsonValue]


class FeatureCollection(Shown):
    """Beliefs across places, for a map (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


class LocationShown(Shown):
    """A place with its links both ways."""

    slug: Slug
    names: list[str]
    precision: str
    links: dict[str, list[str]]
    linked_by: dict[str, list[str]]


class LocationPage(Shown):
    """Places by slug."""

    position: Position
    locations: list[LocationShown]


class AspectShown(Shown):
    """An aspect with its rules."""

    name: Slug
    kind: str


class AspectList(Shown):
    """Every aspect, those that ship built in among them."""

    position: Position
    aspects: list[AspectShown]


class StoryShown(Shown):
    """A story, and what is asked in it."""

    slug: Slug
    title: str
    questions: list[QuestionShown]


class StoryPage(Shown):
    """Stories by slug."""

    position: Position
    stories: list[StoryShown]


class Difference(Shown):
    """What appeared, changed and went between two cuts of a story or a place, each with the events that did it."""

    story: Slug | None = None
    location: Slug | None = None
    appeared: Rows
    changed: Rows
    gone: Rows


class SourceTimeline(Shown):
    """How a source changed what it says; `before` and `after` are what it says on the question."""

    position: Position
    projection: str | None = OF_PROJECTION
    changes: Rows


class SourceDifference(Shown):
    """What a source says at one of two cuts alone, each with its own words that did it."""

    source: Slug
    appeared: Rows
    changed: Rows
    gone: Rows


class EditionListed(Shown):
    """An edition, with what of it has changed since and which others correct it."""

    story: Slug
    number: int
    title: str
    position: Position
    as_of: Position
    corrects: int | None
    corrected_by: Rows
    affected: dict[str, JsonValue]


class EditionPage(Shown):
    """Editions across stories; the next page is in the `Link` header."""

    position: Position
    editions: list[EditionListed]


class EditionShown(Shown):
    """An edition with what of it has changed since, and why."""

    story: Slug
    number: int
    title: str
    as_of: Position
    corrected_by: Rows
    affected: dict[str, JsonValue]
