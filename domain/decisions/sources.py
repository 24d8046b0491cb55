"""Sources and their ties are registered, revised and ended; a tie that holds names two registered sources."""

from __future__ import annotations

from domain.commands import (
    AssertAffiliation,
    DeclareLean,
    EndAffiliation,
    EndLean,
    RateSource,
    RegisterSource,
    entry_of,
)
from domain.decisions.checks import require_sources, require_times
from domain.decisions.known import Known, says_the_same
from domain.decisions.protecting import protected
from domain.entries import Affiliation, Lean, Rating
from domain.events import (
    AffiliationAsserted,
    AffiliationEnded,
    Event,
    LeanDeclared,
    LeanEnded,
    SourceRated,
    SourceRegistered,
)
from domain.refusals import AlreadyRecorded, NotATime, NotInForce, Problem, TiedToItself, UnknownAffiliation, pointer
from domain.times import read


def decide_source(command: RegisterSource, known: Known) -> tuple[Event, ...]:
    """Register the source, or revise it if anything is new; a protected one without its identity."""
    source = protected(command, known)
    return () if says_the_same(known.registry.source(source.slug), source) else (SourceRegistered(source=source),)


def decide_affiliation(command: AssertAffiliation, known: Known) -> tuple[Event, ...]:
    """Tie two registered sources under a new id; a tie that ended comes back under another id."""
    tie = entry_of(command, Affiliation)
    before = known.registry.affiliation(tie.id)
    if before is not None:
        if says_the_same(before.affiliation, tie):
            return ()
        raise AlreadyRecorded(
            Problem(pointer("id"), f"the tie {tie.id!r} is recorded with other content", "an id of its own")
        )
    require_sources(known, [(("from",), tie.from_), (("to",), tie.to)])
    if tie.from_ == tie.to:
        raise TiedToItself(Problem(pointer("to"), f"{tie.to!r} would be tied to itself", "another source"))
    require_times(tie.tz, [(("valid",), tie.valid)])
    return (AffiliationAsserted(affiliation=tie),)


def decide_affiliation_end(command: EndAffiliation, known: Known) -> tuple[Event, ...]:
    """End a tie that has not ended; `at` must say from when on it no longer held."""
    edge = known.registry.affiliation(command.affiliation)
    if edge is None:
        raise UnknownAffiliation(
            Problem(pointer("affiliation"), f"no tie has the id {command.affiliation!r}", "the id of a recorded tie")
        )
    if edge.end is not None:
        if (edge.end.at, edge.end.tz) == (command.at, command.tz):
            return ()
        raise NotInForce(
            Problem(
                pointer("affiliation"),
                f"the tie {command.affiliation!r} ended at position {edge.end.position}",
                "a tie that has not ended",
            )
        )
    require_times(command.tz, [(("at",), command.at)])
    if command.at is not None and read(command.at.edtf, command.tz).interval.start is None:
        raise NotATime(
            Problem(
                pointer("at", "edtf"),
                f"{command.at.edtf!r} does not say when the tie ceased to hold",
                "a time with a beginning, or no 'at' if the tie never held",
            )
        )
    tie = edge.affiliation
    return (
        AffiliationEnded.model_validate(
            {"affiliation": tie.id, "from_": tie.from_, "to": tie.to, "at": command.at, "tz": command.tz}
        ),
    )


def decide_lean(command: DeclareLean, known: Known) -> tuple[Event, ...]:
    """Declare that a source leans, or revise the note."""
    lean = entry_of(command, Lean)
    require_sources(known, [(("source",), lean.source), (("towards",), lean.towards)])
    if lean.source == lean.towards:
        raise TiedToItself(Problem(pointer("towards"), f"{lean.source!r} would lean towards itself", "another source"))
    return () if says_the_same(known.registry.lean(lean.source, lean.towards), lean) else (LeanDeclared(lean=lean),)


def decide_lean_end(command: EndLean, known: Known) -> tuple[Event, ...]:
    """End a lean; one that ended already has nothing more to end."""
    if known.registry.lean(command.source, command.towards) is not None:
        return (LeanEnded(source=command.source, towards=command.towards),)
    if known.registry.has_leaned(command.source, command.towards):
        return ()
    require_sources(known, [(("source",), command.source), (("towards",), command.towards)])
    raise NotInForce(
        Problem(
            pointer("towards"),
            f"{command.source!r} was never declared to lean towards {command.towards!r}",
            "a lean that is in force",
        )
    )


def decide_rating(command: RateSource, known: Known) -> tuple[Event, ...]:
    """Grade a registered source; the latest grade on a scale is the one that is shown."""
    rating = entry_of(command, Rating)
    require_sources(known, [(("source",), rating.source)])
    before = known.registry.rating(rating.source, rating.scale)
    return () if says_the_same(before, rating) else (SourceRated(rating=rating),)
