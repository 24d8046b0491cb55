"""A source is protected from its first record to the last, and nothing that is recorded of it says who it is."""

from __future__ import annotations

from collections.abc import Iterator

from domain.commands import RegisterSource, entry_of
from domain.decisions.known import Known
from domain.entries import Source
from domain.identities import Identity, Sealed, gives_away
from domain.refusals import (
    AlreadyRecorded,
    IdentityMissing,
    NameGivenAway,
    NotProtected,
    Problem,
    StaysProtected,
    pointer,
    refuse_if_any,
)
from domain.values import Sha256


def sealed(command: RegisterSource, salt: bytes) -> tuple[RegisterSource, Sealed | None]:
    """Return the command with the commitment to its identity, and what is to be kept beside the ledger for it."""
    if command.identity is None:
        return command, None
    kept = Sealed(command.slug, command.identity, salt)
    return command.model_copy(update={"commitment": kept.commitment}), kept


def protected(command: RegisterSource, known: Known) -> Source:
    """Return the source as it may be recorded, with the commitment in the place of its identity.

    The command is a sealed one (`sealed`), where it has an identity. An identity that is held
    already keeps its commitment, so that the same sent twice is the same.
    """
    before = known.registry.source(command.slug)
    _refuse_to_change(command, before)
    if command.confidential is None:
        return entry_of(command, Source)
    source = entry_of(command.model_copy(update={"commitment": _commitment(command, known, before)}), Source)
    identity = command.identity or _held(source, known)
    if identity is not None:
        refuse_if_any(NameGivenAway, _telling(command, identity))
    return source


def _refuse_to_change(command: RegisterSource, before: Source | None) -> None:
    if command.confidential is None:
        apart = next((name for name in ("identity", "commitment") if getattr(command, name) is not None), None)
        if apart is not None:
            raise NotProtected(
                Problem(pointer(apart), "the source is not said to be confidential", "'confidential': true, or neither")
            )
    if before is None or before.confidential == command.confidential:
        return
    if before.confidential:
        raise StaysProtected(
            Problem(
                pointer("confidential"),
                f"{command.slug!r} is protected, and this would record it by name",
                "'confidential': true; what may be said by name is said by another source",
            )
        )
    raise StaysProtected(
        Problem(
            pointer("confidential"),
            f"{command.slug!r} was recorded by name, which is in every copy and every proof of the ledger",
            "another slug that names nobody, and a correction of each of its claims to that",
        )
    )


def _commitment(command: RegisterSource, known: Known, before: Source | None) -> Sha256:
    """Return the commitment that stands for who it is; raises IdentityMissing, and AlreadyRecorded for another's."""
    kept = before.commitment if before else None
    if command.identity is not None:
        held = known.identity(kept) if kept is not None else None
        if kept is not None and held is not None and held.identity == command.identity:
            return kept
    given = command.commitment or kept
    if given is None:
        raise IdentityMissing(
            Problem(pointer("identity"), "nothing says who this is", "'identity': {'name': …}, which nobody is shown")
        )
    held = known.identity(given)
    if held is not None and held.source != command.slug:
        raise AlreadyRecorded(
            Problem(pointer("commitment"), "this commitment is to another source", "one of this source's own")
        )
    return given


def _held(source: Source, known: Known) -> Identity | None:
    held = known.identity(source.commitment) if source.commitment else None
    return held.identity if held else None


def _telling(command: RegisterSource, identity: Identity) -> Iterator[Problem]:
    told = {"slug": command.slug, "name": command.name, "note": command.note, "key": command.key}
    for name, text in told.items():
        if text is not None and gives_away(identity, text):
            # Without the word: a problem is shown around more than what was sent.
            yield Problem(pointer(name), "this holds a word of the protected name", "words that name nobody")
