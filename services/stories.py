"""A story is known by the questions that it follows, what is believed of them, and the editions that came out."""

from __future__ import annotations

from collections.abc import Sequence

from domain.belief.explain import question_json
from domain.claims import Question
from domain.entries import Story
from domain.registry import Registry
from services.beliefs import Beliefs
from services.called import called
from services.cuts import Answer, Cuts, Cutting, Page, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json, entry_json
from services.sources import page_of


class Stories:
    """Answers questions about stories."""

    def __init__(self, facts: Facts, cuts: Cuts, beliefs: Beliefs) -> None:
        self._facts = facts
        self._cuts = cuts
        self._beliefs = beliefs

    def stories(self, after: str, limit: int, query: Query, name: str | None = None) -> Answer[Page]:
        """Return the stories by slug, or those that are so called: see `services.called`."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        fits = called(name)
        found = {
            slug: story
            for slug in tuple(view.registry.stories)
            if (story := view.story(slug)) is not None and fits((slug, story.title))
        }
        slugs, following = page_of(found, after, limit)
        return Answer(Page([entry_json(found[slug]) for slug in slugs], following), cutting.position, cutting.timeless)

    def story(self, slug: str, query: Query) -> Answer[Json]:
        """Return the story with the questions that it follows and its editions. Raises UnknownThing."""
        story, cutting = self.cut(slug, query)
        editions = self._facts.views.editions_of_story(slug, cutting.position)
        body: Json = {
            **entry_json(story),
            "follows": [question_json(question) for question in self.questions(slug, cutting.position)],
            "editions": [
                {
                    "number": one.edition.number,
                    "title": one.edition.title,
                    "position": one.position,
                    "as_of": one.edition.as_of,
                }
                for one in editions
            ],
            "revised": max(
                *(at for at, _ in self._revisions(slug) if at <= cutting.position),
                *(one.position for one in editions),
                0,
            ),
        }
        return Answer(body, cutting.position, cutting.timeless)

    def beliefs(self, slug: str, query: Query) -> Answer[list[Json]]:
        """Return the picture: the beliefs on the questions that the story follows, in short."""
        _, cutting = self.cut(slug, query)
        rows = self._beliefs.short(self.questions(slug, cutting.position), cutting)
        return cutting.answer(rows)

    def cut(self, slug: str, query: Query, reading: tuple[str, ...] = ()) -> tuple[Story, Cutting]:
        """Return the story and the cut, its dates read in the story's time zone. Raises UnknownThing."""

        def zone(registry: Registry) -> str | None:
            known = registry.stories.get(slug)
            latest = known.history[-1][1] if known and known.history else None
            return latest.tz if latest else None

        cutting = self._cuts.cut(query, zone, ("stories", "editions", *reading))
        story = self._facts.view(cutting.position).story(slug)
        if story is None:
            raise UnknownThing("story", slug)
        return story, cutting

    def scope(
        self, slug: str | None, query: Query, reading: tuple[str, ...]
    ) -> tuple[Cutting, Sequence[Question] | None]:
        """Return the cut and the questions that a story follows; with None for the story, None: any question.

        Raises UnknownThing, and what `Cuts.cut` raises.
        """
        if slug is None:
            return self._cuts.cut(query, reading=reading), None
        cutting = self.cut(slug, query, reading)[1]
        return cutting, self.questions(slug, cutting.position)

    def _revisions(self, slug: str) -> Sequence[tuple[int, object]]:
        return self._facts.registry(0).stories[slug].history

    def questions(self, slug: str, position: int) -> list[Question]:
        """Return the questions that the story follows: those it declares, and those that its claims brought in."""
        revised = max((at for at, _ in self._revisions(slug) if at <= position), default=None)
        gathered = self._facts.views.questions_of_story(slug, position)
        return [one.question for one in gathered if one.followed(revised)]
