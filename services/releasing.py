"""A story leaves its room with all that it needs and nothing else, and what stays is counted before it goes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.claims import Claim
from domain.events import (
    AffiliationAsserted,
    AssessmentMade,
    ClaimCorrected,
    ClaimRecorded,
    EditionPublished,
    Event,
    LeanDeclared,
    LocationLinked,
    Recorded,
    RelationAsserted,
    TextErased,
    stream_of,
    texts_of,
)
from domain.registry_view import BLOC_TIES
from services.chosen import Choosing, Chosen, Later, claims_in
from services.errors import UnknownThing
from services.feed import line_of
from services.needed import named_by
from services.registry_cache import RegistryCache
from services.shown import Json
from services.store.event_log import EventLog, replacement_key
from services.store.following import FollowedStore, Place

_SHOWN = ("story", "source", "location", "aspect", "document")


@dataclass(frozen=True, slots=True)
class Release:
    """What goes of a room, as lines in the order in which it was recorded there, and what stays although it is near."""

    lines: list[bytes]
    staying: dict[str, int]
    """Events about the story or its claims that stay, counted by their stored names."""
    naming: list[tuple[str, str]]
    """Claims that go, each with a claim that it names and that stays: whoever reads it will know that there is one."""

    def counted(self) -> dict[str, int]:
        """Return how many lines of each form go."""
        return dict(Counter(str(json.loads(line)["type"]) for line in self.lines))

    def introduced(self) -> list[Json]:
        """Return the lines of the registry: what nobody over there knows of until then."""
        said = (json.loads(line) for line in self.lines)
        return [one for one in said if one["type"] in _SHOWN]


def release_of(
    room: EventLog, store: FollowedStore, place: Place, followed: EventLog, stories: Sequence[str]
) -> Release:
    """Return what would go of the stories. Nothing is recorded anywhere.

    That is: the story; every claim of it that was recorded in the room; what became in the room of these, and of the
    claims of it that were taken in; relations between what goes and what is there; and, as far as the followed desk has
    none of that name, the sources, places, aspects and documents that this names, with their ties. Editions and
    assessments stay: they pin and judge what the room knows. Raises UnknownThing for a story that is not in the room.
    """
    cache = RegistryCache()
    cache.fill(room)
    for story in stories:
        if cache.view.story(story) is None:
            raise UnknownThing("story", story)
    leaving = _Leaving(list(store.own_events(place)), followed)
    chosen = [one for one in leaving.own if isinstance(one.event, ClaimRecorded | Later)]
    leaving.choose(
        {one.position for story in stories for one in Choosing(Chosen(story=story), room, cache.view).kept(chosen)}
    )
    leaving.take(f"story/{story}" for story in stories)
    while leaving.take(named for one in leaving.taken() for named in named_by(one.event, cache.view)):
        pass
    leaving.erase()
    going = leaving.taken()
    texts = room.texts({text.sha256 for one in going for text in texts_of(one.event)})
    lines = [json.dumps(line_of(one.event, texts), ensure_ascii=False).encode() for one in going]
    return Release(lines, leaving.staying(stories), leaving.naming())


class _Leaving:
    """Events of a room on their way out, to where some of what they name may be known already."""

    def __init__(self, own: list[Recorded], followed: EventLog) -> None:
        self.own = own
        self._followed = followed
        self._positions: set[int] = set()
        self._claims: frozenset[str] = frozenset()
        self._introduced = frozenset(claims_in(own))
        self._new: set[str] = set()
        """Streams of the registry that go."""
        self._there: dict[str, bool] = {}
        self._streams: dict[str, list[Recorded]] = defaultdict(list)
        for one in own:
            self._streams[stream_of(one.event)].append(one)

    def taken(self) -> list[Recorded]:
        """Return what goes so far, in order."""
        return [one for one in self.own if one.position in self._positions]

    def choose(self, positions: set[int]) -> None:
        """Let these claims go, with what became of them, and each relation of theirs to what goes or is there."""
        self._positions |= positions
        self._claims = frozenset(claims_in(self.taken()))
        for one in self.own:
            if isinstance(one.event, RelationAsserted):
                ends = (one.event.claim, one.event.relation.claim)
                is_near = one.position in positions or not self._claims.isdisjoint(ends)
                self._positions.discard(one.position)
                if is_near and all(map(self._is_known, ends)):
                    self._positions.add(one.position)

    def take(self, named: Iterable[str]) -> bool:
        """Let go what is named and not there, and the ties of whatever goes; False if that is nothing new."""
        before = len(self._positions)
        self._let_go(self._missing(named))
        ties = [name for name, events in self._streams.items() if name not in self._new and self._ties(events[0].event)]
        self._let_go(self._missing(ties))
        return len(self._positions) > before

    def erase(self) -> None:
        """Let the erasures of texts go along: what has to go must not come in over there, either."""
        hashes = {text.sha256 for one in self.taken() for text in texts_of(one.event)}
        self._positions |= {
            one.position for one in self.own if isinstance(one.event, TextErased) and one.event.sha256 in hashes
        }

    def staying(self, stories: Sequence[str]) -> dict[str, int]:
        """Return what is about the stories, or about what goes of them, and stays."""
        claims = [one.event.claim for one in self.taken() if isinstance(one.event, ClaimRecorded)]
        questions = {claim.question for claim in claims}

        def is_near(event: Event) -> bool:
            if isinstance(event, AssessmentMade):
                return event.assessment.question in questions
            if isinstance(event, EditionPublished):
                return event.edition.story in stories
            return isinstance(event, RelationAsserted) and event.claim in self._claims

        left = (one.event for one in self.own if one.position not in self._positions)
        return dict(Counter(event.type for event in left if is_near(event)))

    def naming(self) -> list[tuple[str, str]]:
        """Return the claims that go and name one that stays, each with that one."""
        claims = (claim for one in self.taken() for claim in _claim_in(one.event))
        related = ((claim.id, relation.claim) for claim in claims for relation in claim.relations)
        return [(claim, other) for claim, other in related if not self._is_known(other)]

    def _let_go(self, streams: Iterable[str]) -> None:
        for stream in streams:
            self._new.add(stream)
            events = self._streams[stream]
            self._positions |= {one.position for one in events if not isinstance(one.event, EditionPublished)}

    def _missing(self, streams: Iterable[str]) -> list[str]:
        """Return the streams that begin here, do not go yet, and are not there."""
        wanted = [stream for stream in dict.fromkeys(streams) if stream in self._streams and stream not in self._new]
        unknown = [stream for stream in wanted if stream not in self._there]
        if unknown:
            self._there.update({name: bool(events) for name, events in self._followed.streams(unknown).items()})
        return [stream for stream in wanted if not self._there[stream]]

    def _ties(self, event: Event) -> bool:
        """Tell whether the event ties what goes to what goes or is there; where it leads up, that goes as well."""
        match event:
            case AffiliationAsserted(affiliation=tie):
                if not all(map(self._is_known, tie.evidence)):
                    return False
                ends = (f"source/{tie.from_}", f"source/{tie.to}")
                rests_on_it = not self._claims.isdisjoint(tie.evidence) and not self._missing(ends)
                return rests_on_it or self._joins(*ends, up=tie.relation in BLOC_TIES)
            case LeanDeclared(lean=lean):
                return self._joins(f"source/{lean.source}", f"source/{lean.towards}", up=False)
            case LocationLinked(link=link):
                return self._joins(f"location/{link.from_}", f"location/{link.to}", up=link.relation == "part_of")
            case _:
                return False

    def _joins(self, low: str, high: str, *, up: bool) -> bool:
        if up and low in self._new:
            return True
        return not self._new.isdisjoint((low, high)) and not self._missing((low, high))

    def _is_known(self, claim: str) -> bool:
        """Tell whether a claim goes, or is there, or was never recorded here either."""
        if claim in self._claims or claim not in self._introduced:
            return True
        stream, key = f"claim/{claim}", replacement_key(claim)
        if stream not in self._there:
            self._there[stream] = bool(self._followed.stream(stream) or self._followed.keys((key,)))
        return self._there[stream]


def _claim_in(event: Event) -> Iterator[Claim]:
    if isinstance(event, ClaimRecorded):
        yield event.claim
    elif isinstance(event, ClaimCorrected):
        yield event.replacement
