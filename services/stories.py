"""A story's picture, how it changed, and which published editions relied on what has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Outcome
from domain.claims import Question
from domain.entries import Story
from services.beliefs import Beliefs
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Page, Query
from services.errors import BadQuery, UnknownThing, Wrong
from services.facts import Facts
from services.shown import Json, entry_json
from services.sources import page_of

ABSENT = ("unreported", "retracted")
"""Agreements under which nothing is said of a question any more, or not yet."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Which changes of a timeline are wanted: positions in (after, upto], and of these questions only."""

    after: int = 0
    upto: int | None = None
    location: str | None = None
    aspect: str | None = None

    def wants(self, question: Question) -> bool:
        """Tell whether changes of the question are wanted."""
        return self.location in (None, question.location) and self.aspect in (None, question.aspect)


class Stories:
    """Answers questions about stories."""

    def __init__(self, facts: Facts, cuts: Cuts, beliefs: Beliefs, changes: ChangeFinder) -> None:
        self._facts = facts
        self._changes = changes
        self._cuts = cuts
        self._beliefs = beliefs

    def stories(self, after: str, limit: int, query: Query) -> Answer[Page]:
        """Return the stories by slug."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        found = {slug: story for slug in tuple(view.registry.stories) if (story := view.story(slug)) is not None}
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
                {"number": one.edition.number, "title": one.edition.title, "position": one.position} for one in editions
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

    def timeline(self, slug: str, query: Query, wanted: Changes | None = None) -> Answer[list[Json]]:
        """Return the changes of the story's picture, in the order in which they came about."""
        _, cutting = self.cut(slug, query)
        changes = wanted or Changes()
        upto = cutting.position if changes.upto is None else min(changes.upto, cutting.position)
        rows: list[tuple[int, Json]] = []
        for question in self.questions(slug, cutting.position):
            if changes.wants(question):
                found = self._changes.all(question, cutting, changes.after, upto)
                shown = self._beliefs.transitions_json(question, found)
                rows += [(one.position, body) for one, body in zip(found, shown, strict=True)]
        rows.sort(key=lambda row: row[0])
        return cutting.answer([body for _, body in rows])

    def diff(self, slug: str, start: str, end: str, query: Query) -> Answer[Json]:
        """Return what appeared, changed and went between two cuts, each with the events that brought it about.

        A cut is a position, an instant, or `edition/N`: the position that the edition pinned.
        """
        before = self._cut_named(slug, "from", start, query)
        after = self._cut_named(slug, "to", end, query)
        if before.position > after.position:
            raise BadQuery([Wrong("to", f"position {after.position} lies before {before.position}", "a later cut")])
        found = list(self._differences(slug, before, after))
        body: Json = {
            "story": slug,
            "from": {"cut": start, "position": before.position},
            "to": {"cut": end, "position": after.position},
            **{kind: [row for its, row in found if its == kind] for kind in ("appeared", "changed", "gone")},
        }
        return replace(after.answer(body), immutable=before.timeless and after.immutable)

    def _differences(self, slug: str, before: Cutting, after: Cutting) -> Iterator[tuple[str, Json]]:
        for question in self.questions(slug, after.position):
            found = self._changes.all(question, after, before.position, after.position)
            if not found or found[0].before == found[-1].after:
                continue
            row: Json = {
                "question": question_json(question),
                "before": outcome_json(found[0].before),
                "after": outcome_json(found[-1].after),
                "because": self._beliefs.transitions_json(question, found),
            }
            yield _kind_of(found[0].before, found[-1].after), row

    def cut(self, slug: str, query: Query, reading: tuple[str, ...] = ()) -> tuple[Story, Cutting]:
        """Return the story and the cut, its dates read in the story's time zone. Raises UnknownThing."""
        now = self._facts.reached(query.at_least, 0)
        known = self._facts.registry(now).stories.get(slug)
        latest = known.history[-1][1] if known and known.history else None
        cutting = self._cuts.cut(query, latest.tz if latest else None, ("stories", "editions", *reading))
        story = self._facts.view(cutting.position).story(slug)
        if story is None:
            raise UnknownThing("story", slug)
        return story, cutting

    def _cut_named(self, slug: str, name: str, cut: str, query: Query) -> Cutting:
        if cut.startswith("edition/"):
            cut = str(self._pinned(slug, name, cut.removeprefix("edition/")))
        try:
            return self.cut(slug, replace(query, as_of=cut))[1]
        except BadQuery as error:
            # The caller has never heard of `as_of` here.
            told = [replace(one, parameter=name) if one.parameter == "as_of" else one for one in error.wrong]
            raise BadQuery(told) from None

    def _pinned(self, slug: str, name: str, number: str) -> int:
        for one in self._facts.views.editions_of_story(slug, 2**62):
            if str(one.edition.number) == number:
                return one.edition.as_of
        raise BadQuery([Wrong(name, f"the story has no edition {number!r}", "edition/N, a position or an instant")])

    def _revisions(self, slug: str) -> Sequence[tuple[int, object]]:
        return self._facts.registry(0).stories[slug].history

    def questions(self, slug: str, position: int) -> list[Question]:
        """Return the questions that the story follows: those it declares, and those that its claims brought in."""
        revised = max((at for at, _ in self._revisions(slug) if at <= position), default=None)
        gathered = self._facts.views.questions_of_story(slug, position)
        return [one.question for one in gathered if one.followed(revised)]


def _kind_of(before: Outcome, after: Outcome) -> str:
    if before.agreement in ABSENT:
        return "appeared"
    return "gone" if after.agreement in ABSENT else "changed"
