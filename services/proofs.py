"""What is answered here can be checked without us: each answer brings the checkpoint, and the path that leads to it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from domain.belief.case import Cut
from domain.belief.explain import belief
from domain.claims import Question
from domain.proof.tree import WIDTH
from domain.proof.verifier import Checkpoint, Wrong, check_consistency, check_inclusion, entry_of, leaf_hash
from domain.times import show
from services.beliefs import check_aspect, check_place
from services.checkpoints import Checkpoints
from services.cuts import Cuts, Query
from services.errors import BadQuery, NotAsSigned, NotSignedYet, UnknownThing
from services.errors import Wrong as WrongQuery
from services.exported import stored_line
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog, replacement_key
from services.store.tree import Signed
from services.tree import LogTree

INCLUSION = "onrecord.inclusion/1"
CONSISTENCY = "onrecord.consistency/1"
BELIEF = "onrecord.belief/1"
"""What a proof is of, and in which form."""


class Proofs:
    """Proves to others what is in the ledger."""

    def __init__(self, log: EventLog, tree: LogTree, checkpoints: Checkpoints, facts: Facts, cuts: Cuts) -> None:
        self._log = log
        self._tree = tree
        self._checkpoints = checkpoints
        self._facts = facts
        self._cuts = cuts

    def claim(self, claim: str, size: int | None = None) -> Json:
        """Return the proof of every event of a claim that the checkpoint covers, of this size or the newest.

        `later` are positions behind it. Raises UnknownThing, NotSignedYet if the claim itself was recorded later, and
        NotAsSigned.
        """
        positions = [one.position for one in self._log.stream(f"claim/{claim}")]
        # A replacement is recorded by the correction of the claim that it stands for.
        positions += [row.position for row in self._log.keys([replacement_key(claim)]).values()]
        if not positions:
            raise UnknownThing("claim", claim)
        return {**self._included(sorted(set(positions)), size), "claim": claim}

    def event(self, position: int, size: int | None = None) -> Json:
        """Return the proof of one event. Raises UnknownThing, NotSignedYet and NotAsSigned."""
        if not 0 < position <= self._log.head():
            raise UnknownThing("event", str(position))
        return self._included([position], size)

    def consistency(self, old: int, new: int | None = None) -> Json:
        """Return the proof that one checkpoint continues another one. Raises UnknownThing, BadQuery and NotAsSigned."""
        before, after = self._checkpoints.named(old), self._checkpoints.named(new)
        if before.size > after.size:
            said = f"a checkpoint of {after.size} events continues none of {before.size}"
            raise BadQuery([WrongQuery("from", said, f"a size from 0 to {after.size}")])
        path = self._tree.at(after.size).consistency(before.size)
        try:
            check_consistency(_signed(before), _signed(after), path)
        except Wrong as error:
            self._checkpoints.check(before)
            raise NotAsSigned(after.size) from error
        return {"proof": CONSISTENCY, "old": before.note, "new": after.note, "path": _shown(path)}

    def belief(self, question: Question, query: Query, size: int | None = None) -> Json:
        """Return what a belief follows from: checkpoint, position, policy, question and times; and its digest.

        Without `as_of` it is the belief as of the checkpoint. Raises what `Beliefs.belief` raises, and NotSignedYet.
        """
        signed = self._checkpoints.named(size)
        if query.as_of is None and query.projection is None:
            query = Query(str(signed.size), query.valid_at, query.tz, query.policy, query.without)
        cutting = self._cuts.cut(query)
        if cutting.position > signed.size:
            raise NotSignedYet(cutting.position, signed.size)
        self._checkpoints.check(signed)
        view = self._facts.view(cutting.position)
        check_place(view, question.location)
        check_aspect(view, question.aspect)

        def explain(cut: Cut, asked: Question) -> Json:
            return belief(cut, cutting.asked(asked))

        (body,) = self._facts.judged([question], cutting.position, cutting.at, explain)
        given = cutting.at.given
        return {
            "proof": BELIEF,
            "checkpoint": signed.note,
            "as_of": cutting.position,
            "policy": cutting.policy.name,
            "without": sorted(cutting.without),
            "question": question.model_dump(mode="json", exclude_none=True),
            "valid": None if given is None else {"from": show(given.start), "to": show(given.end)},
            "now": show(cutting.at.now.start),
            "digest": body["digest"],
            "belief": body,
        }

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return a tile's hashes, as far as they are signed. Raises UnknownThing."""
        self._covered((number * WIDTH + width) << 8 * level, f"{level}/{number}")
        return b"".join(self._tree.tile(level, number, width))

    def entries(self, number: int, width: int) -> bytes:
        """Return a bundle of entries, each behind its length, as far as they are signed. Raises UnknownThing."""
        self._covered(number * WIDTH + width, f"entries/{number}")
        entries = self._tree.entries(number * WIDTH, width)
        return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)

    def _covered(self, size: int, name: str) -> None:
        newest = self._checkpoints.newest()
        if newest is None or size > newest.size:
            raise UnknownThing("tile", name)

    def _included(self, positions: Sequence[int], size: int | None) -> Json:
        signed = self._checkpoints.named(size) if size is not None else self._checkpoints.newest()
        covered = [one for one in positions if signed is not None and one <= signed.size]
        if signed is None or not covered:
            raise NotSignedYet(positions[0], signed.size if signed else None)
        tree, checkpoint = self._tree.at(signed.size), _signed(signed)
        entries: list[Json] = []
        for position, name, state in self._log.stored_at(covered):
            line = stored_line(position, name, state)
            path = tree.inclusion(position - 1)
            try:
                check_inclusion(checkpoint, position - 1, leaf_hash(entry_of(line)[1]), path)
            except Wrong as error:
                raise NotAsSigned(signed.size) from error
            entries.append({"position": position, "event": line.decode(), "path": _shown(path)})
        later = [one for one in positions if one > signed.size]
        return {"proof": INCLUSION, "checkpoint": signed.note, "entries": entries, "later": later}


def _signed(signed: Signed) -> Checkpoint:
    return Checkpoint(signed.size, signed.root)


def _shown(path: Sequence[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in path]
