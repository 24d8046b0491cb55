"""A what-if is a picture beside the one in use: under another policy, without some sources, or up to a position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.policies import DEFAULT

PICTURE = "picture"
"""The name of the view that beliefs are kept in, and of its table at every place."""
MOST_NAME = 50
"""Longest name of a what-if: with what stands before it, it is the name of a schema, which is cut off at 63 bytes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a picture is painted by; those of the picture in use are the ones that stand here.

    `without` are the sources left out, by name; `upto` is the last position that counts, None where there is none.
    """

    policy: str = DEFAULT
    without: tuple[str, ...] = ()
    upto: int | None = None


IN_USE = Terms()
"""What the picture in use is painted by."""


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture that can be asked by its name: where its rows are, its terms, and the position at which it stands.

    `made` is when somebody asked for it; None for those that nobody had to ask for. `state` is that of its place.
    """

    name: str
    place: str
    terms: Terms
    position: int
    state: str
    made: datetime | None = None

    @property
    def is_what_if(self) -> bool:
        """Tell whether it was asked for beside the one in use."""
        return self.made is not None
