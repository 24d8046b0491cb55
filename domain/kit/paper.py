"""A ledger on paper decides like the real one and keeps everything in memory, so a test can hold all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeAlias, TypeVar, cast

from pydantic import ValidationError

from domain.claims import Claim
from domain.commands import Command, RegisterSource, with_ids
from domain.decide import decide
from domain.decisions.protecting import sealed
from domain.entries import Assessment, Edition
from domain.events import EVENTS, AssessmentMade, EditionPublished, Event, Recorded, TextErased, texts_of
from domain.identities import SALT, Sealed
from domain.kit.saying import location, source, story, uuid7
from domain.refusals import Refusal, UnknownLocation, UnknownSource, UnknownStory
from domain.registry import Registry
from domain.registry_view import RegistryView
from domain.standing import Standing, claims_of, evolve
from domain.upcasts import decode

FIRST = datetime(2016, 11, 9, 12, 0, tzinfo=UTC)
"""When position 0 would have been recorded; each position is one second later than the one before."""
Said: TypeAlias = Command | Event
"""What a test may tell a ledger: what somebody asks for, which is decided, or an event, which is taken in as it is."""
P = TypeVar("P", bound="PaperLedger")
_EVENTS = tuple(EVENTS.values())


class PaperLedger:
    """Everything that was recorded, in order; implements `domain.decide.Known`.

    `history` holds what was recorded, `book` the registry of all positions, `standings` what became of each claim,
    `made` the assessments with their positions, `texts` the bodies (None: erased).
    """

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        """Begin with these commands."""
        self.history: list[Recorded] = []
        self.book = Registry()
        self.standings: dict[str, Standing] = {}
        self.made: list[tuple[int, Assessment]] = []
        self.texts: dict[str, str | None] = {}
        self.identities: dict[str, Sealed] = {}
        self._printed: list[Edition] = []
        self._erased: set[str] = set()
        self._ids = (uuid7(f"claim {number}") for number in count(1))
        for command in commands:
            self.apply(command)

    @property
    def head(self) -> int:
        """The last position."""
        return len(self.history)

    @property
    def registry(self) -> RegistryView:
        """The registry at the head."""
        return self.registry_at(self.head)

    def registry_at(self, position: int) -> RegistryView:
        """Return the registry as it was at a position."""
        return RegistryView(self.book, position)

    def claim(self, claim: str) -> Standing | None:
        """Return a claim with all that became of it."""
        return self.standings.get(claim)

    def claims(self) -> list[Claim]:
        """Return every claim ever recorded, replacements too."""
        return [standing.claim for standing in self.standings.values()]

    def assessment(self, name: str) -> Assessment | None:
        """Return the assessment of this name."""
        return next((assessment for _, assessment in self.made if assessment.id == name), None)

    def editions(self, story: str) -> list[Edition]:
        """Return the editions of a story, the first one first."""
        return [edition for edition in self._printed if edition.story == story]

    def is_erased(self, sha256: str) -> bool:
        """Tell whether the text of this hash was taken out."""
        return sha256 in self._erased

    def text(self, sha256: str) -> str | None:
        """Return the text of this hash, if it is held."""
        return self.texts.get(sha256)

    def identity(self, commitment: str) -> Sealed | None:
        """Return who is meant by a commitment, if that is held."""
        return None if self.is_erased(commitment) else self.identities.get(commitment)

    def _sealed(self, command: Command) -> tuple[Command, Sealed | None]:
        """Return the command with the commitment to its identity; on paper the salt is no secret."""
        if not isinstance(command, RegisterSource):
            return command, None
        return sealed(command, self.head.to_bytes(SALT, "big"))

    def apply(self, *commands: Command) -> tuple[Recorded, ...]:
        """Decide the commands one after the other and return what was recorded; a refusal comes out as it is."""
        before = self.head
        for command in commands:
            command, kept = self._sealed(with_ids(command, lambda: next(self._ids)))
            for event in decide(command, self):
                self.append(event)
                if kept is not None:
                    self.identities.setdefault(kept.commitment, kept)
        return tuple(self.history[before:])

    def tell(self: P, *said: Said) -> P:
        """Take in what is said, and first whoever it names and nobody introduced; return the ledger itself.

        A source is introduced as one of kind `other`, a place as a locality, a story without questions. What is
        refused for another reason raises the Refusal.
        """
        for one in said:
            if isinstance(one, _EVENTS):
                self.append(cast("Event", one))
            else:
                self._introduced(cast("Command", one))
        return self

    def _introduced(self, command: Command) -> None:
        while True:
            try:
                self.apply(command)
            except (UnknownSource, UnknownLocation, UnknownStory) as refused:
                if not self._introduce(command, refused):
                    raise
            else:
                return

    def _introduce(self, command: Command, refused: Refusal) -> bool:
        """Register what the refusal misses in the command; False if that is nothing that could have such a name."""
        before = self.head
        with suppress(ValidationError):
            for name in dict.fromkeys(_names(command, refused)):
                self.apply(_introduction(refused, name))
        return self.head > before

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


def _introduction(refused: Refusal, name: str) -> Command:
    if isinstance(refused, UnknownSource):
        return source(name)
    return location(name) if isinstance(refused, UnknownLocation) else story(name)


def _names(command: Command, refused: Refusal) -> Iterator[str]:
    """Yield what stands in the command at the places that the refusal points to."""
    shape: object = command.model_dump(mode="json", by_alias=True)
    for problem in refused.problems:
        found = shape
        for step in problem.pointer.split("/")[1:]:
            if isinstance(found, list):
                found = cast("list[object]", found)[int(step)]
            else:
                found = cast("dict[str, object]", found)[step]
        yield str(found)
