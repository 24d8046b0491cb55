"""A checkpoint is signed only of what continues the one before it; what was signed is kept, and never signed anew."""

from __future__ import annotations

import logging
import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime

from domain.proof.tree import WIDTH
from domain.times import show
from services.cuts import Page
from services.errors import CorruptLedger, NoSigningKey, NotAsSigned, StoreUnavailable, UnknownThing
from services.named import named_thread
from services.shown import Json
from services.signing import VARIABLE, Signer
from services.store.event_log import EventLog
from services.store.tree import Signed, TreeStore
from services.tree import LogTree

_LOG = logging.getLogger(__name__)
GLANCE = 20.0
"""Seconds between two looks whether tiles are full and a checkpoint is due."""


def no_signer() -> Signer:
    """Raise NoSigningKey: nobody gave this newsroom a key."""
    raise NoSigningKey(VARIABLE)


class Checkpoints:
    """Signs what was recorded, and shows what was signed."""

    def __init__(
        self,
        log: EventLog,
        store: TreeStore,
        tree: LogTree,
        signer: Callable[[], Signer] = no_signer,
        *,
        reading: bool = False,
    ) -> None:
        """Sign with what `signer` returns, which is asked only when something is signed; with `reading` nothing is."""
        self._reading = reading
        self._log = log
        self._store = store
        self.tree = tree
        """The tree that is signed."""
        self._signer = signer

    def key(self) -> str:
        """Return the key to check with what is signed now. Raises NoSigningKey and BadSetting."""
        try:
            return self._signer().verifier_key
        except NoSigningKey:
            # Whoever only asks needs no key of their own: the one that signs is kept with what it has signed.
            newest = self._store.newest() if self._reading else None
            if newest is None:
                raise
            return newest.key

    def make(self) -> tuple[Signed, bool]:
        """Sign all that is recorded, and tell whether that is a new checkpoint: without new events it is the last one.

        Raises NoSigningKey, CorruptLedger, StoreUnavailable, and NotAsSigned where the ledger does not continue what
        was signed before: it is then not signed.
        """
        signer = self._signer()
        size, before = self._log.head(), self._store.newest()
        if before is not None and (before.size, before.key) == (size, signer.verifier_key):
            return before, False
        self.tree.grow(size)
        if before is not None:
            self.check(before)
            # Another process may have signed more since the head was asked for.
            size = max(size, before.size)
        root = self.tree.at(size).root()
        full, behind = divmod(size, WIDTH)
        edge = b"".join(self.tree.tile(0, full, behind)) if behind else b""
        return self._store.sign(size, signer.verifier_key, root, edge, signer.checkpoint(size, root)), True

    def check(self, signed: Signed) -> None:
        """Do nothing if the ledger begins with what was signed. Raises NotAsSigned and CorruptLedger."""
        if self._log.head() < signed.size or self.tree.at(signed.size).root() != signed.root:
            raise NotAsSigned(signed.size)

    def newest(self) -> Signed | None:
        """Return the newest checkpoint, if there is one."""
        return self._store.newest()

    def named(self, size: int | None) -> Signed:
        """Return the checkpoint of so many events, or the newest one. Raises UnknownThing."""
        found = self._store.newest() if size is None else self._store.signed(size)
        if found is None:
            raise UnknownThing("checkpoint", "newest" if size is None else str(size))
        return found

    def one(self, size: int) -> Json:
        """Return a checkpoint as it is shown. Raises UnknownThing."""
        return checkpoint_json(self.named(size))

    def all(self, after: int, limit: int) -> Page:
        """Return checkpoints of more than `after` events, by size."""
        found = self._store.all_signed(after, limit + 1)
        return Page(
            [checkpoint_json(one) for one in found[:limit]], found[limit - 1].size if len(found) > limit else None
        )


def checkpoint_json(signed: Signed) -> Json:
    """Return a checkpoint as it is shown; `note` is what is signed, with the signature."""
    return {
        "size": signed.size,
        "root": b64encode(signed.root).decode(),
        "made": show(signed.made),
        "key": signed.key,
        "note": signed.note,
    }


class Sealing:
    """Keeps the full tiles of a growing ledger, and signs a checkpoint every so often, in a thread of its own."""

    def __init__(
        self, log: EventLog, tree: LogTree, checkpoints: Checkpoints, every: float, now: Callable[[], datetime]
    ) -> None:
        """Sign at most every so many seconds, and never with 0."""
        self._log = log
        self.tree = tree
        self._checkpoints = checkpoints
        self._every = every
        self._now = now
        self._ending = threading.Event()
        self._thread = named_thread(self._run, "sealing")
        self._can_sign = every > 0

    def start(self) -> None:
        """Begin, with the first look in a moment: whoever has just started has other things to do."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(min(GLANCE, self._every or GLANCE)):
            try:
                self.look()
            except StoreUnavailable:
                continue  # looked for again in a moment
            except (CorruptLedger, NotAsSigned) as error:
                _LOG.error("nothing is signed: %s; `onrecord verify` tells more", error)

    def look(self) -> None:
        """Store what is full, and sign if that is due and something was recorded since."""
        head, newest = self._log.head(), self._checkpoints.newest()
        self.tree.grow(head)
        grown = head > (newest.size if newest else 0)
        is_due = newest is None or (self._now() - newest.made).total_seconds() >= self._every
        if self._can_sign and grown and is_due:
            try:
                self._checkpoints.make()
            except NoSigningKey as missing:
                self._can_sign = False
                _LOG.warning("%s", missing)
