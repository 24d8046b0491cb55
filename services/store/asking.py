"""What the services ask the views for is one indexed statement each, at any position of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from domain.belief.case import Floor
from domain.claims import Question
from domain.events import Recorded
from domain.policies import DEFAULT
from domain.projections import assessments, claims, editions, registry, stances, stories
from domain.projections.assessments import Assessed
from domain.projections.editions import Published
from domain.projections.stances import Spoken
from domain.projections.stories import Gathered
from domain.standing import Standing
from services.store.connections import Params, Row
from services.store.newest import Newest, floors_of, looked_below, places_of
from services.store.places import Place
from services.store.queries import Statements

_SQL = Statements("asking.sql")
_PAGE = 2_000
_FEW_TEXTS = 1_000
"""Texts up to which claims are looked up by them, where words are searched for."""

Places = Iterable[tuple[str, str]]
"""Pairs of a location and an aspect."""


@dataclass(frozen=True, slots=True)
class Search:
    """What claims are looked for: each filter that is not None must fit; `words` as in a search engine.

    They come in the order in which they were recorded, or with `newest` the last first.
    """

    location: str | None = None
    aspect: str | None = None
    subject: str | None = None
    source: str | None = None
    story: str | None = None
    tag: str | None = None
    words: str | None = None
    newest: bool = False


class ViewReader:
    """Asks the views in use.

    A claim comes with all that became of it until now: `Standing` says what of it was so at an earlier position.
    Lists of claims are in the order of their positions. `as_of` leaves out what was recorded later.
    """

    def __init__(self, fetch: Callable[[LiteralString, Params | None], list[Row]]) -> None:
        """Ask by this function, such as `Connections.fetch`."""
        self._fetch = fetch
        self._is_set_up = False

    def places(self) -> list[Place]:
        """Return where each view stands, those being built included; nothing before any was ever begun."""
        self._is_set_up = self._is_set_up or bool(self._fetch(_SQL["is_set_up"], None)[0][0])
        if not self._is_set_up:
            return []
        return [Place(*row) for row in self._fetch(_SQL["places"], None)]

    def retry(self, name: str) -> bool:
        """Let a stopped view try again the event that it stopped at; False if it was not stopped."""
        return bool(self._fetch(_SQL["retry"], {"name": name}))

    def registry_rows(self, after: int, as_of: int) -> Iterator[Recorded]:
        """Yield the events of the registry, to build a `domain.registry.Registry` or to keep one up to date."""
        while rows := self._fetch(_SQL["registry_rows"], {"after": after, "as_of": as_of, "limit": _PAGE}):
            for since, state in rows:
                entry = registry.projection.thaw(str(state))
                yield Recorded(int(since), entry.recorded.astimezone(UTC), entry.event)
            after = int(rows[-1][0])

    def claims_on(self, places: Places, as_of: int) -> list[Standing]:
        """Return the claims on these aspects of these locations, whatever their subject."""
        return self._claims("claims_on", {**_paired(places), "as_of": as_of})

    def more_claims_than(self, most: int, places: Places) -> bool:
        """Tell whether there are more claims on these aspects of these locations."""
        return bool(self._fetch(_SQL["more_claims_than"], {**_paired(places), "most": most})[0][0])

    def claims_named(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        """Return the claims of these ids that are recorded."""
        return self._claims("claims_named", {"claims": list(ids), "as_of": as_of})

    def claims_naming(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        """Return the claims that are related to any of these, from the first or since."""
        return self._claims("claims_naming", {"claims": list(ids), "as_of": as_of})

    def claims_replaced_by(self, ids: Iterable[str], as_of: int) -> list[Standing]:
        """Return the wrongly recorded claims in whose place these were written."""
        return self._claims("claims_replaced_by", {"claims": list(ids), "as_of": as_of})

    def claims_for(self, places: Places, as_of: int) -> list[Standing]:
        """Return what the beliefs on these aspects of these locations may depend on: the claims, and their kin.

        Kin are the claims that name one of them (or what it was corrected from), and, step by step, those that any of
        all these name or were corrected into.
        """
        return self.with_kin(self.claims_on(places, as_of), as_of)

    def nth_end(self, places: Places, before: datetime | None, most: int, as_of: int) -> datetime | None:
        """Return since when there are about `most` claims on these aspects that began before then; None if never."""
        asked = {**_paired(places), "before": before, "most": most, "as_of": as_of}
        rows = self._fetch(_SQL["nth_end"], asked)
        return rows[0][0] if rows else None

    def lasting(self, places: Places, since: datetime | None, before: datetime | None, as_of: int) -> list[Standing]:
        """Return the claims that began before then and were not over at `since`."""
        return self._claims("claims_lasting", {**_paired(places), "since": since, "before": before, "as_of": as_of})

    def listed(self, places: Places, as_of: int) -> list[Standing]:
        """Return the claims that can be no last word on a state, for they are planned, predicted or opinions."""
        return self._claims("claims_listed", {**_paired(places), "as_of": as_of})

    def newest_for(self, newest: Newest, as_of: int) -> tuple[list[Standing], list[Floor]]:
        """Return the newest claims of each source, and where each source was cut off, if it was."""
        return _newest(self._fetch(_SQL["claims_newest"], {**newest.asked(), "as_of": as_of}))

    def newest_of(self, newest: Newest, floors: Sequence[Floor], as_of: int) -> tuple[list[Standing], list[Floor]]:
        """Return as `newest_for` does, but of those alone whom these floors cut off."""
        return _newest(self._fetch(_SQL["claims_newest"], {**newest.of(floors), "as_of": as_of}))

    def below(self, floors: Sequence[Floor]) -> list[Floor]:
        """Return the floors with what is known of the claims below them."""
        return looked_below(floors, self._fetch(_SQL["claims_below"], places_of(floors))) if floors else []

    def kin_of(self, standing: Standing, as_of: int) -> list[Standing]:
        """Return the kin of a claim that need not be recorded."""
        return [one for one in self.with_kin([standing], as_of) if one.claim.id != standing.claim.id]

    def with_kin(self, asked: Iterable[Standing], as_of: int) -> list[Standing]:
        """Return the claims with their kin (see `claims_for`)."""
        found = {one.claim.id: one for one in asked}
        roots = set(found)
        fresh = roots
        while fresh:
            earlier = [one for one in self.claims_replaced_by(fresh, as_of) if one.claim.id not in roots]
            found.update((one.claim.id, one) for one in earlier)
            fresh = {one.claim.id for one in earlier}
            roots = roots | fresh
        if roots:
            found.update((one.claim.id, one) for one in self.claims_naming(roots, as_of))
        wanted = _named_by(found.values()) - found.keys()
        while wanted:
            further = self.claims_named(wanted, as_of)
            found.update((one.claim.id, one) for one in further)
            wanted = _named_by(further) - found.keys()
        return sorted(found.values(), key=lambda one: one.recorded)

    def claims_of_source(self, source: str, as_of: int) -> list[Standing]:
        """Return what the source said, as first link of the chain."""
        return self._claims("claims_of_source", {"source": source, "as_of": as_of})

    def claims_of_story(self, story: str, as_of: int) -> list[Standing]:
        """Return the claims that were recorded for the story."""
        return self._claims("claims_of_story", {"story": story, "as_of": as_of})

    def search(self, search: Search, after: int, as_of: int, limit: int) -> list[Standing]:
        """Return at most `limit` claims that fit, behind the one at position `after` (0: from the first on)."""
        last = min(as_of, after - 1) if search.newest and after else as_of
        asked: dict[str, object] = {"after": after, "as_of": last, "limit": limit}
        if search == Search(location=search.location, newest=search.newest) and search.location is not None:
            name = "search_place_newest" if search.newest else "search_place"
            return self._claims(name, {**asked, "location": search.location})
        statements = None if search.words is None else self._texts_with(search.words)
        filters: dict[str, object] = {
            "location": search.location,
            "aspect": search.aspect,
            "subject": search.subject,
            "source": search.source,
            "story": search.story,
            "tag": search.tag,
            "words": search.words if statements is None else None,
            "statements": statements,
        }
        return self._claims("search_newest_claims" if search.newest else "search_claims", {**filters, **asked})

    def _texts_with(self, words: str) -> list[str] | None:
        """Return the hashes of the texts that have these words; None if there are very many."""
        rows = self._fetch(_SQL["texts_with"], {"words": words, "limit": _FEW_TEXTS + 1})
        return None if len(rows) > _FEW_TEXTS else [str(sha256) for (sha256,) in rows]

    def remarks_on(self, locations: Iterable[str], as_of: int, limit: int) -> list[Standing]:
        """Return the first `limit` claims of each of the locations that are remarks on it (tagged `meta`)."""
        return self._claims("remarks_on", {"locations": list(locations), "as_of": as_of, "limit": limit})

    def questions_of_source(self, source: str, as_of: int) -> list[Spoken]:
        """Return the questions that the source spoke of, in the order in which it first did, as counted then."""
        rows = self._fetch(_SQL["questions_of_source"], {"source": source, "as_of": as_of})
        return [stances.projection.thaw(str(state)) for _, state in rows]

    def questions_of_story(self, story: str, as_of: int) -> list[Gathered]:
        """Return the questions that the story gathered, oldest first; `Gathered.followed` tells which it follows."""
        rows = self._fetch(_SQL["questions_of_story"], {"story": story, "as_of": as_of})
        return [stories.projection.thaw(str(state)) for _, state in rows]

    def questions_known(
        self, as_of: int, locations: Iterable[str] | None = None, aspect: str | None = None
    ) -> list[Question]:
        """Return every question that somebody was heard on, of these locations and this aspect if they are given."""
        asked = {"as_of": as_of, "locations": None if locations is None else list(locations), "aspect": aspect}
        rows = self._fetch(_SQL["questions_known"], asked)
        return [Question(location=location, aspect=name, subject=subject) for location, name, subject in rows]

    def questions_spoken(self, locations: Iterable[str], aspects: Iterable[str], as_of: int) -> dict[Question, int]:
        """Return the questions of these locations, and on these aspects, with the position of their first claim."""
        asked = {"as_of": as_of, "locations": list(locations), "aspects": list(aspects)}
        rows = self._fetch(_SQL["questions_spoken"], asked)
        return {Question(location=place, aspect=name, subject=subject): int(at) for place, name, subject, at in rows}

    def editions_of_story(self, story: str, as_of: int) -> list[Published]:
        """Return the editions of the story, by number."""
        rows = self._fetch(_SQL["editions_of_story"], {"story": story, "as_of": as_of})
        return [editions.projection.thaw(str(state)) for (state,) in rows]

    def editions_page(self, as_of: int, story: str | None, after: int = 0, limit: int | None = None) -> list[Published]:
        """Return at most `limit` editions of the story, or of all, published behind position `after`, in that order."""
        asked = {"as_of": as_of, "story": story, "after": after, "limit": limit}
        return [editions.projection.thaw(str(state)) for (state,) in self._fetch(_SQL["editions_page"], asked)]

    def editions_newest(self, as_of: int, story: str | None, after: int, limit: int) -> list[Published]:
        """Return at most `limit` editions, the last published first: those before position `after`, all if it is 0."""
        asked = {"as_of": as_of, "story": story, "after": after, "limit": limit}
        return [editions.projection.thaw(str(state)) for (state,) in self._fetch(_SQL["editions_newest"], asked)]

    def editions_touched(self, as_of: int, story: str | None) -> list[Published]:
        """Return the editions that may be affected, of the story or of all; the picture has to have reached `as_of`."""
        asked = {"as_of": as_of, "story": story, "policy": DEFAULT}
        return [editions.projection.thaw(str(state)) for (state,) in self._fetch(_SQL["editions_touched"], asked)]

    def editions_relying_on(self, claim_ids: Iterable[str], questions: Iterable[str]) -> list[Published]:
        """Return the editions that cite one of the claims, or rely on a belief on one of the questions (by name)."""
        asked = {"claims": list(claim_ids), "questions": list(questions)}
        return [editions.projection.thaw(str(state)) for (state,) in self._fetch(_SQL["editions_relying_on"], asked)]

    def assessments_on(self, places: Places, as_of: int) -> list[Assessed]:
        """Return the verdicts on these aspects of these locations, as they were at `as_of`."""
        rows = self._fetch(_SQL["assessments_on"], {**_paired(places), "as_of": as_of})
        return [assessments.projection.thaw(str(state)) for (state,) in rows]

    def _claims(self, statement: str, params: Params) -> list[Standing]:
        return [claims.projection.thaw(str(state)) for (state,) in self._fetch(_SQL[statement], params)]


def _newest(rows: list[Row]) -> tuple[list[Standing], list[Floor]]:
    found = [(claims.projection.thaw(str(state)), bool(more)) for state, more in rows]
    return [one for one, _ in found], floors_of(found)


def _paired(places: Places) -> dict[str, list[str]]:
    pairs = sorted(set(places))
    return {"locations": [location for location, _ in pairs], "aspects": [aspect for _, aspect in pairs]}


def _named_by(standings: Iterable[Standing]) -> set[str]:
    """Return the claims that these are related to or were corrected into."""
    named: set[str] = set()
    for one in standings:
        named.update(relation.claim for relation in one.claim.relations)
        named.update(asserted.relation.claim for asserted in one.relations)
        if one.ending and one.ending.replacement:
            named.add(one.ending.replacement)
    return named
