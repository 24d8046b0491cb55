"""A source is shown with its ties, with what it says now and said before, and with its record and the denominator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.belief.explain import question_json, value_json
from domain.belief.record import Entry, record_of
from domain.belief.stances import stances
from domain.registry_view import RegistryView
from domain.values import Interest
from services.called import called
from services.cases import source_case
from services.cuts import Answer, Cuts, Page, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, entry_json

INTERESTS: tuple[Interest, ...] = ("self", "adverse", "neutral", "unknown")


class Sources:
    """Answers questions about sources."""

    def __init__(self, facts: Facts, cuts: Cuts) -> None:
        self._facts = facts
        self._cuts = cuts

    def sources(self, after: str, limit: int, query: Query, name: str | None = None) -> Answer[Page]:
        """Return the registered sources by slug, or those that are so called: see `services.called`."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        fits = called(name)
        known = [
            slug
            for slug in tuple(view.registry.sources)
            if (source := view.source(slug)) is not None and fits((slug, source.name))
        ]
        slugs, following = page_of(known, after, limit)
        return Answer(Page([self._shown(view, slug) for slug in slugs], following), cutting.position, cutting.timeless)

    def source(self, slug: str, query: Query) -> Answer[Json]:
        """Return one source with its ties, leans and ratings. Raises UnknownThing."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        if view.source(slug) is None:
            raise UnknownThing("source", slug)
        return Answer(self._shown(view, slug), cutting.position, cutting.timeless)

    def _shown(self, view: RegistryView, slug: str) -> Json:
        registry, position = view.registry, view.position
        source = view.source(slug)
        edges = [registry.edges[name] for name in registry.edges_of.get(slug, ())]
        ratings = [(at, rating) for at, rating in registry.ratings.get(slug, ()) if at <= position]
        return {
            **(entry_json(source) if source else {}),
            "affiliations": [
                {
                    **entry_json(edge.affiliation),
                    "ended": None
                    if edge.end is None or edge.end.position > position
                    else {"position": edge.end.position, "at": entry_json(edge.end.at) if edge.end.at else None},
                }
                for edge in edges
                if edge.position <= position
            ],
            "leans": [{"towards": towards} for towards in view.leans(slug)],
            "ratings": [entry_json(rating) for _, rating in ratings],
            "revised": max(
                (at for at, _ in (*registry.sources[slug].history, *ratings) if at <= position), default=None
            ),
        }

    def stances(self, slug: str, query: Query) -> Answer[Json]:
        """Return what the source says on every question it spoke on, and said before; and how often it took back."""
        cutting = self._cuts.cut(query)
        if self._facts.view(cutting.position).source(slug) is None:
            raise UnknownThing("source", slug)
        case = source_case(self._facts.views, self._facts.registry(cutting.position), slug, cutting.position)
        rows: list[Json] = [
            {
                "question": question_json(stance.question),
                "polarity": stance.polarity,
                "value": value_json(stance.value),
                "claim": stance.claim,
                "implied": stance.implied,
                "earlier": list(stance.earlier),
                "reversals": stance.reversals,
            }
            for stance in stances(case.at(cutting.position), slug, cutting.at)
        ]
        ended = [
            {"claim": one.claim.id, "question": question_json(one.claim.question), **entry_json(ending)}
            for one in case.standings.values()
            if (ending := one.ended_by(cutting.position)) is not None
        ]
        body: Json = {"source": slug, "claims": len(case.standings), "stances": rows, "ended": ended}
        return cutting.answer(body)

    def record(self, slug: str, query: Query) -> Answer[Json]:
        """Return how the source's outright claims fared once their questions were settled."""
        cutting = self._cuts.cut(query, reading=("stances",))
        if self._facts.view(cutting.position).source(slug) is None:
            raise UnknownThing("source", slug)
        spoken = self._facts.views.questions_of_source(slug, cutting.position)
        view = self._facts.view(cutting.position)
        questions = {one.question for one in spoken}
        for question in tuple(questions):
            aspect = view.aspect(question.aspect)
            questions |= {
                question.model_copy(update={"aspect": rule.aspect, "subject": None})
                for rule in (aspect.implies if aspect else ())
            }
        case = self._facts.case(questions, cutting.position)
        record = record_of(case, slug, cutting.position, cutting.policy)
        body: Json = {
            "source": slug,
            "policy": cutting.policy.name,
            "hard_claims": record.hard_claims,
            **record.tally(),
            "by_interest": {interest: record.tally(interest) for interest in INTERESTS},
            "entries": [_entry_json(entry) for entry in record.entries],
        }
        return replace(cutting.answer(body), immutable=cutting.timeless)


def _entry_json(entry: Entry) -> Json:
    return {
        "claim": entry.claim,
        "question": question_json(entry.question),
        "interest": entry.interest,
        "agreed": entry.agreed,
        "first": entry.first,
        "lead_seconds": entry.lead_seconds,
    }


def page_of(known: Iterable[str], after: str, limit: int) -> tuple[list[str], str | None]:
    """Return at most `limit` names behind `after` in order, and the last of them if there are more."""
    found = sorted(name for name in known if name > after)
    return found[:limit], found[limit - 1] if len(found) > limit else None
