"""Ready-made events are what the ledger would have recorded, keys and texts included, without being decided anew."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from bench.ledgers import Sent
from domain.aspects import Aspect
from domain.claims import Claim, Question
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
    LinkLocations,
    MakeAssessment,
    PublishEdition,
    RateSource,
    RegisterAspect,
    RegisterLocation,
    RegisterSource,
    RegisterStory,
    VoidClaim,
    WithdrawClaim,
    claim_of,
    entry_of,
    parse_command,
)
from domain.entries import (
    Affiliation,
    Assessment,
    Document,
    Edition,
    Lean,
    Location,
    LocationLink,
    Rating,
    Source,
    Story,
)
from domain.events import (
    AffiliationAsserted,
    AffiliationEnded,
    AspectRegistered,
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    DocumentArchived,
    EditionPublished,
    Event,
    LeanDeclared,
    LeanEnded,
    LocationLinked,
    LocationLinkEnded,
    LocationRegistered,
    RelationAsserted,
    SourceRated,
    SourceRegistered,
    StoryRegistered,
)
from domain.values import Fact
from services.store.event_log import EventLog, KeyRow
from services.submissions import prepare, submission_of

CHUNK = 10_000
"""Events that are appended in one transaction."""


class Ready(NamedTuple):
    """An event that is decided already, with the keys that it was sent under and the stream that they lead to."""

    event: Event
    keys: tuple[tuple[str, bytes, str], ...]


def ready_made(sent: Iterable[Sent]) -> Iterator[Ready]:
    """Yield what the ledger would record for each of the commands."""
    for one in sent:
        yield _claim(one) if one.type == "claim" else _other(one)


def load(log: EventLog, ready: Iterable[Ready], told: Callable[[int], None] | None = None) -> int:
    """Append what is ready in chunks, in constant memory, and return the position of the last.

    What the ledger holds already is left out, so a loading that was broken off is begun again with the same events.
    """
    position = log.head()
    waiting = islice(ready, position, None)
    # An event is a tree and never part of a circle: looking for circles in a growing chunk is time lost.
    gc.disable()
    try:
        while chunk := list(islice(waiting, CHUNK)):
            position = append(log, chunk)
            gc.collect(0)
            if told is not None:
                told(position)
    finally:
        gc.enable()
    return position


def append(log: EventLog, chunk: Sequence[Ready]) -> int:
    """Append in one transaction, with keys and texts, and return the position of the last."""
    with log.writing() as writing:
        added = writing.append(one.event for one in chunk)
        writing.name(
            KeyRow(key, fingerprint, stream, recorded.position, recorded.position)
            for one, recorded in zip(chunk, added, strict=True)
            for key, fingerprint, stream in one.keys
        )
    return added[-1].position


def _claim(sent: Sent) -> Ready:
    # Read as the claim that it is, and not as the command to record it: the same fields, and so the same fingerprint.
    claim = Claim.model_validate_json(sent.line())
    content = claim.model_dump_json(exclude_defaults=True)
    fingerprint = hashlib.sha256(f"claim {content}".encode()).digest()
    keys = ((f"claim:{claim.key}", fingerprint, f"claim/{claim.id}"),)
    return Ready(ClaimRecorded.model_construct(type="claim-recorded.v1", claim=claim), keys)


def _other(sent: Sent) -> Ready:
    line = sent.line()
    submission = submission_of(parse_command(line), line)
    asked = prepare(submission, _no_id)
    keys = tuple((key, asked.fingerprint, asked.thing) for key in asked.keys)
    return Ready(_event(submission.command, sent), keys)


def _no_id() -> str:
    raise AssertionError("a made-up ledger gives every claim its id")


def _event(command: Command, sent: Sent) -> Event:
    kind = type(command)
    if kind in _ENTRIES:
        event, field, shape = _ENTRIES[kind]
        return event.model_validate({field: entry_of(command, shape)})  # pyright: ignore[reportReturnType]
    return _of_a_tie(command) or _of_a_claim(command, sent)


def _of_a_tie(command: Command) -> Event | None:
    if isinstance(command, EndAffiliation):
        # The generator names a tie after its ends: c007/ally/allied_with/government.
        country, low, _, high = command.affiliation.split("/")
        ends = {"from_": f"{country}-{low}", "to": f"{country}-{high}"}
        ended = {"affiliation": command.affiliation, "at": command.at, "tz": command.tz}
        return AffiliationEnded.model_validate({**ended, **ends})
    if isinstance(command, EndLean):
        return LeanEnded(source=command.source, towards=command.towards)
    return None


def _of_a_claim(command: Command, sent: Sent) -> Event:
    assert sent.about is not None
    question, source = Question.model_validate(sent.about[0]), sent.about[1]
    if isinstance(command, WithdrawClaim):
        return ClaimWithdrawn(claim=command.claim, question=question, source=source, reason=command.reason)
    if isinstance(command, VoidClaim):
        return ClaimVoided(claim=command.claim, question=question, source=source, reason=command.reason)
    if isinstance(command, AssertRelation):
        return RelationAsserted(claim=command.claim, question=question, source=source, relation=command.relation)
    assert isinstance(command, CorrectClaim)
    replacement = claim_of(command.replacement)
    ended = {"claim": command.claim, "question": question, "source": source}
    return ClaimCorrected.model_validate({**ended, "replacement": replacement, "reason": command.reason})


_ENTRIES: dict[type[Command], tuple[type[Fact], str, type[Fact]]] = {
    RegisterSource: (SourceRegistered, "source", Source),
    AssertAffiliation: (AffiliationAsserted, "affiliation", Affiliation),
    DeclareLean: (LeanDeclared, "lean", Lean),
    RateSource: (SourceRated, "rating", Rating),
    RegisterLocation: (LocationRegistered, "location", Location),
    LinkLocations: (LocationLinked, "link", LocationLink),
    EndLocationLink: (LocationLinkEnded, "link", LocationLink),
    RegisterAspect: (AspectRegistered, "aspect", Aspect),
    ArchiveDocument: (DocumentArchived, "document", Document),
    RegisterStory: (StoryRegistered, "story", Story),
    MakeAssessment: (AssessmentMade, "assessment", Assessment),
    PublishEdition: (EditionPublished, "edition", Edition),
}
"""What is recorded as it was sent: the event, its one field, and the shape of what is in it."""
