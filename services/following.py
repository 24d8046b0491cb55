"""A desk that follows another takes in all that is recorded there, in order and each once, or stops and says so."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence

from domain.commands import EraseText, PublishEdition, parse_command
from domain.events import EditionPublished, Recorded, TextErased, texts_of
from domain.proof.verifier import leaf_hash
from domain.refusals import KeyReused, Refusal
from services.desks import UnknownDesk
from services.errors import MigrationRefused, NothingRecorded, NotMigrated, StoreUnavailable
from services.feed import line_of
from services.ledger import Ledger, Submission
from services.plain import PlainLine, plain_line
from services.shown import Texts
from services.store.codec import decode_row
from services.store.event_log import EventLog
from services.store.following import FollowedStore, FollowedWriter, Place, by_of, key_of
from services.submissions import Prepared, prepare
from services.tireless import Tireless, Work
from services.tree import entry_at

_LOG = logging.getLogger(__name__)
BATCH = 500
"""Events that are taken in together."""
_LOOK = 10.0
"""Seconds between two looks without news, and between two tries to take in what was refused."""
_PAUSE = 0.5
"""Seconds after which whoever waits looks whether it should end."""
_AGAIN = 3.0
"""Seconds until a database that was lost is tried again."""
_NOT_FOLLOWING = 30.0
"""Seconds between two looks whether a desk has come to follow another: it does so when it is made, and never later."""
Stored = tuple[int, str, bytes]
"""Position, stored name and stored bytes."""


class Following:
    """Takes in what another desk records, in a thread; any number of processes may have one, and one of them works.

    What is taken in is a line of an import: decided anew by all that this desk knows, recorded `by` the other desk,
    under a key that stands for the other's position and event. So whatever is killed, each is taken in once; and a desk
    that is not the one which was followed (it was restored to an earlier moment, or is another one) is found out.
    """

    def __init__(self, ledger: Ledger, store: FollowedStore, open_followed: Callable[[str], EventLog]) -> None:
        """Nothing is touched before the first `step`. `open_followed` opens the log of a desk, which is only read."""
        self._ledger = ledger
        self.store = store
        """Where it stands, for whoever asks."""
        self._open_followed = open_followed
        self._writer: FollowedWriter | None = None
        self._log: EventLog | None = None
        self._holds = False
        self._place: Place | None = None
        self._told: tuple[int, str] | None = None
        self._erased_upto = 0
        self._tireless = Tireless(Work("following", self.step, self._rest, self._give_up), _AGAIN)

    def start(self) -> None:
        """Follow in a thread of its own until `stop`."""
        self._tireless.start()

    def stop(self) -> None:
        """Finish what is under way and leave the rest to others."""
        self._tireless.stop()

    def step(self) -> bool:
        """Take in what comes next; False if there is nothing, if it is refused, or if another process follows."""
        writer = self._opened()
        place = self._place = writer.place() if writer else None
        if writer is None or place is None:
            return False
        log = self._log = self._log or self._opened_log(place.desk)
        # One more, and before what is new: the last one that was taken in has to be there, as it was.
        known, limit = min(1, place.position), 1 if place.refused is not None else BATCH
        stored = log.stored(place.position - known, limit + known)
        if known and not self._is_known(place, stored[:1]):
            return self._refused(writer, place, place.position, f"{place.desk!r} is not the ledger that was followed")
        if len(stored) == known:
            return False
        passed = self.store.passed_behind(place.position)
        batch = _whole([one for one in stored[known:] if one[0] not in passed])
        end = batch[-1][0] if batch else stored[-1][0]
        return self._take(writer, place, log, batch, end)

    def _take(self, writer: FollowedWriter, place: Place, log: EventLog, batch: Sequence[Stored], end: int) -> bool:
        lines = self._lines(place, log, batch)
        refused = self._record(lines)
        if refused is None:
            writer.move(end)
            self._told = None
            return True
        number, refusal = refused
        # Those before it were not at fault.
        self._record(lines[:number])
        at = batch[number][0]
        if at - 1 > place.position:
            writer.move(at - 1)
        self._erase_ahead(place, log, at)
        return self._refused(writer, place, at, told(refusal))

    def _record(self, lines: Sequence[Prepared | PlainLine]) -> tuple[int, Refusal] | None:
        """Record all of the lines or none; return the first that is refused, with its number, if one is."""
        if not lines:
            return None
        try:
            for _ in self._ledger.record_many(lines, atomic=True):
                pass
        except NothingRecorded as nothing:
            return nothing.refusals[0]
        return None

    def _lines(self, place: Place, log: EventLog, batch: Sequence[Stored]) -> list[Prepared | PlainLine]:
        events = [decode_row(*one) for one in batch]
        texts = log.texts({text.sha256 for one in events for text in texts_of(one.event)})
        by = by_of(place.desk)
        return [self._line(place, stored, one, texts, by) for stored, one in zip(batch, events, strict=True)]

    def _line(self, place: Place, stored: Stored, one: Recorded, texts: Texts, by: str) -> Prepared | PlainLine:
        key, fingerprint = key_of(place.desk, one.position), leaf_of(stored)
        line = json.dumps(line_of(one.event, texts), ensure_ascii=False, separators=(",", ":")).encode()
        # Under no key but this: what a caller called a claim over there may be called otherwise here.
        if (plain := plain_line(line, self._ledger.make_id, by)) is not None:
            return plain._replace(keys=(key,), fingerprint=fingerprint)
        command = parse_command(line)
        if isinstance(command, PublishEdition):
            command = command.model_copy(update={"as_of": self.store.position_of(place, command.as_of)})
        submission = Submission(command, key, fingerprint, by=by)
        return prepare(submission, self._ledger.make_id)._replace(keys=(key,))

    def _erase_ahead(self, place: Place, log: EventLog, after: int) -> None:
        """Erase here what was erased there behind what is refused: what has to go must not wait for that."""
        self._erased_upto = max(self._erased_upto, after)
        while gone := log.read(self._erased_upto, BATCH, names=(_ERASED,)):
            commands = [
                EraseText(sha256=one.event.sha256, reason=one.event.reason, also_absent=True)
                for one in gone
                if isinstance(one.event, TextErased)
            ]
            for _ in self._ledger.record_many(Submission(one, by=by_of(place.desk)) for one in commands):
                pass
            self._erased_upto = gone[-1].position

    def _is_known(self, place: Place, found: Sequence[Stored]) -> bool:
        """Tell whether the other desk has, at the position that was reached, the event that was taken in from there."""
        if not found or found[0][0] != place.position:
            return False
        if place.position == place.copied:
            return self.store.stored_at(place.position) == found[0]
        fingerprint = self.store.fingerprint(place.desk, place.position)
        # What was passed over has left no trace.
        return fingerprint is None or fingerprint == leaf_of(found[0])

    def _refused(self, writer: FollowedWriter, place: Place, position: int, said: str) -> bool:
        if (position, said) != (place.refused, place.said):
            writer.refuse(position, said)
        self._place = place._replace(refused=position)
        if self._told != (position, said):
            # Without what was said, which may name what only the circle of this desk knows.
            _LOG.error(
                "following %s stopped before its position %s, which this desk cannot take in: `onrecord desks list`"
                " says why; it goes on by itself once it can",
                place.desk,
                position,
            )
            self._told = position, said
        return False

    def _opened(self) -> FollowedWriter | None:
        """Return the connection that holds the lock; None while somebody else has it."""
        if self._writer is None:
            self._writer = self.store.open_writer()
        if not self._holds:
            self._holds = self._writer.hold()
        return self._writer if self._holds else None

    def _opened_log(self, desk: str) -> EventLog:
        try:
            return self._open_followed(desk)
        except (UnknownDesk, NotMigrated, MigrationRefused) as error:
            # It may come back, or be migrated, at any time.
            raise StoreUnavailable(str(error)) from error

    def _rest(self) -> None:
        """Wait until there may be something to do."""
        place, log = self._place, self._log
        until = time.monotonic() + (_LOOK if place is not None or not self._holds else _NOT_FOLLOWING)
        while time.monotonic() < until and not self._tireless.is_ending:
            if place is None or log is None or place.refused is not None:
                self._tireless.wait(_PAUSE)
            elif log.wait(place.position, _PAUSE):
                return

    def _give_up(self) -> None:
        self._holds, self._erased_upto = False, 0
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._log is not None:
            self._log.close()
            self._log = None


_ERASED = str(TextErased.model_fields["type"].default)
_EDITION = str(EditionPublished.model_fields["type"].default)


def leaf_of(stored: Stored) -> bytes:
    """Return the hash of a stored event in the tree of its ledger."""
    return leaf_hash(entry_at(*stored))


def told(refusal: Refusal) -> str:
    """Return in one line why something was refused."""
    if isinstance(refusal, KeyReused):
        return "another event was taken in from there: it is not the ledger that was followed"
    problems = (
        f"{one.pointer}: {one.said}" + (f" (expected: {one.expected})" if one.expected else "")
        for one in refusal.problems
    )
    return "; ".join(problems) or str(refusal)


def _whole(batch: list[Stored]) -> list[Stored]:
    """Return the batch up to an edition: where it pins this desk is known once all before it is taken in."""
    for number, (_, name, _) in enumerate(batch):
        if name == _EDITION:
            return batch[: number or 1]
    return batch
