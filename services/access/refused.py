"""Whoever is not let in learns why, but nothing that would help to guess a key."""

from __future__ import annotations

from services.access.roles import Right, Role, roles_with


class NotAdmitted(Exception):
    """It is not known who asks. `was_given` tells whether something was there to know them by."""

    def __init__(self, said: str, *, was_given: bool = True) -> None:
        super().__init__(said)
        self.was_given = was_given


class NotAllowed(Exception):
    """It is known who asks, and they lack a right."""

    def __init__(self, by: str, right: Right) -> None:
        self.right = right
        self.roles = roles_with(right)
        super().__init__(f"{by} lacks the right {right!r}, which {_listed(self.roles)} have")


class IdentityProviderAway(Exception):
    """Whether a token is sound cannot be told, because whoever signed it does not say with which keys."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the identity provider does not tell its keys: {why}")


def _listed(roles: list[Role]) -> str:
    return " and ".join(filter(None, (", ".join(roles[:-1]), roles[-1])))
