"""A projection or a policy, ours or somebody else's, is shown right by examples, and held to the laws of its kind.

Examples are `given(projection, …).when(…).then({key: state})` and `given(policy, …).asked(place).then(value=…)`, in the
words of `domain.kit.saying`. The laws are `obeys_the_laws(projection)` and `obeys_the_laws(policy)`. Whatever is wrong
raises AssertionError with a sentence, so any test runner will do; nothing here needs a database, a clock or chance.
"""

from __future__ import annotations

from typing import TypeVar, overload

from domain.belief.policy import Policy
from domain.kit.broken import BrokenLaw, Unexpected
from domain.kit.judging import NOON, PRESENT, Believed, Told
from domain.kit.laws import POLICY_LAWS, PROJECTION_LAWS, obeys_the_laws
from domain.kit.ledgers import ledgers, of_everything, small_world
from domain.kit.paper import PaperLedger, Said
from domain.kit.projecting import Kept, KeptRow
from domain.kit.saying import (
    DAY,
    aspect,
    assesses,
    carrying,
    corrects,
    counts,
    denies,
    document,
    erases,
    leans,
    leans_no_more,
    links,
    location,
    publishes,
    question,
    quoting,
    rates,
    relates,
    says,
    source,
    story,
    tie,
    unlinks,
    unties,
    uuid7,
    voids,
    withdraws,
)
from domain.projection import Projection
from domain.values import Fact

__all__ = [
    "DAY",
    "NOON",
    "POLICY_LAWS",
    "PRESENT",
    "PROJECTION_LAWS",
    "Believed",
    "BrokenLaw",
    "Kept",
    "KeptRow",
    "PaperLedger",
    "Said",
    "Told",
    "Unexpected",
    "aspect",
    "assesses",
    "carrying",
    "corrects",
    "counts",
    "denies",
    "document",
    "erases",
    "given",
    "leans",
    "leans_no_more",
    "ledgers",
    "links",
    "location",
    "obeys_the_laws",
    "of_everything",
    "publishes",
    "question",
    "quoting",
    "rates",
    "relates",
    "says",
    "small_world",
    "source",
    "story",
    "tie",
    "unlinks",
    "unties",
    "uuid7",
    "voids",
    "withdraws",
]

S = TypeVar("S", bound=Fact)


@overload
def given(what: Projection[S], *said: Said, ledger: PaperLedger | None = None) -> Kept[S]: ...


@overload
def given(what: Policy, *said: Said, ledger: PaperLedger | None = None) -> Told: ...


def given(what: Projection[S] | Policy, *said: Said, ledger: PaperLedger | None = None) -> Kept[S] | Told:
    """Begin an example of a projection or a policy with what was recorded before; with `ledger`, go on in that one.

    Positions and instants are counted up from 1. A source, a place or a story that nobody registered is registered just
    before it is first named, at a position of its own: as an `other`, a locality, a story without questions. Raises the
    Refusal of what the ledger does not take in.
    """
    told = (PaperLedger() if ledger is None else ledger).tell(*said)
    return Told(what, told) if isinstance(what, Policy) else Kept(what, told, told.head)
