"""What a decision may look at is the head of the ledger and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.entries import Assessment, Edition
from domain.identities import Sealed
from domain.registry_view import RegistryView
from domain.standing import Standing
from domain.values import ClaimId, Fact, Sha256, Slug


class Known(Protocol):
    """The ledger as it stands when the decision is made; nothing is recorded between the look and the event."""

    @property
    def registry(self) -> RegistryView:
        """The registry at the head."""
        ...

    @property
    def head(self) -> int:
        """The last position; 0 in an empty ledger."""
        ...

    def claim(self, claim: ClaimId) -> Standing | None:
        """Return what became of the claim, or of a replacement of that id; None if neither is recorded."""
        ...

    def assessment(self, name: str) -> Assessment | None:
        """Return the assessment of that id."""
        ...

    def editions(self, story: Slug) -> Sequence[Edition]:
        """Return the editions of the story, in the order of their numbers."""
        ...

    def is_erased(self, sha256: Sha256) -> bool:
        """Tell whether the text of this hash was erased."""
        ...

    def text(self, sha256: Sha256) -> str | None:
        """Return the body of an archived document, a statement or a quote, if it is held and was not erased."""
        ...

    def identity(self, commitment: Sha256) -> Sealed | None:
        """Return who is meant by a commitment, if that is held and was not erased."""
        ...


def says_the_same(one: Fact | None, other: Fact | None) -> bool:
    """Tell whether both would be stored alike. Texts are compared by their hashes, so an erased text is the same."""
    if one is None or other is None:
        return one is other
    return type(one) is type(other) and one.model_dump() == other.model_dump()
