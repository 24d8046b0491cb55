"""What is appended waits as an event, or as the bytes of a claim that nobody has read, and goes out as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from domain.events import ClaimRecorded, Recorded
from services.store.codec import CLAIM_RECORDED, decode_row, state_of
from services.store.recorder import StoredRow


@dataclass(frozen=True, slots=True)
class Ask:
    """What a writing is sure to look at, fetched in the same round trip that takes the order lock.

    `fresh` names streams that cannot exist, since they are named by ids made just now; they are not looked for.
    """

    streams: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


class StoredClaim(NamedTuple):
    """A recorded claim that nobody has read yet."""

    position: int
    state: bytes
    is_related: bool
    """Whether it says how it stands to another claim."""

    def read(self) -> Recorded:
        """Return the event."""
        return decode_row(self.position, CLAIM_RECORDED, self.state)


Appended = tuple[str, Recorded | StoredClaim]
"""What is appended, and its stream."""


def begins(appended: Recorded | StoredClaim) -> bool:
    """Tell whether it is the first of its stream: a claim is recorded once, and what becomes of it comes later."""
    return isinstance(appended, StoredClaim) or isinstance(appended.event, ClaimRecorded)


def rows_of(appended: Iterable[Appended], revisions: dict[str, int]) -> Iterator[StoredRow]:
    """Yield the row of each; `revisions` tells the last of each stream, and is carried on."""
    for stream, one in appended:
        revisions[stream] = revision = revisions.get(stream, 0) + 1
        if isinstance(one, StoredClaim):
            yield stream, revision, CLAIM_RECORDED, one.state
        else:
            yield stream, revision, one.event.type, state_of(one.event, one.recorded, one.by)
