"""The examples of the kit, begun with the small world instead of an empty ledger."""

from __future__ import annotations

from typing import TypeVar

from domain import kit
from domain.commands import Command
from domain.kit import Kept
from domain.projection import Projection
from domain.values import Fact
from support.builders import small_world

__all__ = ["Kept", "given"]

S = TypeVar("S", bound=Fact)


def given(projection: Projection[S], *commands: Command) -> Kept[S]:
    """Begin with the small world and these commands."""
    return kit.given(projection, *commands, ledger=small_world())
