"""A protected source is revised by who registered it or may know who it is, and sent twice it is recorded once.

The fingerprint of what was sent has the salted commitment in it and never the name: a plain hash of a name is as good
as the name to whoever has a list of them, and keys are never removed. So what is sent again is sealed with the salt of
what was recorded before the two are compared.
"""

from __future__ import annotations

from domain.commands import RegisterSource
from domain.decisions.protecting import sealed
from domain.entries import Source
from domain.events import Recorded, SourceRegistered
from domain.identities import gives_away
from domain.refusals import AlreadyRecorded, NameGivenAway, Problem, pointer
from services.head import Head
from services.submissions import Prepared, fingerprint_of


class NotYoursToRevise(AlreadyRecorded):
    """A source is protected, and whoever would revise it neither registered it nor may know who it is."""

    kind = "not-yours-to-revise"
    title = "A protected source is revised by who registered it, or who may know who it is."


def as_recorded(one: Prepared, head: Head, upto: int) -> Prepared:
    """Return what was sent as it would have been sealed with what was recorded of its source up to a position.

    The same identity has the same commitment then, and another one none that was ever recorded.
    """
    kept = one.protecting.kept if one.protecting else None
    before = registered(head, one.thing, upto)
    held = head.identity(before.commitment) if kept and before and before.commitment else None
    if held is None or not isinstance(one.command, RegisterSource):
        return one
    command, _ = sealed(one.command, held.salt)
    return (
        one
        if command.commitment != held.commitment
        else one._replace(command=command, fingerprint=fingerprint_of(command))
    )


def registered(head: Head, stream: str, upto: int) -> Source | None:
    """Return the source as it was registered or revised last, up to a position."""
    found = latest(head, stream, upto)
    return found.event.source if found and isinstance(found.event, SourceRegistered) else None


def latest(head: Head, stream: str, upto: int) -> Recorded | None:
    """Return the last event that says who a source is; in its stream are its ratings, too."""
    of_it = [one for one in head.writing.stream(stream) if isinstance(one.event, SourceRegistered)]
    return next((one for one in reversed(of_it) if one.position <= upto), None)


def refuse_strangers(one: Prepared, head: Head) -> None:
    """Raise NotYoursToRevise for a revision by somebody who could find out by it who a protected source is.

    They would learn by trying: a name that is taken for a duplicate, or refused because it is given away, is the one.
    Raises NameGivenAway for the name of a call that holds a word of the identity.
    """
    if one.protecting is None:
        return
    kept = one.protecting.kept
    if kept and any(gives_away(kept.identity, key.partition(":")[2]) for key in one.keys if key.startswith("http:")):
        raise NameGivenAway(Problem("", "the name of the call holds a word of the protected name", "another one"))
    before = latest(head, one.thing, head.head)
    if one.protecting.identifies or before is None or not isinstance(before.event, SourceRegistered):
        return
    if before.event.source.confidential and (before.by is None or before.by != one.by):
        said = "this source is protected, and somebody else registered it or revised it last"
        raise NotYoursToRevise(Problem(pointer("slug"), said, "a slug of your own, or somebody who may know who it is"))
