"""What every projection and every policy must satisfy can be asked of one that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from domain.belief.policy import Policy
from domain.kit.ledgers import ledgers
from domain.kit.paper import PaperLedger
from domain.kit.policy_laws import LAWS as POLICY_LAWS
from domain.kit.projection_laws import LAWS as PROJECTION_LAWS
from domain.projection import AnyProjection

__all__ = ["POLICY_LAWS", "PROJECTION_LAWS", "obeys_the_laws"]

ProjectionLaws = Mapping[str, Callable[[AnyProjection, PaperLedger], None]]
PolicyLaws = Mapping[str, Callable[[Policy, PaperLedger], None]]


def obeys_the_laws(what: AnyProjection | Policy, among: Iterable[PaperLedger] | None = None) -> None:
    """Hold a projection or a policy against every law of its kind, on the kit's ledgers or on these.

    `PROJECTION_LAWS` and `POLICY_LAWS` hold the laws one by one, by their sentences, for who would rather have a test
    for each. Raises BrokenLaw at the first that is broken.
    """
    for ledger in ledgers() if among is None else among:
        if isinstance(what, Policy):
            for law in POLICY_LAWS.values():
                law(what, ledger)
        else:
            for law in PROJECTION_LAWS.values():
                law(what, ledger)
