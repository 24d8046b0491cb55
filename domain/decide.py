"""What follows from a command is decided by what the ledger knows, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass

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
)
from domain.decisions.aspects import decide_aspect
from domain.decisions.claims import (
    decide_claim,
    decide_correction,
    decide_relation,
    decide_voiding,
    decide_withdrawal,
)
from domain.decisions.desk import decide_assessment, decide_document, decide_edition, decide_erasure, decide_story
from domain.decisions.known import Known
from domain.decisions.locations import decide_link, decide_link_end, decide_location
from domain.decisions.sources import (
    decide_affiliation,
    decide_affiliation_end,
    decide_lean,
    decide_lean_end,
    decide_rating,
    decide_source,
)
from domain.events import Event

__all__ = ["Known", "Wanted", "decide", "wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a decision will surely ask for, so that it can be fetched at once; the rest is looked up later."""

    streams: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


def wanted(command: Command) -> Wanted:
    """Return the streams (`claim/…`, `assessment/…`, `story/…`) and the hashes of texts that `decide` will ask for."""
    if isinstance(command, RecordClaim):
        return _wanted_by_claim(command)
    if isinstance(command, CorrectClaim):
        replacement = _wanted_by_claim(command.replacement)
        return Wanted(replacement.streams | {f"claim/{command.claim}"}, replacement.texts)
    if isinstance(command, AssertRelation):
        return Wanted(frozenset({f"claim/{command.claim}", f"claim/{command.relation.claim}"}))
    if isinstance(command, WithdrawClaim | VoidClaim):
        return Wanted(frozenset({f"claim/{command.claim}"}))
    if isinstance(command, MakeAssessment):
        return Wanted(frozenset({f"assessment/{command.id}"}))
    if isinstance(command, PublishEdition):
        return Wanted(frozenset({f"story/{command.story}", *(f"claim/{claim}" for claim in command.claims)}))
    if isinstance(command, EraseText):
        return Wanted(texts=frozenset({command.sha256}))
    return Wanted()


def _wanted_by_claim(said: RecordClaim) -> Wanted:
    related = {f"claim/{relation.claim}" for relation in said.relations}
    own = {f"claim/{said.id}"} if said.id is not None else set[str]()
    # Without the words there is nothing to compare, but the span must still lie within the text.
    return Wanted(frozenset(related | own), frozenset({said.quote.document} if said.quote else ()))


def decide(command: Command, known: Known) -> tuple[Event, ...]:  # noqa: C901 (one case a command; the type checker counts them)
    """Return the events that follow from the command; none if the ledger already says exactly this.

    Raises a `domain.refusals.Refusal` that says what is wrong and where. Ids are filled in before (`with_ids`).
    Deciding looks only at `known`, which must not change before the events are appended.
    """
    match command:
        case RecordClaim():
            return decide_claim(command, known)
        case CorrectClaim():
            return decide_correction(command, known)
        case WithdrawClaim():
            return decide_withdrawal(command, known)
        case VoidClaim():
            return decide_voiding(command, known)
        case AssertRelation():
            return decide_relation(command, known)
        case RegisterSource():
            return decide_source(command, known)
        case AssertAffiliation():
            return decide_affiliation(command, known)
        case EndAffiliation():
            return decide_affiliation_end(command, known)
        case DeclareLean():
            return decide_lean(command, known)
        case EndLean():
            return decide_lean_end(command, known)
        case RateSource():
            return decide_rating(command, known)
        case RegisterLocation():
            return decide_location(command, known)
        case LinkLocations():
            return decide_link(command, known)
        case EndLocationLink():
            return decide_link_end(command, known)
        case RegisterAspect():
            return decide_aspect(command, known)
        case RegisterStory():
            return decide_story(command, known)
        case ArchiveDocument():
            return decide_document(command, known)
        case MakeAssessment():
            return decide_assessment(command, known)
        case PublishEdition():
            return decide_edition(command, known)
        case EraseText():
            return decide_erasure(command, known)
