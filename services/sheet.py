"""A sheet is what an editor reads, pastes or prints: sentences with links, whatever they are written out in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a sentence: plain text, with a path or address that it links to, set strong if it is to be seen."""

    text: str
    link: str | None = None
    strong: bool = False


Sentence: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: what is to be said of it first, and beneath it why."""

    head: Sentence
    because: Sequence[Sentence] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a reader checks years later: a label, what is said of it, and where."""

    label: str
    told: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole of it; `base` is the address of the service, which stands before every path."""

    title: str
    lead: Sequence[Sentence]
    sections: Sequence[Section]
    stamps: Sequence[Stamp]
    base: str = ""

    def address(self, link: str) -> str:
        """Return where a link leads."""
        return f"{self.base}{link}"


def text(*parts: str | Run) -> Sentence:
    """Return a sentence of plain texts and runs."""
    return tuple(part if isinstance(part, Run) else Run(part) for part in parts)
