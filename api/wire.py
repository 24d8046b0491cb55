"""What answers look like is declared here for readers and their tools; the services make the answers themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.values import Position

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, with its offset.")]
RecordedBy = Annotated[
    str | None,
    Field(
        description="Who recorded it, which is not who said it: `key:NAME`, `oidc:ISSUER:SUBJECT`, `local:USER` at the "
        "command line, or `open` where nobody was asked. Null: it was not noted."
    ),
]
Rows = list[dict[str, JsonValue]]


class Shown(BaseModel):
    """An answer; members may be added in later versions."""

    model_config = ConfigDict(extra="allow")


class ProblemError(Shown):
    """One thing that is wrong: where, what, and what was expected."""

    pointer: str | None = Field(default=None, description="JSON pointer (RFC 6901) into the body; empty: the whole.")
    parameter: str | None = Field(default=None, description="The parameter of the address, or the header.")
    said: str
    expected: str | None = None


class Problem(Shown):
    """Every error has this form (RFC 9457). `request` is the id to ask an operator about."""

    type: str = Field(description="`/problems/NAME`, where it is explained.")
    title: str
    status: int
    detail: str | None = None
    errors: list[ProblemError] = []
    request: str


class Receipt(Shown):
    """What was recorded: its place in the ledger, and the event's own members (such as `claim` or `source`)."""

    position: Position = Field(description="Send it as `Ledger-Position` to be answered from views that include it.")
    recorded: Instant
    recorded_by: RecordedBy = None
    replayed: bool = Field(description="Whether it was recorded before, and this is the first result again.")


class EventShown(Shown):
    """An event in its place; `event` has the form of a line of an import."""

    position: Position
    recorded: Instant
    recorded_by: RecordedBy = None
    stream: str
    type: str
    event: dict[str, JsonValue]


class EventPage(Shown):
    """Events in order; the next page is in the `Link` header. A page that is full never changes."""

    head: Position
    events: list[EventShown]


class ProjectionShown(Shown):
    """Where a view of the ledger stands; `lag` is how many positions it is behind the head."""

    name: str
    position: Position
    lag: int
    version: int
    state: str
    what_if: dict[str, JsonValue] | None = Field(
        default=None,
        description="Of a what-if: its policy, whom it leaves out, up to which position, when it was made.",
    )


class ProjectionList(Shown):
    """Where every view stands."""

    projections: list[ProjectionShown]


class Dropped(Shown):
    """What was dropped; a what-if that another process is building goes a moment later."""

    dropped: str


class ProjectionRow(Shown):
    """A state that a view keeps: in force since a position, as the projection's own code made it."""

    key: str
    since: Position
    state: dict[str, JsonValue]


class ProjectionRows(Shown):
    """What a view keeps, by key; the next page is in the `Link` header."""

    position: Position
    rows: list[ProjectionRow]


class ReplayShown(Shown):
    """How a replay goes: `phase` is what is being done, `position` where the last of its shares stands."""

    name: str
    state: Literal["running", "interrupted", "stopped", "refused", "switched", "standing"]
    phase: str = Field(description="building, catching up, indexing, verifying, switching; then how it ended.")
    position: Position
    head: Position = Field(description="The position that it is building up to.")
    share: float = Field(description="How much of that was taken in, from 0 to 1.")
    events: int = Field(description="Taken in by this run: a replay that was broken off goes on in another one.")
    events_per_second: float
    seconds_left: float | None
    workers: Rows = Field(description="The processes that build it, each with its share and the position of that.")
    began: str | None
    began_by: str | None
    error: dict[str, JsonValue] | None
    comparison: dict[str, JsonValue] | None = Field(
        description="How many keys differ from the view in use, as both were at `position`, and the first of them."
    )


class ComparedSide(Shown):
    """What was compared: a projection or a policy, whom it leaves out, and the position at which it was taken."""

    projection: str | None
    policy: str
    without: list[str]
    position: Position


class Comparison(Shown):
    """On how many questions two pictures differ, in which way, and some of these; the next are in the `Link` header.

    `counts` has for `agreement` and for `strength` a table: what the first has, what the second has beside it, how
    often. It is of all questions if `whole`, else of those between this page's ends; `judged` is how many were judged
    for it, null where pictures were read. A difference has both outcomes with the groups that were `heard`, and the
    claims that support what is believed by one of both alone (`counts_alone`).
    """

    position: Position
    first: ComparedSide
    second: ComparedSide
    whole: bool
    judged: int | None
    questions: int
    differing: int
    counts: dict[str, dict[str, dict[str, int]]]
    differences: Rows


class PolicyShown(Shown):
    """A policy: its name and, in a sentence, how it judges."""

    name: str
    summary: str


class PolicyList(Shown):
    """The policies there are, and which one judges where none is named."""

    default: str
    policies: list[PolicyShown]


class ReportLine(Shown):
    """A line of the report of an import: `refused` (with the line), `progress`, `done`, or `failed`."""

    report: Literal["refused", "progress", "done", "failed"]


class Health(Shown):
    """Whether the service can answer; `stopped` and `behind` name views that cannot keep up."""

    status: Literal["ok", "ready", "not-ready"]
    replica: dict[str, JsonValue] | None = Field(
        default=None,
        description="Of a process that only asks: its last position, whether its server is a standby and is being sent"
        " what is recorded, and how many seconds it is behind; null if nothing tells.",
    )
    followed: dict[str, JsonValue] | None = Field(
        default=None,
        description="Of a desk that follows another: which one, up to which position of that, and before which it"
        " stopped (`refused`), because it cannot take that in.",
    )
