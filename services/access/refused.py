"""Whoever is not let in learns why, but nothing that would help to guess a key."""

from __future__ import annotations

from domain.commands import Command, EraseText
from domain.refusals import Problem, Refusal
from services.access.callers import Caller
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


class LineNotAllowed(Refusal):
    """A line of a file does what whoever sends the file has no right to."""

    kind = "line-not-allowed"
    title = "This line is not for everybody to send."


def refuse_erasures(caller: Caller, command: Command) -> None:
    """Raise LineNotAllowed for an erasure by somebody who may take files in, but may not erase."""
    if isinstance(command, EraseText) and "admin" not in caller.rights:
        raise LineNotAllowed(Problem("/type", f"{caller.by} lacks the right 'admin', which erases texts"))


class IdentityProviderAway(Exception):
    """Whether a token is sound cannot be told, because whoever signed it does not say with which keys."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the identity provider does not tell its keys: {why}")
        self.why = why


def _listed(roles: list[Role]) -> str:
    return " and ".join(filter(None, (", ".join(roles[:-1]), roles[-1])))
