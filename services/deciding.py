"""Many callers share one transaction, and each command in it is decided for itself: refused ones leave no trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.commands import Command, CorrectClaim, RecordClaim, parse_command
from domain.decide import decide
from domain.events import Recorded
from domain.refusals import KeyReused, Problem, Refusal, pointer
from domain.times import UnreadableTime, read, show
from domain.values import When
from services.errors import Moved, StatedInTheFuture
from services.head import Head
from services.plain import PlainLine
from services.protecting import as_recorded, refuse_strangers, registered
from services.store.event_log import KeyRow
from services.submissions import Prepared, Receipt, prepare, submission_of

Outcome = Receipt | Refusal
SKEW = timedelta(days=1)
"""How far a sender's clock may be ahead; a day, since a bare date begins half a day earlier in the far east."""


def decide_all(group: Sequence[Prepared | PlainLine], head: Head) -> list[Outcome]:
    """Decide the commands in order and append what follows; the writing is the caller's to commit."""
    first_looks = [_decide_one(one, head) for one in group]
    replays = [found for found in first_looks if isinstance(found, KeyRow)]
    told = _replayed(replays, head) if replays else {}
    return [told[found.key] if isinstance(found, KeyRow) else found for found in first_looks]


def _decide_one(one: Prepared | PlainLine, head: Head) -> Outcome | KeyRow:
    """Return what became of the command; a key's row where it was recorded before."""
    try:
        if isinstance(one, PlainLine) and (receipt := head.accept_plain(one)) is not None:
            return receipt
        known = _known_by_key(one, head)
        if known is not None:
            return known
        if isinstance(one, PlainLine):
            one = _looked_at_closely(one)
        if one.expected is not None:
            _refuse_if_moved(one, head)
        refuse_the_future(one.command, head.writing.recorded)
        events = decide(one.command, head)
    except Refusal as refusal:
        return refusal
    if events:
        added, replayed = head.accept(events, one.by), False
    else:
        latest = head.latest(one.thing)
        added, replayed = (() if latest is None else (latest,)), True
    one = _kept_apart(one, head)
    first, position = (added[0].position, added[-1].position) if added else (0, 0)
    head.writing.name(KeyRow(key, one.fingerprint, one.thing, first, position) for key in one.keys)
    return _receipt(position, added, head, replayed=replayed)


def _kept_apart(one: Prepared, head: Head) -> Prepared:
    """Keep who a source is beside the event, and return what was sent as it is to be found again."""
    kept = one.protecting.kept if one.protecting else None
    if kept is None:
        return one
    source = registered(head, one.thing, head.head)
    # Where the same was recorded before, the ledger goes on committing to that.
    if source is not None and source.commitment == kept.commitment:
        head.writing.identities.keep(kept)
    return as_recorded(one, head, head.head)


def _receipt(position: int, events: tuple[Recorded, ...], head: Head, *, replayed: bool) -> Receipt:
    last = events[-1] if events else None
    return Receipt(
        position, last.recorded if last else head.writing.recorded, events, replayed, last.by if last else None
    )


def _looked_at_closely(one: PlainLine) -> Prepared:
    submission = submission_of(parse_command(one.line), one.line, one.by)
    prepared = prepare(submission, lambda: one.stream.removeprefix("claim/"))
    # Whoever follows another desk gave the line keys of its own.
    return prepared._replace(keys=one.keys, fingerprint=one.fingerprint)


def refuse_the_future(command: Command, now: datetime) -> None:
    """Raise StatedInTheFuture if a claim was stated or published after `now`, clocks and zones generously allowed for.

    The one rule that needs a clock, so it stands here and not with the decisions. What it speaks of may lie ahead.
    """
    if isinstance(command, RecordClaim):
        said, base = command, ()
    elif isinstance(command, CorrectClaim):
        said, base = command.replacement, ("replacement",)
    else:
        return
    latest = now + SKEW
    ahead = [
        name
        for name, when in (("stated", said.stated), ("published", said.published))
        if _is_after(when, said.tz, latest)
    ]
    if ahead:
        raise StatedInTheFuture(
            *(
                Problem(
                    pointer(*base, name, "edtf"),
                    f"this is after the ledger's clock, {show(now)}",
                    "a time that has come",
                )
                for name in ahead
            )
        )


def _is_after(when: When | None, tz: str, latest: datetime) -> bool:
    if when is None:
        return False
    try:
        start = read(when.edtf, tz).interval.start
    except UnreadableTime:
        return False  # the decision says why
    return start is not None and start > latest


def _known_by_key(one: Prepared | PlainLine, head: Head) -> KeyRow | None:
    """Return what one of the keys stands for already, and let the others stand for it, too. Raises KeyReused.

    Before that NotYoursToRevise: whether something was sent before may tell what it was.
    """
    protects = one if isinstance(one, Prepared) and one.protecting is not None else None
    if protects:
        refuse_strangers(protects, head)
    if not one.keys:
        return None
    rows = head.writing.keys(one.keys)
    if rows and protects:
        one = as_recorded(protects, head, max(row.position for row in rows.values()))
    found = first_named(one.fingerprint, rows)
    if found is None:
        return None
    head.writing.name(
        KeyRow(key, one.fingerprint, found.stream, found.first, found.position) for key in one.keys if key not in rows
    )
    return found


def first_named(fingerprint: bytes, rows: Mapping[str, KeyRow]) -> KeyRow | None:
    """Return what keys stand for, if they were used for this very content; raises KeyReused if for another."""
    for row in rows.values():
        if row.fingerprint != fingerprint:
            raise KeyReused(row.key.partition(":")[2], row.position)
    return next(iter(rows.values()), None)


def _refuse_if_moved(one: Prepared, head: Head) -> None:
    latest = head.latest(one.thing)
    actual = latest.position if latest else 0
    if actual != one.expected:
        raise Moved(one.thing, one.expected or 0, actual)


def _replayed(rows: Sequence[KeyRow], head: Head) -> dict[str, Receipt]:
    """Return the first results again, all fetched at once."""
    wanted = {position for row in rows for position in range(row.first, row.position + 1)}
    events = {one.position: one for one in head.writing.at(wanted)}
    told: dict[str, Receipt] = {}
    for row in rows:
        again = tuple(events[at] for at in range(row.first, row.position + 1) if at in events)
        told[row.key] = _receipt(row.position, again, head, replayed=True)
    return told
