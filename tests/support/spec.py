"""Given what was recorded, when something more is recorded, then a projection keeps this: one sentence an example.

Between `when` and what came before it, every state goes through its stored form, so a state that does not survive
storage fails the first example of its projection.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands import Command
from domain.events import Recorded
from domain.projection import AnyProjection
from domain.values import Fact
from support.builders import small_world
from support.ledger import PaperLedger


@dataclass(frozen=True)
class Example:
    """A ledger of which the first `before` events are given."""

    projection: AnyProjection
    ledger: PaperLedger
    before: int

    def when(self, *commands: Command) -> Example:
        self.ledger.apply(*commands)
        return self

    def then(self, key: str, expected: Fact | None) -> None:
        assert self.state(key) == expected

    def state(self, key: str) -> Fact | None:
        """What is kept under the key after everything."""
        first, rest = self.ledger.history[: self.before], self.ledger.history[self.before :]
        return self.projection.fold(stored(self.projection, self.projection.fold({}, first)), rest).get(key)


def given(projection: AnyProjection, *commands: Command) -> Example:
    """Begin with the small world of `support.builders` and these commands."""
    ledger = small_world()
    ledger.apply(*commands)
    return Example(projection, ledger, ledger.head)


def stored(projection: AnyProjection, states: dict[str, Fact]) -> dict[str, Fact]:
    """The states as they come back from where they are stored."""
    return {key: projection.thaw(projection.freeze(state)) for key, state in states.items()}


def frozen(projection: AnyProjection, recorded: list[Recorded]) -> dict[str, str]:
    """What is stored of a whole ledger."""
    return {key: projection.freeze(state) for key, state in projection.fold({}, recorded).items()}
