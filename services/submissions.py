"""A command comes with the keys that name it and a fingerprint of its content, so that sent twice it counts once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import NamedTuple

from domain.commands import (
    ArchiveDocument,
    AssertAffiliation,
    AssertRelation,
    Command,
    CorrectClaim,
    DeclareLean,
    EndAffiliation,
    EndLean,
    EndLocationLink,
    EraseText,
    LinkLocations,
    MakeAssessment,
    PublishEdition,
    RateSource,
    RecordClaim,
    RegisterAspect,
    RegisterLocation,
    RegisterSource,
    RegisterStory,
    VoidClaim,
    WithdrawClaim,
    with_ids,
)
from domain.decide import wanted
from domain.decisions.protecting import sealed
from domain.events import Recorded
from domain.identities import SALT, Sealed


class Protecting(NamedTuple):
    """What has to be known of a source that may be protected: who it is, and whether the sender may know."""

    kept: Sealed | None
    identifies: bool


class Receipt(NamedTuple):
    """What was recorded: the events, the position of the last and when; `replayed` if it was so before.

    An import answers without events where nobody had to read them. Position 0 with no event: it is built in, or was
    never recorded. `by` is who recorded it, which need not be whoever sent it again.
    """

    position: int
    recorded: datetime
    events: tuple[Recorded, ...]
    replayed: bool
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A command on its way in.

    `key` is the caller's name for the call (beside the command's own), such as `http:…` or `line:…`; `fingerprint` its
    content, by default that of the command. `expected` is the position of the thing's latest event that the caller saw,
    0 for none; if it is another by then, the command is refused (`Moved`). `by` is who records it
    (`domain.values.Recorder`), and no part of its content. `identifies` says whether they may know who protected
    sources are: whoever may not revises only those that they registered.
    """

    command: Command
    key: str | None = None
    fingerprint: bytes | None = None
    expected: int | None = None
    by: str | None = None
    identifies: bool = True


class Prepared(NamedTuple):
    """A submission with all that can be known of it before the ledger is looked at."""

    command: Command
    thing: str
    keys: tuple[str, ...]
    fingerprint: bytes
    expected: int | None
    streams: frozenset[str]
    fresh: frozenset[str]
    texts: frozenset[str]
    by: str | None = None
    protecting: Protecting | None = None


_NOTHING: frozenset[str] = frozenset()
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def submission_of(command: Command, line: bytes, by: str | None = None) -> Submission:
    """Return the command with the key that makes the same line a duplicate, unless it has a key of its own.

    A line with an identity gets none: whoever has a name in mind could try it on the key. That the ledger says this
    already is seen by looking.
    """
    has_identity = isinstance(command, RegisterSource) and command.identity is not None
    return Submission(command, key=None if command.key is not None or has_identity else line_key(line), by=by)


def line_key(line: bytes) -> str:
    """Return the key of a line that has none: the same for the same content, whatever the order of its members."""
    return f"line:{hashlib.sha256(_CANONICAL(json.loads(line)).encode()).hexdigest()}"


def prepare(given: Command | Submission, make_id: Callable[[], str]) -> Prepared:
    """Return the submission with ids, keys, its fingerprint and what its decision will look at."""
    submission = given if isinstance(given, Submission) else Submission(given)
    before, protecting = protecting_of(submission)
    named = () if before.key is None else (f"{before.type}:{before.key}",)
    keys = (*named, *(() if submission.key is None else (submission.key,)))
    # Before ids are made: sent twice without an id it is the same content.
    fingerprint = submission.fingerprint or (fingerprint_of(before) if keys else b"")
    command, expected, by = with_ids(before, make_id), submission.expected, submission.by
    if isinstance(command, RecordClaim) and not command.relations and command.quote is None:
        # Nearly every line of an import; it is about itself alone.
        thing = f"claim/{command.id}"
        own = frozenset((thing,))
        streams, fresh = (own, _NOTHING) if command is before else (_NOTHING, own)
        return Prepared(command, thing, keys, fingerprint, expected, streams, fresh, _NOTHING, by)
    fresh = _NOTHING if command is before else frozenset(f"claim/{claim}" for claim in _made(before, command))
    asked, thing = wanted(command), thing_of(command)
    streams = asked.streams if thing in asked.streams else asked.streams | {thing}
    if fresh:
        streams -= fresh
    return Prepared(command, thing, keys, fingerprint, expected, streams, fresh, asked.texts, by, protecting)


def protecting_of(submission: Submission) -> tuple[Command, Protecting | None]:
    """Return the command with the commitment to its identity, if it has one, and what else there is to protect."""
    command = submission.command
    if not isinstance(command, RegisterSource):
        return command, None
    command, kept = sealed(command, token_bytes(SALT))
    return command, Protecting(kept, submission.identifies)


def _made(before: Command, command: Command) -> tuple[str, ...]:
    """Return the claim id that was made for the command, if one was."""
    if command is before:
        return ()
    if isinstance(command, RecordClaim):
        return (str(command.id),)
    return (str(command.replacement.id),) if isinstance(command, CorrectClaim) else ()


def fingerprint_of(command: Command) -> bytes:
    """Return the SHA-256 of the command's content.

    What equals its default is left out, so that a field added in a later version changes no fingerprint; the order of
    members does not count.
    """
    if isinstance(command, RecordClaim):
        # Ten times faster than sorting it all, and only facets have members whose order the sender chose.
        ordered = command if len(command.facets) < 2 else _with_facets_in_order(command)
        return hashlib.sha256(
            b"claim %b" % ordered.__pydantic_serializer__.to_json(ordered, exclude_defaults=True)
        ).digest()
    text = json.dumps(command.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
    return hashlib.sha256(f"{command.type} {text}".encode()).digest()


def _with_facets_in_order(claim: RecordClaim) -> RecordClaim:
    return claim.model_copy(update={"facets": dict(sorted(claim.facets.items()))})


def thing_of(command: Command) -> str:  # noqa: C901 (one case a command; the type checker counts them)
    """Return the stream of what the command is about."""
    if isinstance(command, RecordClaim):
        return f"claim/{command.id}"
    match command:
        case (
            CorrectClaim(claim=claim)
            | WithdrawClaim(claim=claim)
            | VoidClaim(claim=claim)
            | AssertRelation(claim=claim)
        ):
            return f"claim/{claim}"
        case RegisterSource(slug=slug) | RateSource(source=slug):
            return f"source/{slug}"
        case AssertAffiliation(id=edge) | EndAffiliation(affiliation=edge):
            return f"affiliation/{edge}"
        case DeclareLean(source=source, towards=towards) | EndLean(source=source, towards=towards):
            return f"lean/{source}/{towards}"
        case RegisterLocation(slug=slug):
            return f"location/{slug}"
        case LinkLocations() | EndLocationLink():
            return f"link/{command.name}"
        case RegisterAspect(name=name):
            return f"aspect/{name}"
        case ArchiveDocument(sha256=sha256):
            return f"document/{sha256}"
        case RegisterStory(slug=slug) | PublishEdition(story=slug):
            return f"story/{slug}"
        case MakeAssessment(id=name):
            return f"assessment/{name}"
        case EraseText(sha256=sha256):
            return f"text/{sha256}"
