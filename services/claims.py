"""A claim can be looked up with all that became of it, and claims can be searched, by words too."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from domain.belief.words import times_of
from domain.claims import Claim
from domain.registry_view import RegistryView
from domain.standing import Standing
from domain.times import show
from services.cuts import Answer, Cuts, Page, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, hashes_of, standing_json
from services.store.asking import Search
from services.store.event_log import EventLog
from services.texts import Texts

_NEVER_IMMUTABLE = False
"""A text that the law forces out must go from every cache too, so nobody is told to keep an answer with texts."""


class Claims:
    """Answers questions about claims."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts, texts: Texts) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts
        self._texts = texts

    def claim(self, claim: str, query: Query) -> Answer[Json]:
        """Return one claim, when and by whom it was recorded, how its times are read, who names it, what was erased.

        Raises UnknownThing if it was not recorded by then.
        """
        cutting = self._cuts.cut(query)
        found = self._facts.views.claims_named([claim], cutting.position)
        if not found:
            raise UnknownThing("claim", claim)
        view = self._facts.view(cutting.position)
        body = self._shown(found, cutting.position)[0]
        recorded = self._log.at(found[0].recorded)
        body["recorded"] = show(recorded.recorded) if recorded else None
        body["recorded_by"] = recorded.by if recorded else None
        ended = found[0].ended_by(cutting.position)
        if ended and (event := self._log.at(ended.position)):
            recording = {"recorded": show(event.recorded), "recorded_by": event.by}
            body["ending"] = {**cast("Json", body["ending"]), **recording}
        body["intervals"] = intervals_json(view, found[0].claim)
        body["named_by"] = [
            {"claim": other.claim.id, "type": relation.type}
            for other in self._facts.views.claims_naming([claim], cutting.position)
            for relation in other.related(cutting.position)
            if relation.claim == claim
        ]
        body["replaces"] = [one.claim.id for one in self._facts.views.claims_replaced_by([claim], cutting.position)]
        body["erased"] = self._texts.erased(hashes_of([found[0].claim]))
        return Answer(body, cutting.position, _NEVER_IMMUTABLE)

    def search(self, search: Search, after: int, limit: int, query: Query) -> Answer[Page]:
        """Return claims that fit every filter, in the order in which they were recorded, or the newest first.

        `after` is the position to go on behind, 0 for the first page.
        """
        cutting = self._cuts.cut(query)
        found = self._facts.views.search(search, after, cutting.position, limit + 1)
        rows = self._shown(found[:limit], cutting.position)
        following = found[limit - 1].recorded if len(found) > limit else None
        return Answer(Page(rows, following), cutting.position, _NEVER_IMMUTABLE)

    def named(self, claims: Collection[str], query: Query) -> list[Json]:
        """Return these claims, in the order in which they were recorded; raises what `Cuts.cut` raises."""
        position = self._cuts.cut(query).position
        found = self._facts.views.claims_named(claims, position) if claims else []
        return self._shown(sorted(found, key=lambda one: one.recorded), position)

    def _shown(self, found: list[Standing], position: int) -> list[Json]:
        texts = self._log.texts(hashes_of(one.claim for one in found))
        return [standing_json(one, texts, position) for one in found]


def intervals_json(view: RegistryView, claim: Claim) -> list[Json]:
    """Return how the claim's valid time is read on its own question and on those that it implies."""
    names = [claim.question.aspect]
    aspect = view.aspect(claim.question.aspect)
    for rule in aspect.implies if aspect else ():
        if claim.polarity == "asserts" and claim.value in rule.values:
            names.append(rule.aspect)
    found: list[Json] = []
    for name in dict.fromkeys(names):
        known = view.aspect(name)
        if known is not None:
            interval, _ = times_of(claim, known)
            found.append({"aspect": name, "from": show(interval.start), "to": show(interval.end)})
    return found
