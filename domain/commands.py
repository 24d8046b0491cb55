"""What a caller may ask of the ledger has one form each, and these are the forms of a line of an import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import ConfigDict, Field, ValidationError

from domain.aspects import Aspect
from domain.claims import Claim, Relation, Said
from domain.entries import (
    Affiliation,
    Assessment,
    Document,
    Lean,
    Location,
    LocationLink,
    Rating,
    Reliance,
    Source,
    Story,
    Tz,
)
from domain.identities import Identity
from domain.malformed import problems_of
from domain.refusals import Malformed, Problem, pointer
from domain.strict_json import MAX_MEMBERS, is_plain, read_object
from domain.values import ClaimId, EdgeId, Fact, Key, Line, Passage, Position, Sha256, Slug, When, made_of


class Keyed(Fact):
    """Something that a caller may name, so that sending it twice is sending it once."""

    key: Key | None = None


class RecordClaim(Said):
    """Write down what a source said; without `id` the service gives one."""

    type: Literal["claim"] = "claim"
    id: ClaimId | None = None


class RegisterSource(Source, Keyed):
    """Enter a source, or revise what is known of it.

    A `confidential` one comes with its `identity`, which is never part of what is recorded, or with the `commitment` to
    one that is kept elsewhere; a revision with neither leaves the identity as it is.
    """

    # What the whole form was sent would be in the text of an error, and the identity with it.
    model_config = ConfigDict(hide_input_in_errors=True)

    type: Literal["source"] = "source"
    identity: Identity | None = Field(default=None, exclude=True)


class AssertAffiliation(Affiliation, Keyed):
    """Hold that two sources are tied."""

    type: Literal["affiliation"] = "affiliation"


class EndAffiliation(Keyed):
    """Hold that a tie ended: with `at` it held until then, without it the tie never was."""

    type: Literal["affiliation_ended"] = "affiliation_ended"
    affiliation: EdgeId
    at: When | None = None
    tz: Tz = "UTC"


class DeclareLean(Lean, Keyed):
    """Hold that a source is biased towards a party."""

    type: Literal["lean"] = "lean"


class EndLean(Keyed):
    """No longer hold that the source is biased so."""

    type: Literal["lean_ended"] = "lean_ended"
    source: Slug
    towards: Slug


class RateSource(Rating, Keyed):
    """Grade a source on a scale."""

    type: Literal["rating"] = "rating"


class RegisterLocation(Location, Keyed):
    """Enter a place, or revise what is known of it."""

    type: Literal["location"] = "location"


class LinkLocations(LocationLink, Keyed):
    """Hold that one place is part of, near or beside another."""

    type: Literal["location_link"] = "location_link"


class EndLocationLink(LocationLink, Keyed):
    """No longer hold that the places are so linked."""

    type: Literal["location_link_ended"] = "location_link_ended"


class RegisterAspect(Aspect, Keyed):
    """Enter an aspect, or revise its rules."""

    type: Literal["aspect"] = "aspect"


class ArchiveDocument(Document, Keyed):
    """Keep a document, with its text or only with its hash."""

    type: Literal["document"] = "document"


class RegisterStory(Story, Keyed):
    """Open a story, or revise what it follows."""

    type: Literal["story"] = "story"


class AssertRelation(Keyed):
    """Say how a recorded claim stands to another one."""

    type: Literal["relation"] = "relation"
    claim: ClaimId
    relation: Relation


class CorrectClaim(Keyed):
    """Replace what the desk wrote down wrongly by what was said."""

    type: Literal["correct"] = "correct"
    claim: ClaimId
    replacement: RecordClaim
    reason: Passage


class WithdrawClaim(Keyed):
    """Note that a source took its words back; `source` is who did, where that is known."""

    type: Literal["withdraw"] = "withdraw"
    claim: ClaimId
    source: Slug | None = None
    reason: Passage


class VoidClaim(Keyed):
    """Note that the words were never the source's."""

    type: Literal["void"] = "void"
    claim: ClaimId
    reason: Passage


class MakeAssessment(Assessment, Keyed):
    """Give a verdict on a question."""

    type: Literal["assess"] = "assess"


class PublishEdition(Keyed):
    """Pin what a story said in print, and what it relied on; without `number` it gets the next one."""

    type: Literal["edition"] = "edition"
    story: Slug
    number: Annotated[int, Field(ge=1)] | None = None
    title: Line
    published: When
    tz: Tz = "UTC"
    as_of: Position
    policy: Line
    claims: Annotated[tuple[ClaimId, ...], Field(max_length=10_000)] = ()
    beliefs: Annotated[tuple[Reliance, ...], Field(max_length=10_000)] = ()
    corrects: Annotated[int, Field(ge=1)] | None = None
    note: Passage | None = None


class EraseText(Keyed):
    """Remove a text that the law or an embargo forces out; its hash stays.

    `also_absent`: erase it even if it is not held here, so that it is never taken in. A copy of a ledger needs this.
    """

    type: Literal["text_erased"] = "text_erased"
    sha256: Sha256
    also_absent: bool = False
    reason: Passage


Command = Annotated[
    RecordClaim
    | RegisterSource
    | AssertAffiliation
    | EndAffiliation
    | DeclareLean
    | EndLean
    | RateSource
    | RegisterLocation
    | LinkLocations
    | EndLocationLink
    | RegisterAspect
    | ArchiveDocument
    | RegisterStory
    | AssertRelation
    | CorrectClaim
    | WithdrawClaim
    | VoidClaim
    | MakeAssessment
    | PublishEdition
    | EraseText,
    Field(discriminator="type"),
]

COMMANDS: dict[str, type[Command]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(Command)[0])
}
"""The `type` on the wire → the form."""

F = TypeVar("F", bound=Fact)


def entry_of(command: Fact, shape: type[F]) -> F:
    """Return what the command asks to record, without what makes it a command (`type`, `key`)."""
    return shape.model_validate({name: getattr(command, name) for name in shape.model_fields})


_CLAIM_FIELDS = tuple(Claim.model_fields)


def claim_of(command: RecordClaim) -> Claim:
    """Return the claim that the command, which has an id, asks to record.

    Unlike `entry_of` it does not look at everything again: a `RecordClaim` is a claim but for the id that it may lack,
    and no other command comes as often.
    """
    fields = command.__dict__
    return made_of(Claim, {name: fields[name] for name in _CLAIM_FIELDS}, _CLAIM_FIELDS)


def parse_command(line: bytes | str) -> Command:
    """Read one JSON object as the command that its `type` names; without a `type` it is a claim.

    Raises Malformed with every problem found: text that is not strict JSON, a field that the form does not have, a
    value of another kind. Whether sources, places and aspects are known is not asked here.
    """
    if isinstance(line, bytes) and (claim := plain_claim(line)) is not None:
        return claim
    text, members = read_object(line)
    named = members.get("type", "claim")
    form = COMMANDS.get(named) if isinstance(named, str) else None
    if form is None:
        shown = f"there is no form {named[:60]!r}" if isinstance(named, str) else "the type is not a text"
        raise Malformed(Problem(pointer("type"), shown, f"one of {', '.join(COMMANDS)}, or none for a claim"))
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        raise Malformed(*problems_of(error, members)) from None


def plain_claim(line: bytes) -> RecordClaim | None:
    """Return the claim that the line is, read at one go; None where `parse_command` must look closer, or refuses it.

    Whatever this takes, the closer look would take alike, at three times the cost.
    """
    # What has so many members has to be looked at before a thousand bytes are spent on what is wrong with each.
    if b'"chain"' not in line or line.count(b",") >= MAX_MEMBERS:
        return None
    try:
        claim = RecordClaim.model_validate_json(line)
    except ValidationError:
        return None
    return claim if is_plain(line, claim) else None


def with_ids(command: Command, make: Callable[[], str]) -> Command:
    """Return the command with an id from `make` (a UUIDv7 in lower case) wherever a claim has none yet."""
    if isinstance(command, RecordClaim) and command.id is None:
        return _with_id(command, make())
    if isinstance(command, CorrectClaim) and command.replacement.id is None:
        return command.model_copy(update={"replacement": _with_id(command.replacement, make())})
    return command


def _with_id(command: RecordClaim, claim: ClaimId) -> RecordClaim:
    return made_of(RecordClaim, {**command.__dict__, "id": claim}, command.model_fields_set | {"id"})
