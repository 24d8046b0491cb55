"""A part of the ledger is chosen alike for pages, exports and tables: claims, what became of them, what they need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.belief.words import times_of
from domain.claims import Claim
from domain.entries import Assessment
from domain.events import (
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    ClaimVoided,
    ClaimWithdrawn,
    EditionPublished,
    Event,
    Recorded,
    RelationAsserted,
)
from domain.registry_view import RegistryView
from domain.times import Interval, UnreadableTime, read, read_timezone
from services.errors import BadQuery, Wrong
from services.store.beside import KeyRow, replacement_key

Later = ClaimCorrected | ClaimWithdrawn | ClaimVoided | RelationAsserted


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which claims are meant; None means any.

    Of a `story`; said by a `source`, the first of the chain; on a `location` or whatever is part of it; with a valid
    time that meets `valid_at`, which is EDTF or an instant, its dates read in `tz`.
    """

    story: str | None = None
    source: str | None = None
    location: str | None = None
    valid_at: str | None = None
    tz: str | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.story is None and self.source is None and self.location is None and self.valid_at is None

    def interval(self) -> Interval | None:
        """Return the valid time that is asked about, if any is; raises BadQuery for one that cannot be read."""
        try:
            read_timezone(self.tz or "UTC")
        except UnreadableTime as reason:
            raise BadQuery([Wrong("tz", str(reason), "an offset such as +02:00, or an IANA name")]) from reason
        try:
            return None if self.valid_at is None else read(self.valid_at, self.tz or "UTC").interval
        except UnreadableTime as reason:
            expected = "EDTF such as 2016-11-08, or an RFC 3339 instant"
            raise BadQuery([Wrong("valid_at", str(reason), expected)]) from reason


class ClaimLog(Protocol):
    """The log as far as single claims are looked up in it."""

    def streams(self, names: Collection[str]) -> dict[str, list[Recorded]]:
        """Return the events of each stream, in order."""
        ...

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for, where it was used."""
        ...


class Choosing:
    """Sifts pages of events, each without memory of those before, so that any part is sifted alike and needs no room.

    What became of a claim comes along if the claim does; a correction and its replacement, if the claim that was first
    recorded does. The registry is taken whole, or a claim that names it would be refused where it arrives. So are
    erasures: what has to go must not come in there either. Editions are left out, since they rely on more than was
    chosen; and assessments where a source or a story is chosen, since they are of neither.
    """

    def __init__(self, chosen: Chosen, log: ClaimLog, view: RegistryView) -> None:
        """Read places and aspects as they are in this view; raises BadQuery for a time that cannot be read."""
        self._chosen = chosen
        self._log = log
        self._view = view
        self._interval = chosen.interval()
        here = chosen.location
        self._places = None if here is None else frozenset((here, *view.parts(here)))

    def kept(self, page: Sequence[Recorded]) -> list[Recorded]:
        """Return those events of the page that are part of what was chosen."""
        first = self._first_recorded({one.event.claim for one in page if isinstance(one.event, Later)})
        return [one for one in page if self._takes(one.event, first)]

    def _takes(self, event: Event, first: dict[str, Claim]) -> bool:
        if isinstance(event, ClaimRecorded):
            return self._fits(event.claim)
        if isinstance(event, Later):
            return event.claim in first and self._fits(first[event.claim])
        if isinstance(event, AssessmentMade):
            return self._fits_assessment(event.assessment)
        return not isinstance(event, EditionPublished)

    def _fits(self, claim: Claim) -> bool:
        chosen = self._chosen
        return (
            (chosen.story is None or chosen.story in claim.story)
            and (chosen.source is None or chosen.source == claim.source)
            and self._is_there(claim.question.location)
            and (self._interval is None or self._interval.overlaps(self._holds(claim)))
        )

    def _fits_assessment(self, made: Assessment) -> bool:
        when = read(made.valid.edtf, made.tz).as_state()
        return (
            self._chosen.story is None
            and self._chosen.source is None
            and self._is_there(made.question.location)
            and (self._interval is None or self._interval.overlaps(when))
        )

    def _is_there(self, location: str) -> bool:
        return self._places is None or location in self._places

    def _holds(self, claim: Claim) -> Interval:
        aspect = self._view.aspect(claim.question.aspect)
        return read(claim.valid.edtf, claim.tz).interval if aspect is None else times_of(claim, aspect)[0]

    def _first_recorded(self, claims: Iterable[str]) -> dict[str, Claim]:
        """Return for each claim the one that was first recorded: itself, or what it was corrected from in the end."""
        found: dict[str, Claim] = {}
        asked = {claim: claim for claim in claims}
        while asked:
            streams = self._log.streams({f"claim/{claim}" for claim in asked.values()})
            begun = {name: next((one.event for one in events), None) for name, events in streams.items()}
            left: dict[str, str] = {}
            for claim, earlier in asked.items():
                event = begun[f"claim/{earlier}"]
                if isinstance(event, ClaimRecorded):
                    found[claim] = event.claim
                else:
                    left[claim] = earlier
            replaced = self._log.keys({replacement_key(earlier) for earlier in left.values()})
            asked = {
                claim: replaced[replacement_key(earlier)].stream.removeprefix("claim/")
                for claim, earlier in left.items()
                if replacement_key(earlier) in replaced
            }
        return found


def claims_in(page: Iterable[Recorded]) -> Iterator[str]:
    """Yield the ids of the claims that events bring: those recorded, and those written in the place of others."""
    for one in page:
        if isinstance(one.event, ClaimRecorded):
            yield one.event.claim.id
        elif isinstance(one.event, ClaimCorrected):
            yield one.event.replacement.id
