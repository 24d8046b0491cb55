"""A ledger on paper: it decides like the real one and keeps everything in memory, so a test can hold all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from domain.claims import Claim
from domain.commands import Command, parse_command, with_ids
from domain.decide import decide
from domain.entries import Assessment, Edition
from domain.events import AssessmentMade, EditionPublished, Event, Recorded, TextErased, texts_of
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing, claims_of, evolve
from domain.upcasts import decode

FIRST = datetime(2016, 11, 9, 12, 0, tzinfo=UTC)
"""When position 0 would have been recorded; each position is one second later than the one before."""
ALEPPO = Path(__file__).resolve().parents[3] / "shared" / "data" / "aleppo"
"""The hand-made story, where it lies beside the checkout; a test that needs it skips where it does not."""


def uuid7(name: str) -> str:
    """Return a UUID of version 7 that is always the same for the name."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"015840ce-{digits[:4]}-7{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}"


class PaperLedger:
    """Everything that was recorded, in order; implements `domain.decide.Known`.

    `history` holds what was recorded, `book` the registry of all positions, `standings` what became of each claim,
    `made` the assessments with their positions, `texts` the bodies (None: erased).
    """

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        self.history: list[Recorded] = []
        self.book = Registry()
        self.standings: dict[str, Standing] = {}
        self.made: list[tuple[int, Assessment]] = []
        self.texts: dict[str, str | None] = {}
        self._printed: list[Edition] = []
        self._erased: set[str] = set()
        self._ids = (uuid7(f"claim {number}") for number in count(1))
        for command in commands:
            self.apply(command)

    @property
    def head(self) -> int:
        return len(self.history)

    @property
    def registry(self) -> RegistryView:
        return self.registry_at(self.head)

    def registry_at(self, position: int) -> RegistryView:
        return RegistryView(self.book, position)

    def claim(self, claim: str) -> Standing | None:
        return self.standings.get(claim)

    def claims(self) -> list[Claim]:
        """Every claim ever recorded, replacements too."""
        return [standing.claim for standing in self.standings.values()]

    def assessment(self, name: str) -> Assessment | None:
        return next((assessment for _, assessment in self.made if assessment.id == name), None)

    def editions(self, story: str) -> list[Edition]:
        return [edition for edition in self._printed if edition.story == story]

    def is_erased(self, sha256: str) -> bool:
        return sha256 in self._erased

    def text(self, sha256: str) -> str | None:
        return self.texts.get(sha256)

    def apply(self, *commands: Command) -> tuple[Recorded, ...]:
        """Decide the commands one after the other and return what was recorded; a refusal comes out as it is."""
        before = self.head
        for command in commands:
            for event in decide(with_ids(command, lambda: next(self._ids)), self):
                self.append(event)
        return tuple(self.history[before:])

    def load(self, source: Path | Iterable[str | bytes]) -> PaperLedger:
        """Apply every line of a file, or every one of some lines, and return the ledger itself."""
        lines = source.read_bytes().splitlines() if isinstance(source, Path) else source
        self.apply(*(parse_command(line) for line in lines if line.strip()))
        return self

    def append(self, event: Event) -> Recorded:
        """Take an event in undecided, as a store does: without the bodies of its texts, which lie beside it."""
        for text in texts_of(event):
            self.texts.setdefault(text.sha256, text.body)
        stored = decode(event.model_dump_json(exclude_none=True), event.type)
        position = self.head + 1
        recorded = Recorded(position, FIRST + timedelta(seconds=position), stored)
        self.history.append(recorded)
        self.book.take(recorded)
        for claim in claims_of(stored):
            standing = evolve(self.standings.get(claim), claim, recorded)
            if standing is not None:
                self.standings[claim] = standing
        if isinstance(stored, AssessmentMade):
            self.made.append((position, stored.assessment))
        if isinstance(stored, EditionPublished):
            self._printed.append(stored.edition)
        if isinstance(stored, TextErased):
            self.texts[stored.sha256] = None
            self._erased.add(stored.sha256)
        return recorded
